#include "random/generate.h"

#include <algorithm>
#include <fmt/format.h>

namespace trapline::random_programs {

namespace {

constexpr int kTries = 50;

const char* const kTexts[] = {"", "a", "b", "ab", "abc", "abd", "hello", "hello world", "Hello", "tab\there", "\xff\x80z", "%d"};

uint64_t mix(uint64_t seed, uint64_t number) {
  std::seed_seq sequence{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32), static_cast<uint32_t>(number),
                         static_cast<uint32_t>(number >> 32)};
  uint32_t words[2];
  sequence.generate(words, words + 2);
  return uint64_t{words[0]} << 32 | words[1];
}

} // namespace

Inputs make_inputs(uint64_t seed) {
  Random random(mix(seed, UINT64_MAX));
  Inputs inputs;
  inputs.positional = {"0", "7", "-1", "9223372036854775807", "-9223372036854775808", "18446744073709551615", "255", "abc", "a longer text"};
  inputs.positional[1] = std::to_string(random.below(1000));
  for (uint32_t bytes : {1U, 2U, 4U, 8U}) {
    for (bool is_signed : {true, false}) {
      Input input{Type::integer(bytes, is_signed), {}, {}};
      uint64_t top = uint64_t{1} << (bytes * 8 - 1);
      for (uint64_t value : {uint64_t{0}, uint64_t{1}, top, top - 1, UINT64_MAX, uint64_t{3}, random.next(), random.next()})
        input.numbers.push_back(cut(value, input.type));
      inputs.maps.push_back(std::move(input));
    }
  }
  Input texts{Type::string(12), {}, {}};
  for (const char* text : kTexts) texts.texts.emplace_back(text);
  inputs.maps.push_back(std::move(texts));
  return inputs;
}

Program generate(uint64_t seed, uint64_t number, const Inputs& inputs) {
  for (uint64_t attempt = 0; attempt < kTries; ++attempt) {
    Program program = Generator(mix(seed, number * kTries + attempt), inputs).run(number);
    if (legalise(program, inputs)) return program;
  }
  return Program{.number = number, .variables = {}, .maps = {}, .body = {}};
}

Generator::Generator(uint64_t seed, const Inputs& inputs) : inputs_(inputs), random_(seed) {
  for (const Input& input : inputs.maps) {
    std::string name = "in_" + std::string(input.texts.empty() ? "" : "text");
    if (input.texts.empty()) name += fmt::format("{}{}", input.type.is_signed ? "s" : "u", input.type.size * 8);
    program_.maps.push_back({name, true, "", true, input.type});
    key_shapes_.push_back(Type::integer(8, true));
    value_shapes_.push_back(input.type.kind == Kind::String ? Type::string(0) : Type::integer(8, true));
  }
}

Program Generator::run(uint64_t number) {
  program_.number = number;
  make_maps();
  scopes_.emplace_back();
  std::vector<Stmt> first, last;
  for (uint32_t map = 0; map < program_.maps.size(); ++map) {
    if (!program_.maps[map].is_input) seed_map(map, random_.chance(60) ? first : last);
  }
  program_.body = std::move(first);
  size_t planned = program_.maps.size();
  std::vector<Stmt> main = body(5 + random_.below(10), 2);
  // Maps that came up on the way: what they hold must not follow from themselves alone.
  for (size_t map = planned; map < program_.maps.size(); ++map) seed_map(static_cast<uint32_t>(map), last);
  for (std::vector<Stmt>* part : {&main, &last}) std::move(part->begin(), part->end(), std::back_inserter(program_.body));
  return std::move(program_);
}

// --- shapes and places

Type Generator::make_array() {
  uint32_t bytes = uint32_t{1} << random_.below(4), total = uint32_t{1} << random_.below(4);
  if (total < bytes) std::swap(total, bytes);
  if (bytes == 1 && random_.chance(15)) return Type::array(Type::boolean(), total);
  return Type::array(Type::integer(bytes, random_.chance(50)), total / bytes);
}

Type Generator::make_shape(int depth) {
  uint64_t choice = random_.below(100);
  if (choice < 50) return Type::integer(8, true);
  if (choice < 60) return Type::boolean();
  if (choice < 78) return Type::string(0);
  if (choice < 86) return make_array();
  if (depth == 0) return Type::integer(8, true);
  std::vector<Type> members;
  for (uint64_t count = 1 + random_.below(4); count > 0; --count) members.push_back(make_shape(depth - 1));
  return Type::tuple(std::move(members));
}

