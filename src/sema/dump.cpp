// --dump=sema: what was found out, beside the source lines it was found out about.
//
//   map @x                       key, value
//   probe 0 at 1:1               where, how often, variables
//   line: text                   then each expression of that line with its type, folded value and address space
#include "sema/arithmetic.h"
#include "sema/sema.h"
#include "sema/walk.h"

#include <algorithm>

namespace trapline::sema {

namespace {

constexpr size_t kTargetsShown = 8;

std::string_view space_name(AddressSpace space) {
  switch (space) {
  case AddressSpace::Kernel: return " kernel";
  case AddressSpace::User: return " user";
  case AddressSpace::Btf: return " btf";
  case AddressSpace::None: break;
  }
  return "";
}

std::string shown(const Type& type) {
  bool has_space = type.is(Kind::Pointer) || type.is(Kind::Struct) || type.is(Kind::Array);
  return describe(type) + std::string(has_space ? space_name(type.space) : "");
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') out += std::string("\\") + c;
    else if (c == '\n') out += "\\n";
    else if (c == '\t') out += "\\t";
    else if (byte < 0x20 || byte == 0x7f) out += fmt::format("\\x{:02x}", byte);
    else out += c;
  }
  return out + '"';
}

std::string shown(const Constant& constant, const Type& type) {
  if (!constant.is_integer()) return quoted(constant.text());
  return type.is_signed ? fmt::format("{}", static_cast<int64_t>(constant.integer())) : fmt::format("{}", constant.integer());
}

std::string_view kind_name(MapKind kind) {
  switch (kind) {
  case MapKind::PerCpuHash: return "percpuhash";
  case MapKind::LruHash: return "lruhash";
  case MapKind::LruPerCpuHash: return "percpulruhash";
  default: return "hash";
  }
}

std::string_view program_type_name(ProgramType type) {
  switch (type) {
  case ProgramType::RawTracepoint: return "raw_tracepoint";
  case ProgramType::Tracepoint: return "tracepoint";
  case ProgramType::Kprobe: return "kprobe";
  case ProgramType::PerfEvent: return "perf_event";
  case ProgramType::RawTracepointBtf: return "tp_btf";
  case ProgramType::UprobeMulti: return "uprobe.multi";
  }
  return "?";
}

class Dumper {
public:
  explicit Dumper(const SourceFile& source) : source_(source) {}

  std::string dump(const Script& script) {
    for (const MapInfo& map : script.maps) dump_map(map);
    for (const Instance& instance : script.instances) {
      if (!out_.empty()) out_ += '\n';
      dump_instance(instance);
    }
    return std::move(out_);
  }

private:
  void dump_map(const MapInfo& map) {
    out_ += fmt::format("map {}", map.name);
    if (map.keyed) out_ += fmt::format("[{}]", describe(map.key));
    out_ += fmt::format(": {}", shown(map.value));
    if (map.keyed) out_ += fmt::format(", {} entries", map.entries);
    if (map.is_declared) out_ += fmt::format(", {}", kind_name(map.declared));
    out_ += '\n';
  }

  void dump_instance(const Instance& instance) {
    Position at = source_.position(instance.probe->span.begin);
    const std::vector<Target>& targets = instance.group.targets;
    out_ += fmt::format("block {} at {}:{}: {} {}, {} target{}\n", instance.block, at.line, at.column, instance.provider->name(),
                        program_type_name(instance.group.context.program_type), targets.size(), targets.size() == 1 ? "" : "s");
    for (size_t i = 0; i < targets.size() && i < kTargetsShown; ++i) out_ += fmt::format("  {} {}\n", targets[i].cookie, targets[i].name);
    if (targets.size() > kTargetsShown) out_ += fmt::format("  ... {} more\n", targets.size() - kTargetsShown);
    for (const VariableInfo& variable : instance.variables) out_ += fmt::format("  ${}: {}\n", variable.name, shown(variable.type));
    instance_ = &instance;
    last_line_ = 0;
    if (instance.probe->predicate) dump_expr(*instance.probe->predicate, 2);
    dump_block(instance.body());
  }

  void dump_block(const ast::Block& block) {
    for (const ast::StmtPtr& stmt : block.statements) {
      for_each_part(*stmt, [&](const ast::Expr& expr) { dump_expr(expr, 2); }, [&](const ast::Block& inner) { dump_block(inner); });
    }
  }

  void show_line(Span span) {
    uint32_t line = source_.position(span.begin).line;
    if (line == last_line_) return;
    last_line_ = line;
    std::string_view text = source_.line_at(span.begin);
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    out_ += fmt::format("{}: {}\n", line, text);
  }

  // Parents before their parts, which are indented below them.
  void dump_expr(const ast::Expr& expr, size_t indent) {
    show_line(expr.span);
    const Type& type = instance_->types[expr.id];
    auto constant = instance_->constants.find(expr.id);
    out_ += fmt::format("{:{}}{} : {}", "", indent, ast::to_source(expr), type.is_error() ? "-" : shown(type));
    if (constant != instance_->constants.end()) out_ += " = " + shown(constant->second, type);
    out_ += '\n';
    bool is_literal = std::holds_alternative<ast::IntLiteral>(expr.node) || std::holds_alternative<ast::StringLiteral>(expr.node);
    if (is_literal) return;
    for_each_child(expr, [&](const ast::Expr& child) {
      bool is_plain = std::holds_alternative<ast::IntLiteral>(child.node) || std::holds_alternative<ast::StringLiteral>(child.node);
      if (!is_plain) dump_expr(child, indent + 2);
    });
  }

  const SourceFile& source_;
  const Instance* instance_ = nullptr;
  uint32_t last_line_ = 0;
  std::string out_;
};

} // namespace

std::string dump(const Script& script, const SourceFile& source) { return Dumper(source).dump(script); }

} // namespace trapline::sema
