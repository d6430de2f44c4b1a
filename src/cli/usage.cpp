// What -h prints.
#include "cli/options.h"

namespace trapline::cli {

std::string version() { return "trapline v" TRAPLINE_VERSION; }

std::string usage() {
  return R"(Usage:
    trapline [OPTIONS] FILE [ARGUMENTS]     run the script in FILE; - reads standard input
    trapline [OPTIONS] -e PROGRAM [ARGUMENTS]
    trapline -l [PATTERN | FILE | -e PROGRAM]
    trapline --fmt [-o FILE] FILE           print the script in a uniform layout

Options:
    -e PROGRAM          run this text
    -p, --pid PID       trace this process; end when it does
    -c, --cmd COMMAND   run COMMAND, trace it; end when it does
    -l, --list          list probes: all, those that match PATTERN, or those of a program
    -o, --output FILE   write what the script prints to FILE
    -f FORMAT           output format: text (default), json
    -B MODE             output buffering: line (default), full, none
    -q, --quiet         do not say how many probes were attached
    -v, --verbose       say more: with -l parameters, on a refusal the kernel's whole answer
        --unsafe        allow functions that change the system: system(), signal()
        --no-warnings   do not print warnings
    -k, --warnings      accepted for compatibility; run-time warnings are on
        --dry-run       compile, load and attach, then end
        --fmt           lay the script out anew, to standard output or to -o FILE; nothing is run
        --info          show what this system supports
    -h, --help          show this text
    -V, --version       show the version

Looking inside:
        --dump=STAGE    print what a stage makes and end: ast, sema, program, ir, asm
    -d, --debug STAGES  print on the way: ast, types, codegen, codegen-opt, dis, libbpf, verifier, all

Examples:
    trapline -l '*sleep*'
    trapline -e 'tracepoint:raw_syscalls:sys_enter { @[comm] = count(); }'
    trapline -e 'tracepoint:syscalls:sys_enter_openat { printf("%s %s\n", comm, str(args.filename)); }'
    trapline -e 'profile:hz:99 { @[ustack] = count(); }' -p 189
)";
}

} // namespace trapline::cli
