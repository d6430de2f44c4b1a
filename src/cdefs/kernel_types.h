// C text that uses types of the kernel without its headers: BTF has them, and clang gets stand-ins of the same size.
#pragma once

#include "cdefs/cdefs.h"

#include <map>

namespace trapline::clang {

class KernelTypes {
public:
  explicit KernelTypes(const TypeSource& kernel) : kernel_(kernel) {}

  // Declares what these errors miss and the kernel has. False: nothing new.
  bool add_missing(const std::vector<CError>&);
  // Declarations to put before the C text.
  const std::string& declarations() const { return declarations_; }
  // The type that "struct foo", or "foo_t" of a typedef, stands in for; Error kind if it is no stand-in.
  Type find(std::string_view name) const;
  const TypeSource& source() const { return kernel_; }

private:
  bool add_tagged(const std::string& name);
  bool add_named(const std::string& name);

  const TypeSource& kernel_;
  std::string declarations_;
  std::map<std::string, Type, std::less<>> types_;
};

} // namespace trapline::clang
