#include "cli/format.h"

#include "cli/replace_file.h"
#include "cli/script.h"
#include "format/format.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>

namespace trapline::cli {

Result<int> format(const Options& options) {
  const Result<SourceFile> source = read_source(options);
  if (!source) return std::unexpected(source.error());

  Diagnostics diagnostics;
  const std::optional<std::string> text = format_script(*source, ParseOptions(), diagnostics);
  const std::string messages = render_all(diagnostics, *source, options.run.warnings);
  std::fwrite(messages.data(), 1, messages.size(), stderr);
  if (!text) return 1;

  if (options.run.output) {
    if (const Result<void> done = replace_file(*options.run.output, *text); !done) return std::unexpected(done.error());
    return 0;
  }
  const bool written = std::fwrite(text->data(), 1, text->size(), stdout) == text->size() && std::fflush(stdout) == 0;
  if (!written) return fail(fmt::format("cannot write to standard output: {}", std::strerror(errno)), {}, errno);
  return 0;
}

} // namespace trapline::cli
