// One visitor out of a lambda for each kind of node.
#pragma once

namespace trapline::ast {

template <typename... Visitors> struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <typename... Visitors> Overloaded(Visitors...) -> Overloaded<Visitors...>;

} // namespace trapline::ast
