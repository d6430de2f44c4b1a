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

ARGUMENTS are the script's $1, $2, ... and, after --, its named parameters:
    trapline script.bt 99 -- --name=value --flag
    trapline script.bt -- --help            show what the script takes

Options:
    -e PROGRAM          run this text
    -p, --pid PID       trace this process; end when it does
    -c, --cmd COMMAND   run COMMAND, trace it; end when it does
        --duration TIME end after 10, 10s, 500ms, 1m: as by Ctrl-C
    -l, --list          list probes and types: all, those that match PATTERN
                        ('*sleep*', 'struct task_*'), or those of a program
    -o, --output FILE   write what the script prints to FILE
    -f FORMAT           output format: text (default), json
    -B MODE             output buffering: line (default), full, none
    -q, --quiet         do not say how many probes were attached
    -v, --verbose       say more: with -l parameters, on a refusal the kernel's whole answer
        --unsafe        allow functions that change the system: system(), signal()
    -k, --warnings      also report reads of memory and maps that fail
        --no-warnings   do not print warnings
    -I DIR              look for the script's #include files there
        --include FILE  include FILE before the script
        --debuginfo DIR[:DIR]
                        look there for separate debug files
        --probe-filter REGEX
                        attach only probes whose name matches
        --dry-run       compile, load and attach, then end
        --fmt           lay the script out anew, to standard output or to -o FILE; nothing is run
        --info          show what this system supports
    -h, --help          show this text
    -V, --version       show the version

Modes:
        --test          run the script's test probes
        --bench         run the script's bench probes
        --fmt           print the script formatted, or into the file of -o
        --mode MODE     codegen (compile only), compiler-bench, test, bench, format

Kernel:
        --no-feature LIST
                        do without kprobe_multi, kprobe_session, uprobe_multi
        --traceable-functions FILE
                        take the functions that can be traced from FILE
        --dwarf-pid PID read unwind tables of this process too
        --usdt-file-activation
                        accepted; the kernel keeps count of USDT semaphores
    -b, --btf           accepted; BTF is always used

Looking inside:
        --dump=STAGE    print what a stage makes and end: ast, sema, program, ir, asm
    -d, --debug STAGES  print on the way: ast, types, codegen, codegen-opt, dis, libbpf, verifier, all
        --emit-elf FILE write the BPF object to FILE
        --emit-llvm FILE
                        write LLVM IR to FILE.original.ll and FILE.optimized.ll
        --verify-llvm-ir
                        let LLVM check the generated code

Environment:
    BPFTRACE_COLOR      auto (default), always, never
    BPFTRACE_KEY        a configuration key of the script in upper case; overrides it

Examples:
    trapline -l '*sleep*'
    trapline -e 'tracepoint:raw_syscalls:sys_enter { @[comm] = count(); }'
    trapline -e 'tracepoint:syscalls:sys_enter_openat { printf("%s %s\n", comm, str(args.filename)); }'
    trapline -e 'profile:hz:99 { @[ustack] = count(); }' -p 189 --duration 10s
)";
}

} // namespace trapline::cli
