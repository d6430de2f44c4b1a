// Folders of headers: the user's, the machine's, the kernel's.
#include "cdefs/include_paths.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace trapline {

namespace {

// First parts of paths below the kernel's include folder.
constexpr auto kKernelFolders = std::to_array<std::string_view>(
    {"asm", "asm-generic", "crypto", "drm", "keys", "kvm", "linux", "net", "rdma", "scsi", "sound", "trace", "uapi", "xen"});
// What the C library has in folders of the same names.
constexpr auto kLibraryHeaders = std::to_array<std::string_view>(
    {"net/ethernet.h", "net/if.h", "net/if_arp.h", "net/if_packet.h", "net/if_ppp.h", "net/if_shaper.h", "net/if_slip.h", "net/ppp-comp.h",
     "net/ppp_defs.h", "net/route.h", "scsi/scsi.h", "scsi/scsi_ioctl.h", "scsi/sg.h"});

} // namespace

bool is_kernel_header(std::string_view name) {
  size_t slash = name.find('/');
  if (slash == std::string_view::npos || std::ranges::find(kLibraryHeaders, name) != kLibraryHeaders.end()) return false;
  return std::ranges::find(kKernelFolders, name.substr(0, slash)) != kKernelFolders.end();
}

namespace clang {

namespace {

constexpr const char* kFolderInMemory = "/trapline/include";

constexpr auto kBuiltinHeaders = std::to_array<BuiltinHeader>({
    {"/trapline/include/stddef.h",
     "#pragma once\ntypedef __SIZE_TYPE__ size_t;\ntypedef __PTRDIFF_TYPE__ ptrdiff_t;\ntypedef __WCHAR_TYPE__ wchar_t;\n"
     "#undef NULL\n#define NULL ((void *)0)\n#define offsetof(type, member) __builtin_offsetof(type, member)\n"},
    {"/trapline/include/stdarg.h", "#pragma once\ntypedef __builtin_va_list va_list;\ntypedef __builtin_va_list __gnuc_va_list;\n"},
    {"/trapline/include/stdbool.h", "#pragma once\n#define bool _Bool\n#define true 1\n#define false 0\n"},
    {"/trapline/include/limits.h",
     "#pragma once\n#define CHAR_BIT 8\n#define SCHAR_MAX 127\n#define SCHAR_MIN (-128)\n#define UCHAR_MAX 255\n#define CHAR_MAX 127\n"
     "#define CHAR_MIN (-128)\n#define SHRT_MAX 32767\n#define SHRT_MIN (-32768)\n#define USHRT_MAX 65535\n"
     "#define INT_MAX __INT_MAX__\n#define INT_MIN (-INT_MAX - 1)\n#define UINT_MAX (INT_MAX * 2U + 1U)\n"
     "#define LONG_MAX __LONG_MAX__\n#define LONG_MIN (-LONG_MAX - 1L)\n#define ULONG_MAX (LONG_MAX * 2UL + 1UL)\n"},
    {"/trapline/include/stdalign.h", "#pragma once\n#define alignas _Alignas\n#define alignof _Alignof\n"},
});

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

// A kernel's headers may be split in two trees: the source, and what its build generated.
struct KernelTrees {
  std::string source, build;
};

KernelTrees find_kernel_trees() {
  auto from_environment = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value ? value : "");
  };
  KernelTrees trees{from_environment("BPFTRACE_KERNEL_SOURCE"), from_environment("BPFTRACE_KERNEL_BUILD")};
  utsname names{};
  if (trees.source.empty() && trees.build.empty() && uname(&names) == 0) {
    const std::string modules = fmt::format("/lib/modules/{}/", names.release);
    trees.source = modules + "source";
    trees.build = modules + "build";
  }
  if (!exists(trees.source + "/include/linux")) trees.source = trees.build;
  if (trees.build.empty() || !exists(trees.build + "/include")) trees.build = trees.source;
  return trees;
}

#if defined(__x86_64__)
constexpr std::string_view kArchitecture = "x86";
#elif defined(__aarch64__)
constexpr std::string_view kArchitecture = "arm64";
#else
#error "which folder of the kernel's arch/ is this machine's?"
#endif

void add_kernel(std::vector<std::string>& arguments) {
  const KernelTrees trees = find_kernel_trees();
  if (!exists(trees.source + "/include/linux")) return;
  for (const char* folder : {"include", "include/generated", "include/uapi", "include/generated/uapi"}) {
    for (const std::string& tree : {trees.source, trees.build}) {
      arguments.push_back(fmt::format("-isystem{}/arch/{}/{}", tree, kArchitecture, folder));
      arguments.push_back(fmt::format("-isystem{}/{}", tree, folder));
    }
  }
  for (const std::string& tree : {trees.source, trees.build}) {
    const std::string kconfig = tree + "/include/linux/kconfig.h";
    if (!exists(kconfig)) continue;
    arguments.insert(arguments.end(), {"-include", kconfig});
    break;
  }
  // As the kernel's own build has it, without inline assembly that only its compiler takes.
  for (const char* macro : {"-D__KERNEL__", "-D__BPF_TRACING__", "-DKBUILD_MODNAME=\"trapline\"", "-D__HAVE_BUILTIN_BSWAP16__",
                            "-D__HAVE_BUILTIN_BSWAP32__", "-D__HAVE_BUILTIN_BSWAP64__"})
    arguments.emplace_back(macro);
}

} // namespace

bool is_kernel_path(std::string_view path) {
  static const KernelTrees trees = find_kernel_trees();
  for (const std::string& tree : {trees.source, trees.build}) {
    if (!tree.empty() && path.starts_with(tree)) return true;
  }
  // /usr/include/linux, /usr/include/x86_64-linux-gnu/asm
  for (std::string_view folder : {"/linux/", "/asm/", "/asm-generic/"}) {
    size_t at = path.find(folder);
    std::string_view above = path.substr(0, at == std::string_view::npos ? 0 : at);
    if (above.ends_with("/include") || above.ends_with("-linux-gnu")) return true;
  }
  return false;
}

std::vector<std::string> clang_arguments(const CSource& source) {
  const size_t slash = source.name.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : source.name.substr(0, slash + 1);
  std::vector<std::string> arguments = {"-xc", "-std=gnu11", "-w", "-ferror-limit=0", "-iquote", folder, "-iquote", "."};
  if (source.have_btf) arguments.emplace_back("-DBPFTRACE_HAVE_BTF");
  if (source.kernel_version != 0) arguments.push_back(fmt::format("-DLINUX_VERSION_CODE={}", source.kernel_version));
  for (const std::string& dir : source.include_dirs) arguments.push_back("-I" + dir);
  if (source.kernel_headers) add_kernel(arguments);
  for (const std::string& file : source.include_files) arguments.insert(arguments.end(), {"-include", file});
  arguments.insert(arguments.end(), {"-idirafter", kFolderInMemory});
  return arguments;
}

std::span<const BuiltinHeader> builtin_headers() { return kBuiltinHeaders; }

} // namespace clang

} // namespace trapline
