// Map planning: which BPF map serves each of the script's maps, and the sizes of the internal ones.
#include "codegen/object_builder.h"

#include "codegen/tables.h"
#include "sema/walk.h"

#include <linux/bpf.h>

#include <algorithm>
#include <bit>
#include <set>

namespace trapline::codegen {

namespace {

constexpr uint32_t kRingBytes = 4u << 20;
// A program takes 64 maps (MAX_USED_MAPS in kernel/bpf/verifier.c), of which we need a few. Where second banks would go
// beyond, a map has one, and clearing it is not one step with printing it.
constexpr size_t kScriptMaps = 54;
constexpr uint32_t kPageBytes = 4096;
constexpr uint32_t kLargestRing = 1u << 30; // positions in the ring are 32-bit numbers with two flags
constexpr uint32_t kSeenPids = 8192;
constexpr uint32_t kOldKeyLimit = 512;             // 5.10 refuses longer keys (MAX_BPF_STACK)
constexpr uint32_t kLargeKeyRelease = 0x050b00;
// Preallocated elements make updates cheap and never fail for want of memory; above this much per copy, elements are
// allocated as they come.
constexpr uint64_t kPreallocateLimit = 8u << 20;

uint32_t bpf_map_type(MapKind kind) {
  switch (kind) {
  case MapKind::Hash: return BPF_MAP_TYPE_HASH;
  case MapKind::PerCpuHash: return BPF_MAP_TYPE_PERCPU_HASH;
  case MapKind::Array: return BPF_MAP_TYPE_ARRAY;
  case MapKind::PerCpuArray: return BPF_MAP_TYPE_PERCPU_ARRAY;
  case MapKind::LruHash: return BPF_MAP_TYPE_LRU_HASH;
  case MapKind::LruPerCpuHash: return BPF_MAP_TYPE_LRU_PERCPU_HASH;
  case MapKind::RingBuffer: return BPF_MAP_TYPE_RINGBUF;
  }
  return 0;
}

uint32_t round_up(uint32_t n) { return (n + 7) / 8 * 8; }

MapKind kind_of(const sema::MapInfo& info) {
  bool per_cpu = info.value.is_per_cpu();
  if (!info.keyed) return per_cpu ? MapKind::PerCpuArray : MapKind::Array;
  bool lru = info.is_declared && (info.declared == MapKind::LruHash || info.declared == MapKind::LruPerCpuHash);
  if (lru) return per_cpu ? MapKind::LruPerCpuHash : MapKind::LruHash;
  return per_cpu ? MapKind::PerCpuHash : MapKind::Hash;
}

// The kernel takes a power of two of at least a page. A setting gives each CPU a page at least, as bpftrace does.
uint32_t ring_bytes(uint32_t pages, uint32_t cpus) {
  if (pages == 0) return kRingBytes;
  return std::min(std::bit_ceil(std::max(pages, cpus)), kLargestRing / kPageBytes) * kPageBytes;
}

// The kernel keeps 15 characters and takes letters, digits, `_` and `.`.
std::string bpf_name(const std::string& name, size_t index) {
  std::string out = "at_" + name.substr(1, 8);
  std::replace_if(out.begin(), out.end(), [](unsigned char c) { return !std::isalnum(c) && c != '_'; }, '_');
  return out + "_" + std::to_string(index);
}

MapSpec plan(const sema::MapInfo& info, size_t index) {
  MapSpec spec;
  spec.name = info.name;
  spec.bpf_name = bpf_name(info.name, index);
  spec.kind = kind_of(info);
  spec.keyed = info.keyed;
  spec.key = info.key;
  spec.value = info.value;
  spec.span = info.span;
  spec.value_size = round_up(std::max(info.value.size, 1u));
  if (!info.keyed) {
    if (spec.kind == MapKind::Array) spec.value_size += 8; // the "assigned" word
    return spec;
  }
  spec.key_size = info.key.size;
  spec.max_entries = static_cast<uint32_t>(std::min<uint64_t>(info.entries, UINT32_MAX));
  bool lru = spec.kind == MapKind::LruHash || spec.kind == MapKind::LruPerCpuHash;
  uint64_t bytes = uint64_t{spec.max_entries} * (spec.value_size + spec.key_size);
  if (!lru && bytes > kPreallocateLimit) spec.flags |= BPF_F_NO_PREALLOC;
  return spec;
}

const ast::MapAccess* assigned_map(const ast::Stmt& stmt) {
  const auto* assign = std::get_if<ast::Assign>(&stmt.node);
  return assign ? std::get_if<ast::MapAccess>(&assign->target->node) : nullptr;
}

bool assigns(const ast::Probe& probe, const std::string& map) {
  bool found = false;
  sema::for_each_stmt(probe.body, [&](const ast::Stmt& stmt) {
    const ast::MapAccess* target = assigned_map(stmt);
    if (target && target->name == map) found = true;
  });
  sema::for_each_expr(probe, [&](const ast::Expr& e) {
    const auto* step = std::get_if<ast::Unary>(&e.node);
    const auto* target = step && step->op >= ast::UnaryOp::PreIncrement ? std::get_if<ast::MapAccess>(&step->operand->node) : nullptr;
    if (target && target->name == map) found = true;
  });
  return found;
}

// Maps that are cleared or zeroed while somebody may change them. When END runs nobody does but END itself.
std::set<std::string, std::less<>> emptied_while_used(const sema::Script& script) {
  std::set<std::string, std::less<>> names;
  for (const sema::Instance& instance : script.instances) {
    sema::for_each_expr(*instance.probe, [&](const ast::Expr& e) {
      const ast::MapAccess* map = emptied_map(e, instance);
      if (map && (instance.group.role != ProbeRole::End || assigns(*instance.probe, map->name))) names.insert(map->name);
    });
  }
  for (const sema::Instance& function : script.functions) {
    sema::for_each_expr(*function.probe, [&](const ast::Expr& e) {
      if (const ast::MapAccess* map = emptied_map(e, function)) names.insert(map->name);
    });
  }
  return names;
}

} // namespace

namespace {

bool is_loop(const ast::Stmt& stmt) {
  return std::holds_alternative<ast::ForMap>(stmt.node) || std::holds_alternative<ast::While>(stmt.node) || std::holds_alternative<ast::ForRange>(stmt.node);
}

// Loops may be callbacks, and where there is one the kernel wants to know about all functions.
bool has_loops(const sema::Script& script) {
  bool found = false;
  auto look = [&](const sema::Instance& instance) {
    sema::for_each_inner_stmt(instance.body(), [&](const ast::Stmt& stmt) { found |= is_loop(stmt); });
  };
  for (const sema::Instance& instance : script.instances) look(instance);
  for (const sema::Instance& instance : script.functions) look(instance);
  return found;
}

} // namespace

ObjectBuilder::ObjectBuilder(const sema::Script& s, const GenerateOptions& o, const SourceFile& text, const System& sys, Diagnostics& d)
    : script(s), options(o), source(text), system(sys), diagnostics(d),
      emitter(ObjectOptions{sys.features().cpu_version, o.line_info, has_loops(s), &text, s.settings.license}) {
  program.settings = s.settings;
  program.probe_names = s.probe_names;
}

void ObjectBuilder::plan_maps() {
  const auto emptied = emptied_while_used(script);
  for (size_t i = 0; i < script.maps.size(); ++i) {
    program.maps.push_back(plan(script.maps[i], i));
    MapSpec& spec = program.maps.back();
    bool has_room = !spec.keyed || script.maps.size() + second_banks.size() < kScriptMaps;
    if (emptied.contains(spec.name) && has_room) spec.banks = static_cast<int32_t>(banked_maps++);
    if (spec.key_size > kOldKeyLimit && system.features().release < kLargeKeyRelease) {
      diagnostics.report(DiagId::NotSupported, spec.span, fmt::format("the keys of `{}` take {} bytes, this kernel takes {} at most", spec.name, spec.key_size, kOldKeyLimit))
          .hint("shorten them: str(p, 200), ustack(50), or BPFTRACE_MAX_STRLEN=200 in the environment");
    }
    script_maps.push_back(emitter.declare_map(spec.bpf_name));
    if (spec.banks < 0) continue;
    if (spec.keyed) {
      second_banks.emplace(static_cast<uint32_t>(i), emitter.declare_map(object::second_bank(spec.bpf_name)));
    } else {
      spec.max_entries = 2;
    }
  }
}

Value ObjectBuilder::internal_map(const char* name) {
  auto found = internal_maps.find(name);
  if (found == internal_maps.end()) found = internal_maps.emplace(name, emitter.declare_map(name)).first;
  return emitter.map(found->second);
}

uint32_t ObjectBuilder::add_site(SiteKind kind, std::string detail, uint32_t block, Span span) {
  std::vector<Site>& sites = program.sites;
  for (size_t i = 0; i < sites.size(); ++i) {
    const Site& s = sites[i];
    if (s.kind == kind && s.detail == detail && s.probe_block == block && s.span.begin == span.begin && s.span.end == span.end) {
      return static_cast<uint32_t>(i);
    }
  }
  sites.push_back({kind, std::move(detail), block, span});
  return static_cast<uint32_t>(sites.size() - 1);
}

uint32_t ObjectBuilder::intern(std::string_view text) {
  auto found = std::find(program.strings.begin(), program.strings.end(), text);
  if (found == program.strings.end()) found = program.strings.insert(found, std::string(text));
  return static_cast<uint32_t>(found - program.strings.begin());
}

void ObjectBuilder::finish() {
  for (size_t i = 0; i < program.maps.size(); ++i) {
    const MapSpec& spec = program.maps[i];
    const Emitter::MapShape shape{bpf_map_type(spec.kind), spec.key_size, spec.value_size, spec.max_entries, spec.flags};
    emitter.define_map(script_maps[i], shape);
    if (auto second = second_banks.find(static_cast<uint32_t>(i)); second != second_banks.end()) emitter.define_map(second->second, shape);
  }
  auto count = [](size_t n) { return static_cast<uint32_t>(std::max<size_t>(n, 1)); };
  for (const auto& [name, index] : internal_maps) {
    Emitter::MapShape shape;
    if (name == object::kRing) {
      program.uses_ring_buffer = true;
      program.ring_buffer_bytes = ring_bytes(program.settings.perf_rb_pages, system.possible_cpus());
      shape = {BPF_MAP_TYPE_RINGBUF, 0, 0, program.ring_buffer_bytes, 0};
    } else if (name == object::kSites) {
      shape = {BPF_MAP_TYPE_PERCPU_ARRAY, 4, sizeof(object::SiteCounter), count(program.sites.size()), 0};
    } else if (name == object::kLosses) {
      shape = {BPF_MAP_TYPE_PERCPU_ARRAY, 4, 8, count(program.probe_names.size()), 0};
    } else if (name == object::kPending) {
      shape = {BPF_MAP_TYPE_ARRAY, 4, 8, count(program.actions.size()), BPF_F_MMAPABLE};
    } else if (name == object::kPendingValue) {
      shape = {BPF_MAP_TYPE_ARRAY, 4, 8, count(program.actions.size()), 0};
    } else if (name == object::kScratch) {
      shape = {BPF_MAP_TYPE_PERCPU_ARRAY, 4, round_up(scratch_bytes), object::kScratchSlots, 0};
    } else if (name == object::kSeenPids) {
      shape = {BPF_MAP_TYPE_LRU_HASH, 4, 4, kSeenPids, 0};
    } else if (name == object::kPackets) {
      shape = {BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, system.possible_cpus(), 0};
    } else if (name == object::kGlobals) {
      shape = {BPF_MAP_TYPE_ARRAY, 4, sizeof(object::Globals), 1, BPF_F_MMAPABLE};
      program.uses_elapsed = true;
    }
    emitter.define_map(index, shape);
  }
}

} // namespace trapline::codegen
