// The members of `args` of a tracepoint, from the C declarations of its format.
#pragma once

#include "probes/provider.h"

namespace trapline::probes {

// The type that a C declaration without a name stands for ("const char *", "pid_t", "struct sockaddr *"); pointers point
// into `space`. `size` and `is_signed` decide where the type is not known.
Type declared_type(std::string_view text, uint32_t size, bool is_signed, AddressSpace space, const TypeSource&);

// A field of the record that a tracepoint program finds in its context.
ArgsField record_field(const TracepointField&, AddressSpace, const TypeSource&);

// "    const char * filename", as listings show it.
std::string describe(const TracepointField&);

} // namespace trapline::probes
