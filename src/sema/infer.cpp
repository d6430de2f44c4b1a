// The rounds of type inference.
#include "sema/inference.h"

namespace trapline::sema {

namespace {

constexpr size_t kRoundsFromScratch = 12;
constexpr size_t kRounds = 64;               // and one more for each place, since a round may settle only one
constexpr size_t kMostVisits = 20'000'000;   // of expressions: a bound on time, not on real scripts
constexpr int kCarefulAssumptions = 8;

} // namespace

void infer(const InferInput& input, std::vector<Instance>& instances, MapUses& maps, Diagnostics& diagnostics) {
  Inference(input, instances, maps).run(diagnostics);
}

Inference::Inference(const InferInput& input, std::vector<Instance>& instances, MapUses& maps) : in_(input), instances_(instances) {
  for (auto& [name, use] : maps) maps_[name].use = &use;
  variables_.resize(instances.size());
  for (size_t i = 0; i < instances.size(); ++i) {
    variables_[i].resize(instances[i].variables.size());
    for (size_t v = 0; v < variables_[i].size(); ++v) variables_[i][v].declared = instances[i].variables[v].type;
    for (const Target& target : instances[i].group.targets)
      probe_capacity_ = std::max(probe_capacity_, static_cast<uint32_t>(target.name.size()) + 1);
  }
}

template <typename Visit> void Inference::for_each_place(Visit&& visit) {
  for (auto& [name, map] : maps_) {
    if (!map.use->assigned) continue;
    visit(map.value);
    if (map.use->info.keyed) visit(map.key);
  }
  for (std::vector<Place>& places : variables_) {
    for (Place& place : places) visit(place);
  }
}

void Inference::visit_instance(size_t index) {
  instance_ = &instances_[index];
  instance_index_ = index;
  instance_->constants.clear();
  if (instance_->probe->predicate) condition(*instance_->probe->predicate);
  visit(instance_->body());
}

// True if any type changed.
bool Inference::run_round(bool from_scratch) {
  for_each_place([&](Place& place) {
    if (!from_scratch) return;
    place.cell = place.assumed ? Cell::literal(0, true) : Cell();
    if (!place.declared.is_error()) place.cell = Cell::of(place.declared);
    place.has_first = false;
  });
  for (size_t i = 0; i < instances_.size(); ++i) visit_instance(i);
  bool changed = false;
  for_each_place([&](Place& place) {
    Type now = place.cell.type();
    if (same(now, place.type)) return;
    changed = true;
    place.type = std::move(now);
  });
  return changed;
}

void Inference::settle() {
  final_ = false;
  size_t places = 0, expressions = 1;
  for_each_place([&](Place&) { ++places; });
  for (const Instance& instance : instances_) expressions += instance.types.size() / std::max<size_t>(in_.names.size(), 1) + 1;
  size_t rounds = std::min(kRounds + places, std::max(kRounds, kMostVisits / expressions));
  for (size_t round = 0; round < rounds; ++round) {
    Diagnostics ignored;
    diagnostics_ = &ignored;
    if (!run_round(round < kRoundsFromScratch)) return;
  }
}

// Goes over everything once more with the types that were found, and reports.
void Inference::report_round(Diagnostics& diagnostics) {
  std::vector<Type> types;
  for_each_place([&](Place& place) { types.push_back(place.type); });
  final_ = true;
  diagnostics_ = &diagnostics;
  run_round(true);
  size_t next = 0;
  for_each_place([&](Place& place) { place.type = types[next++]; });
}

// Places that only ever get what is computed from themselves (`@x = @x + 1`) hold numbers. False: there are none left.
bool Inference::assume_next(size_t how_many) {
  bool any = false;
  for_each_place([&](Place& place) {
    if (how_many == 0 || place.assumed || !place.type.is_error()) return;
    place.assumed = true;
    any = true;
    --how_many;
  });
  return any;
}

void Inference::run(Diagnostics& diagnostics) {
  for (int assumptions = 0;; ++assumptions) {
    settle();
    Diagnostics found;
    report_round(found);
    bool is_wrong = found.has_errors() || diagnostics.has_errors() || !in_.complete;
    if (!is_wrong && assume_next(assumptions < kCarefulAssumptions ? 1 : SIZE_MAX)) continue;
    for (const Diagnostic& diagnostic : found.all()) {
      Diagnostic& copy = diagnostics.add(diagnostic.id, diagnostic.span, diagnostic.message);
      copy.hints = diagnostic.hints;
      copy.notes = diagnostic.notes;
    }
    break;
  }
  publish();
}

void Inference::publish() {
  for (auto& [name, map] : maps_) {
    MapInfo& info = map.use->info;
    info.value = map.value.type;
    info.key = info.keyed ? map.key.type : Type::void_();
  }
  for (size_t i = 0; i < instances_.size(); ++i) {
    for (size_t v = 0; v < variables_[i].size(); ++v) instances_[i].variables[v].type = variables_[i][v].type;
  }
}

} // namespace trapline::sema
