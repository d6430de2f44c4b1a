// The maps that the text names: declared or not, with or without keys, and whether anything is ever put into them.
#include "sema/passes.h"
#include "sema/walk.h"

#include <algorithm>
#include <array>

namespace trapline::sema {

namespace {

using builtins::Accepts;

struct DeclaredKind {
  std::string_view name;
  MapKind kind;
};
constexpr auto kDeclaredKinds = std::to_array<DeclaredKind>({
    {"hash", MapKind::Hash},
    {"lruhash", MapKind::LruHash},
    {"percpuhash", MapKind::PerCpuHash},
    {"percpulruhash", MapKind::LruPerCpuHash},
});

const ast::MapAccess* bare_map(const ast::ExprPtr& expr) {
  const auto* access = expr ? std::get_if<ast::MapAccess>(&expr->node) : nullptr;
  return access && access->keys.empty() ? access : nullptr;
}

class Collector {
public:
  explicit Collector(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void declare(const ast::MapDeclaration& declaration) {
    auto [place, is_new] = uses_.try_emplace(declaration.name);
    if (!is_new) {
      diagnostics_.report(DiagId::Redeclared, declaration.span, declaration.name).note(place->second.info.span, "it is declared here");
      return;
    }
    MapInfo& info = place->second.info;
    info.name = declaration.name;
    info.span = declaration.span;
    info.is_declared = true;
    info.entries = declaration.entries;
    if (declaration.entries == 0 || declaration.entries > UINT32_MAX)
      diagnostics_.report(DiagId::OutOfRange, declaration.span, "the size", declaration.name, declaration.entries);
    const auto* kind = std::ranges::find(kDeclaredKinds, declaration.kind, &DeclaredKind::name);
    if (kind != kDeclaredKinds.end()) {
      info.declared = kind->kind;
      return;
    }
    diagnostics_.report(DiagId::UnknownType, declaration.span, declaration.kind).hint("a map is a hash, lruhash, percpuhash or percpulruhash");
  }

  void collect(const ast::Probe& probe, const Names& names) {
    names_ = &names;
    if (probe.predicate) visit(*probe.predicate);
    for_each_stmt(probe.body, [&](const ast::Stmt& stmt) { visit(stmt); });
  }

  MapUses finish() {
    std::vector<std::string_view> known;
    for (const auto& [name, use] : uses_) {
      if (use.assigned) known.push_back(name);
    }
    for (const Read& read : reads_) {
      if (uses_.find(read.name)->second.assigned) continue;
      Diagnostic& diagnostic = diagnostics_.report(DiagId::UnknownMap, read.span, read.name);
      std::string_view close = nearest(read.name, known);
      if (!close.empty()) diagnostic.hint(fmt::format("did you mean `{}`?", close));
    }
    return std::move(uses_);
  }

private:
  struct Read {
    std::string name;
    Span span;
  };

  MapUse& use_of(const std::string& name, Span span) {
    auto [place, is_new] = uses_.try_emplace(name);
    MapUse& use = place->second;
    if (is_new) use.info.name = name;
    if (is_new || !use.used) use.info.span = span;
    use.used = true;
    return use;
  }

  // A use that shows whether the map has keys. The first one decides.
  MapUse& note(const std::string& name, bool keyed, Span span) {
    MapUse& use = use_of(name, span);
    auto [place, is_first] = decided_at_.try_emplace(name, span);
    if (is_first) use.info.keyed = keyed;
    if (use.info.keyed == keyed) return use;
    std::string_view with = "with keys", without = "without keys";
    diagnostics_.report(DiagId::MapKeyedMismatch, span, name, keyed ? with : without, keyed ? without : with)
        .note(place->second, fmt::format("it is used {} here", keyed ? without : with));
    return use;
  }

  void read(const std::string& name, Span span) { reads_.push_back({name, span}); }

  void visit(const ast::Stmt& stmt) {
    if (const auto* assign = std::get_if<ast::Assign>(&stmt.node)) {
      if (assign->value) visit(*assign->value);
      if (assign->target) visit_target(*assign->target);
      return;
    }
    if (const auto* each = std::get_if<ast::ForMap>(&stmt.node)) {
      if (const ast::MapAccess* access = bare_map(each->map)) {
        note(access->name, true, each->map->span);
        read(access->name, each->map->span);
        return;
      }
    }
    for_each_part(stmt, [&](const ast::Expr& expr) { visit(expr); }, [](const ast::Block&) {});
  }

  void visit_target(const ast::Expr& expr) {
    const auto* access = std::get_if<ast::MapAccess>(&expr.node);
    if (!access) return visit(expr);
    note(access->name, !access->keys.empty(), expr.span).assigned = true;
    for (const ast::ExprPtr& key : access->keys) {
      if (key) visit(*key);
    }
  }

  void visit(const ast::Expr& expr) {
    if (const auto* access = std::get_if<ast::MapAccess>(&expr.node)) {
      note(access->name, !access->keys.empty(), expr.span);
      read(access->name, expr.span);
    }
    if (const auto* unary = std::get_if<ast::Unary>(&expr.node); unary && unary->operand) {
      bool reads_only = unary->op <= ast::UnaryOp::Dereference;
      if (unary->op == ast::UnaryOp::AddressOf) return visit_reference(unary->operand, false);
      if (!reads_only) return visit_target(*unary->operand);
    }
    if (const auto* size_of = std::get_if<ast::SizeOf>(&expr.node)) return visit_type_or_operand(size_of->operand);
    if (const auto* info = std::get_if<ast::TypeInfo>(&expr.node)) return visit_type_or_operand(info->operand);
    if (const auto* type = std::get_if<ast::TypeOperand>(&expr.node)) return visit_type(type->type);
    if (const auto* cast = std::get_if<ast::Cast>(&expr.node)) visit_type(cast->type);
    if (const auto* block = std::get_if<ast::BlockExpr>(&expr.node)) {
      for_each_stmt(block->block, [&](const ast::Stmt& stmt) { visit(stmt); });
      if (block->value) visit(*block->value);
      return;
    }
    if (const auto* call = std::get_if<ast::Call>(&expr.node)) return visit_call(expr, *call);
    if (const auto* cast = std::get_if<ast::Cast>(&expr.node)) {
      if (cast->operand) visit(*cast->operand);
      return;
    }
    for_each_child(expr, [&](const ast::Expr& child) { visit(child); });
  }

  // A bare map that stands for itself and not for its value.
  void visit_reference(const ast::Expr& expr, bool has_key) {
    const auto* access = std::get_if<ast::MapAccess>(&expr.node);
    if (!access || !access->keys.empty()) return visit(expr);
    if (has_key) note(access->name, true, expr.span);
    else use_of(access->name, expr.span);
    read(access->name, expr.span);
  }
  void visit_reference(const ast::ExprPtr& expr, bool has_key) {
    if (expr) visit_reference(*expr, has_key);
  }

  void visit_type(const ast::TypeName& name) {
    if (name.of) visit_reference(*name.of, false);
  }
  void visit_type_or_operand(const std::variant<ast::TypeName, ast::ExprPtr>& operand) {
    if (const auto* name = std::get_if<ast::TypeName>(&operand)) return visit_type(*name);
    visit_reference(std::get<ast::ExprPtr>(operand), false);
  }

  void visit_call(const ast::Expr& expr, const ast::Call& call) {
    auto row = names_->builtin_of.find(expr.id);
    for (size_t i = 0; i < call.arguments.size(); ++i) {
      const auto* parameters = row != names_->builtin_of.end() ? &row->second->parameters : nullptr;
      Accepts accepts = parameters && i < parameters->size() ? (*parameters)[i].accepts : Accepts::Value;
      bool has_key = parameters && i + 1 < parameters->size() && i + 1 < call.arguments.size() && (*parameters)[i + 1].name == "key";
      bool is_reference = accepts == Accepts::Map || accepts == Accepts::MapOrValue || accepts == Accepts::MapElement;
      if (is_reference) visit_reference(call.arguments[i], has_key);
      else if (call.arguments[i]) visit(*call.arguments[i]);
    }
  }

  Diagnostics& diagnostics_;
  const Names* names_ = nullptr;
  MapUses uses_;
  std::map<std::string, Span, std::less<>> decided_at_;
  std::vector<Read> reads_;
};

} // namespace

MapUses collect_maps(const ast::Script& script, const std::vector<Names>& names, const Program::Settings& settings, Diagnostics& diagnostics) {
  Collector collector(diagnostics);
  for (const ast::MapDeclaration& declaration : script.map_declarations) collector.declare(declaration);
  for (size_t block = 0; block < script.probes.size(); ++block) collector.collect(script.probes[block], names[block]);
  for (size_t i = 0; i < script.functions.size(); ++i) collector.collect(script.functions[i].code, names[script.probes.size() + i]);
  MapUses uses = collector.finish();
  for (auto& [name, use] : uses) {
    if (!use.info.is_declared) use.info.entries = settings.max_map_keys;
  }
  return uses;
}

namespace {

bool is_per_cpu_kind(MapKind kind) { return kind == MapKind::PerCpuHash || kind == MapKind::LruPerCpuHash; }

void check_declared(const MapInfo& info, Diagnostics& diagnostics) {
  if (!info.is_declared || info.value.is_error() || is_per_cpu_kind(info.declared) == info.value.is_per_cpu()) return;
  const auto* kind = std::ranges::find(kDeclaredKinds, info.declared, &DeclaredKind::kind);
  bool needs_per_cpu = info.value.is_per_cpu();
  diagnostics
      .report(DiagId::TypeMismatch, info.span, fmt::format("map `{}` is declared as a {} and holds `{}`", info.name, kind->name, to_string(info.value)))
      .hint(needs_per_cpu ? "aggregations need a percpuhash or percpulruhash" : "only aggregations can be kept per CPU: declare a hash or lruhash");
}

} // namespace

std::vector<MapInfo> finish_maps(const MapUses& uses, Diagnostics& diagnostics) {
  std::vector<MapInfo> maps;
  for (const auto& [name, use] : uses) {
    if (!use.used) continue;
    check_declared(use.info, diagnostics);
    maps.push_back(use.info);
  }
  return maps;
}

} // namespace trapline::sema
