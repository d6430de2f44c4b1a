// The FILE part of probes on user-space code.
#pragma once

#include "probes/provider.h"

namespace trapline::probes {

// The files that `file` stands for: a path, a name looked up in PATH or as a library, a wildcard. Empty or `*`: every
// file that the process of -p runs code from. Reports when there are none; then the result is empty.
std::vector<std::string> files_named(const Provider&, const Spec&, size_t part, const std::string& file, const ExpandOptions&,
                                     const System&, Diagnostics&);

// Since glibc 2.34 libpthread, libdl, librt and libutil are empty shells and their functions live in libc. Whether a file
// has the name of one.
bool may_have_moved(std::string_view path);
// The libc beside such a shell, or the machine's; nullopt when `symbols`, those of `path`, are of a library that holds functions.
std::optional<std::string> library_moved_to(const std::string& path, const std::vector<ElfSymbol>& symbols,
                                            const ExpandOptions&, const System&);
// Says so, once per file however many probes follow.
void report_moved(const std::string& from, const std::string& to, Span, Diagnostics&);

} // namespace trapline::probes