void Generator::make_maps() {
  const char* const aggregates[] = {"count", "sum", "min", "max", "avg", "stats"};
  for (uint64_t i = 0, count = 1 + random_.below(4); i < count; ++i) {
    Map map{fmt::format("p{}_{}", program_.number, static_cast<char>('a' + i)), random_.chance(70), "", false, {}};
    if (random_.chance(30)) map.aggregate = random_.pick(aggregates);
    // The sign of an aggregation is that of its arguments.
    if (!map.aggregate.empty()) map.input = Type::integer(8, random_.chance(60));
    Type key = make_shape(1);
    key_shapes_.push_back(map.keyed ? key : Type());
    value_shapes_.push_back(map.aggregate.empty() ? make_shape(2) : Type::integer(8, true));
    program_.maps.push_back(std::move(map));
  }
}

void Generator::seed_map(uint32_t map, std::vector<Stmt>& body) {
  if (!program_.maps[map].aggregate.empty()) return aggregate(map, body);
  effects_ = false;
  Expr target{.kind = ExprKind::Map, .place = map, .parts = keys(map, 0)};
  body.push_back({.kind = StmtKind::Assign, .exprs = {std::move(target), expression(value_shapes_[map], 0)}});
  effects_ = true;
}

// A name that another variable had, whose block is closed by now, may be used again.
uint32_t Generator::new_variable(const Type& shape, bool assignable) {
  auto place = static_cast<uint32_t>(program_.variables.size());
  std::string name = fmt::format("v{}", place);
  if (place > 0 && random_.chance(20)) {
    const std::string& old = program_.variables[random_.below(place)].name;
    bool visible = std::ranges::any_of(scopes_, [&](const auto& scope) {
      return std::ranges::any_of(scope, [&](uint32_t known) { return program_.variables[known].name == old; });
    });
    if (!visible) name = old;
  }
  program_.variables.push_back({name, {}});
  variable_shapes_.push_back(shape);
  assignable_.push_back(assignable);
  return place;
}

std::vector<uint32_t> Generator::variables(const Type& shape, bool assignable) const {
  std::vector<uint32_t> found;
  for (const auto& scope : scopes_) {
    for (uint32_t place : scope) {
      if (variable_shapes_[place] == shape && (!assignable || assignable_[place])) found.push_back(place);
    }
  }
  return found;
}

std::vector<uint32_t> Generator::maps(const Type& shape, bool aggregates) const {
  std::vector<uint32_t> found;
  for (uint32_t place = 0; place < program_.maps.size(); ++place) {
    const Map& map = program_.maps[place];
    if (map.is_input || map.aggregate == "stats" || aggregates == map.aggregate.empty()) continue;
    if (value_shapes_[place] == shape) found.push_back(place);
  }
  return found;
}

// --- keys: few values, so that elements are found again

Expr Generator::key(const Type& shape, int depth) {
  if (shape.kind == Kind::Tuple) {
    Expr tuple{.kind = ExprKind::Tuple};
    for (const Type& member : shape.members) tuple.parts.push_back(key(member, depth));
    return tuple;
  }
  if (shape.kind == Kind::Int && random_.chance(70)) {
    if (depth > 0 && random_.chance(50)) return small(depth);
    return {.kind = ExprKind::Integer, .number = random_.below(4)};
  }
  return expression(shape, std::min(depth, 1));
}

// The members of a tuple may be written as several keys.
std::vector<Expr> Generator::keys(uint32_t map, int depth) {
  if (!program_.maps[map].keyed) return {};
  const Type& shape = key_shapes_[map];
  Expr one = key(shape, depth);
  if (one.kind == ExprKind::Tuple && one.parts.size() > 1 && random_.chance(70)) return std::move(one.parts);
  std::vector<Expr> list;
  list.push_back(std::move(one));
  return list;
}

Expr Generator::map_access(uint32_t map, int depth) {
  if (!program_.maps[map].is_input) return {.kind = ExprKind::Map, .place = map, .parts = keys(map, depth)};
  const Input& input = inputs_.maps[map];
  size_t count = std::max(input.numbers.size(), input.texts.size());
  return {.kind = ExprKind::Map, .place = map, .parts = {{.kind = ExprKind::Integer, .number = random_.below(count + 1)}}};
}

std::optional<Expr> Generator::input(const Type& type) {
  for (uint32_t i = 0; i < inputs_.maps.size(); ++i) {
    if (inputs_.maps[i].type == type || (type.kind == Kind::String && inputs_.maps[i].type.kind == Kind::String)) return map_access(i, 0);
  }
  return std::nullopt;
}

} // namespace trapline::random_programs
