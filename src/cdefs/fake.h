// A C front end that knows what a test tells it.
#pragma once

#include "cdefs/cdefs.h"

#include <map>
#include <set>

namespace trapline {

class FakeCParser final : public CParser {
public:
  // --- what a test fills
  std::set<std::string, std::less<>> headers;                   // those that are there
  std::map<std::string, std::string, std::less<>> macros;       // defined by any header
  std::map<std::string, Type, std::less<>> types;               // "struct foo", "foo_t"
  std::map<std::string, int64_t, std::less<>> enumerators;
  std::map<std::string, std::string, std::less<>> mistakes;     // words of the C text that are wrong, and why
  std::vector<Span> skipped;
  mutable std::vector<CSource> sources;                         // what was asked to be read

  Result<std::unique_ptr<CDefinitions>> parse(const CSource&, const TypeSource& kernel) const override;
};

} // namespace trapline
