// C definitions that trapline's own reader of a script's preamble cannot get at: those in headers, and C that it does not
// know. A C compiler's front end reads them; this is what the rest of trapline sees of it.
#pragma once

#include "support/result.h"
#include "support/source.h"
#include "types/type.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trapline {

class TypeSource;

// What to read.
struct CSource {
  std::string name;                      // path of the script: where `#include "x.h"` looks first
  std::string text;                      // the script with all but its C text blanked out, so that offsets agree
  std::vector<std::string> include_dirs; // -I
  std::vector<std::string> include_files; // --include
  std::vector<std::string> words;        // macros by these names are wanted
  bool have_btf = true;                  // defines BPFTRACE_HAVE_BTF
  bool kernel_headers = false;           // the script includes some: look where kernels keep theirs
  uint32_t kernel_version = 0;           // LINUX_VERSION_CODE; 0: not defined
};

// What is wrong with the C text.
struct CError {
  Span span;                  // in CSource::text: the mistake, or the `#include` of the header that has it
  std::string message;
  std::string missing_header; // name of a header that was not found
};

// The result. Types keep working while it lives; after that, structs whose fields nobody asked for have none. Names of
// tagged types have their keyword: "struct foo".
class CDefinitions {
public:
  virtual ~CDefinitions() = default;
  // Error kind if there is none, or only a forward declaration, or a header of the kernel has it and BTF, too.
  virtual Type tagged(std::string_view name) const = 0;
  virtual Type type_named(std::string_view name) const = 0; // a typedef
  struct Enumerator {
    int64_t value = 0;
    Type type;
  };
  virtual std::optional<Enumerator> enumerator(std::string_view name) const = 0;
  // An object-like macro among CSource::words: its value as a literal of the language if it is a constant, else its text
  // with all macros in it expanded.
  virtual std::optional<std::string> macro(std::string_view name) const = 0;
  // Every tagged type, for suggestions.
  virtual std::vector<std::string> tagged_names() const = 0;
  // The parts of the text that its conditions left out.
  virtual std::vector<Span> skipped() const = 0;
  virtual const std::vector<CError>& errors() const = 0;
};

class CParser {
public:
  virtual ~CParser() = default;
  // An Error says that there is no C front end here, and which package has one. Structs that the text only declares are
  // looked up in `kernel`, which must outlive the result.
  virtual Result<std::unique_ptr<CDefinitions>> parse(const CSource&, const TypeSource& kernel) const = 0;
};

// Loads libclang when it is first asked to parse.
std::unique_ptr<CParser> make_clang_parser();

// Whether BTF describes what this header declares: `linux/sched.h`, as opposed to `sys/socket.h`.
bool is_kernel_header(std::string_view name);

} // namespace trapline
