// What the machine may refuse: a value or an Error. The user's own mistakes are Diagnostics instead.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace trapline {

struct Error {
  std::string message; // one line: what failed and why
  std::string hint;    // what to do about it; may be empty
  int code = 0;        // errno where there is one
};

template <typename T> using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(std::string message, std::string hint = {}, int code = 0) {
  return std::unexpected(Error{std::move(message), std::move(hint), code});
}

} // namespace trapline
