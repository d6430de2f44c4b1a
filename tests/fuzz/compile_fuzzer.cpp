// libFuzzer's entry: dev/check --fuzz runs it over the golden corpus.
#include "fuzz/compile_input.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  trapline::fuzz::compile_input({reinterpret_cast<const char*>(data), size});
  return 0;
}
