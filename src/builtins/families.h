// The families of builtins: each file offers its rows, registry.cpp gathers them. And what their checks share.
#pragma once

#include "builtins/builtin.h"

#include <string>
#include <vector>

namespace trapline::builtins {

std::vector<Builtin> context_rows();     // pid, comm, nsecs, args, ...
std::vector<Builtin> output_rows();      // printf, time, join, ...
std::vector<Builtin> printing_rows();    // print, quantile
std::vector<Builtin> control_rows();     // exit, clear, delete, signal, ...
std::vector<Builtin> aggregation_rows(); // count, hist, ...
std::vector<Builtin> series_rows();      // tseries
std::vector<Builtin> stack_rows();       // kstack, usym, reg, ...
std::vector<Builtin> string_rows();      // str, buf, strncmp, ...
std::vector<Builtin> network_rows();     // ntop, macaddr, bswap
std::vector<Builtin> name_rows();        // strerror, signal_name, open_flags, ...
std::vector<Builtin> task_rows();        // ppid, leader_comm, ...
std::vector<Builtin> symbol_rows();      // percpu_kaddr, kfunc_exist, is_err, ...
std::vector<Builtin> type_query_rows();  // is_str, is_ptr, ...
std::vector<Builtin> assertion_rows();   // assert, static_assert, fail, debugf
std::vector<Builtin> signal_rows();      // signal, signal_thread
std::vector<Builtin> kernel_object_rows(); // cgroup_path, socket_cookie, path, override, write_user, ...

// BPF_PROG_TYPE_*.
uint32_t kernel_program_type(ProgramType);

// Whether an argument is `args.x`, a pointer to `structure` that the verifier knows ("struct sock").
bool is_tracked_argument(const Check&, const Check::Argument&, std::string_view structure);
std::vector<Builtin> parameter_rows();   // getopt

// Reports that `name` makes no sense at this kind of probe; `why` may be empty or start with ": ".
Type not_in_probe(const Check&, std::string_view why = {});

} // namespace trapline::builtins
