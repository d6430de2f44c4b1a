// Joining the types of everything that is put into one place.
#include "sema/cell.h"

#include "sema/arithmetic.h"

#include <algorithm>

namespace trapline::sema {

Cell Cell::of(const Type& type) {
  Cell cell;
  cell.fixed_ = type;
  if (type.is(Kind::Tuple)) cell.expand_tuple();
  return cell;
}

Cell Cell::literal(uint64_t value, bool is_signed) {
  Cell cell;
  cell.has_literal_ = true;
  if (is_signed && static_cast<int64_t>(value) < 0) cell.lowest_ = static_cast<int64_t>(value);
  else cell.highest_ = value;
  return cell;
}

Cell Cell::wide() {
  Cell cell = literal(0, true);
  cell.wide_ = true;
  return cell;
}

Cell Cell::tuple(std::vector<Cell> members, std::shared_ptr<const std::vector<std::string>> names) {
  Cell cell;
  cell.is_tuple_ = true;
  cell.names_ = std::move(names);
  cell.members_ = std::move(members);
  return cell;
}

void Cell::expand_tuple() {
  is_tuple_ = true;
  for (const Type& member : *fixed_.members) members_.push_back(of(member));
  names_ = fixed_.names;
  fixed_ = Type::error();
}

// Members of records meet by name.
bool Cell::merge_members(const Cell& other) {
  if (!is_tuple_ || !other.is_tuple_ || members_.size() != other.members_.size()) return false;
  if ((names_ == nullptr) != (other.names_ == nullptr)) return false;
  std::vector<Cell> merged = members_;
  for (size_t i = 0; i < merged.size(); ++i) {
    size_t from = i;
    if (names_) from = static_cast<size_t>(std::ranges::find(*other.names_, (*names_)[i]) - other.names_->begin());
    if (from >= other.members_.size() || !merged[i].merge(other.members_[from])) return false;
  }
  members_ = std::move(merged);
  return true;
}

bool Cell::merge(const Cell& other) {
  if (other.empty()) return true;
  if (empty()) {
    *this = other;
    return true;
  }
  if (is_tuple_ || other.is_tuple_) return merge_members(other);
  std::optional<Type> promoted = promote(fixed_, other.fixed_);
  if (!promoted) return false;
  Cell merged = *this;
  merged.fixed_ = std::move(*promoted);
  merged.has_literal_ |= other.has_literal_;
  merged.wide_ |= other.wide_;
  merged.highest_ = std::max(highest_, other.highest_);
  merged.lowest_ = std::min(lowest_, other.lowest_);
  // 0 is also the null pointer.
  bool takes_literals = merged.fixed_.is_error() || merged.fixed_.is_integral() || (merged.fixed_.is(Kind::Pointer) && merged.is_null());
  if (merged.has_literal_ && !takes_literals) return false;
  *this = std::move(merged);
  return true;
}

Type Cell::literal_type() const { return Type::integer(8, highest_ <= INT64_MAX || lowest_ < 0); }

Type Cell::with_literals() const {
  if (fixed_.is(Kind::Bool) && (highest_ > 1 || lowest_ < 0)) {
    Cell number = *this;
    number.fixed_ = Type::integer(1, false);
    return number.with_literals();
  }
  if (!fixed_.is_signed && lowest_ == 0) {
    uint32_t needed = bytes_for(highest_, false);
    return needed <= fixed_.size ? fixed_ : Type::integer(needed, false);
  }
  uint32_t needed = std::max(bytes_for(highest_, true), bytes_for_negative(lowest_));
  if (fixed_.is_signed) return needed <= fixed_.size ? fixed_ : Type::integer(needed, true);
  return Type::integer(std::min(8U, std::max(needed, fixed_.size * 2)), true);
}

Type Cell::type() const {
  if (is_tuple_) {
    std::vector<Type> members;
    members.reserve(members_.size());
    for (const Cell& member : members_) members.push_back(member.type());
    return names_ ? Type::named_tuple(*names_, std::move(members)) : Type::tuple(std::move(members));
  }
  if (!has_literal_ || fixed_.is(Kind::Pointer)) return fixed_;
  if (fixed_.is_error()) return literal_type();
  Type type = with_literals();
  return wide_ && type.size < 8 ? Type::integer(8, type.is_signed) : type;
}

} // namespace trapline::sema
