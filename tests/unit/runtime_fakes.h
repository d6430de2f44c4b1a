// What the runtime's unit tests need instead of a machine: names that are told, bytes that are put together by hand.
#pragma once

#include "program/program.h"
#include "runtime/maps.h"
#include "runtime/print.h"
#include "runtime/resolver.h"

#include <cstring>
#include <fmt/format.h>
#include <functional>
#include <map>
#include <string>
#include <unistd.h>
#include <vector>

namespace trapline::runtime {

class FakeResolver final : public Resolver {
public:
  Symbol kernel_symbol(uint64_t address) override {
    if (address < 0x1000) return {};
    return {true, "kernel_function", "kernel", address & 0xff};
  }
  Symbol user_symbol(uint64_t address, uint32_t tgid) override {
    if (address < 0x1000) return {};
    return {true, fmt::format("function_of_{}", tgid), "/bin/program", address & 0xff};
  }
  std::string username(uint64_t uid) override { return uid == 0 ? "root" : fmt::format("{}", uid); }
  std::string cgroup_path(uint64_t id, std::string_view pattern) override { return fmt::format("unified:/group{}{}", id, pattern); }
  timespec wall_clock(uint64_t ns, Clock) override {
    return {.tv_sec = static_cast<time_t>(ns / 1'000'000'000), .tv_nsec = static_cast<long>(ns % 1'000'000'000)};
  }
};

class Bytes {
public:
  template <typename T> Bytes& add(T value) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
    data_.insert(data_.end(), bytes, bytes + sizeof value);
    return *this;
  }
  // Padded with NULs to `size`.
  Bytes& text(std::string_view text, size_t size) {
    const size_t at = data_.size();
    data_.resize(at + size);
    std::memcpy(data_.data() + at, text.data(), std::min(text.size(), size));
    return *this;
  }
  Bytes& zeros(size_t count) {
    data_.resize(data_.size() + count);
    return *this;
  }
  const uint8_t* data() const { return data_.data(); }
  const std::vector<uint8_t>& vector() const { return data_; }

private:
  std::vector<uint8_t> data_;
};

// Collects what printers write.
class Sink {
public:
  Sink() {
    int ends[2];
    if (::pipe(ends) == 0) {
      read_ = UniqueFd(ends[0]);
      write_ = UniqueFd(ends[1]);
    }
  }
  int fd() const { return write_.get(); }
  std::string take() {
    write_.reset();
    std::string text;
    char buffer[4096];
    for (ssize_t got; (got = ::read(read_.get(), buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<size_t>(got));
    return text;
  }

private:
  UniqueFd read_, write_;
};

struct Printed {
  std::string out, err;
};

// What a printer writes while `use` has it.
inline Printed print_with(OutputFormat format, const Program& program, const std::function<void(Printer&)>& use,
                          const std::string& source_text = "BEGIN { @x = 1 / 0; }\n") {
  FakeResolver resolver;
  Sink out_sink, err_sink;
  const SourceFile source("script.bt", source_text);
  {
    Output out(out_sink.fd(), Buffering::Full), err(err_sink.fd(), Buffering::Full);
    const auto printer = make_printer(format, {{program, resolver}, source, out, err});
    use(*printer);
  }
  return {out_sink.take(), err_sink.take()};
}

} // namespace trapline::runtime
