// Reading, clearing and zeroing BPF maps. Hash maps are read in batches, one system call for thousands of elements.
#include "runtime/banks.h"
#include "runtime/maps.h"

#include <algorithm>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cerrno>

namespace trapline::runtime {
namespace {

constexpr uint32_t kBatch = 4096; // elements per look-up; a hash bucket that does not fit makes it grow

uint32_t pad8(uint32_t size) { return (size + 7) & ~7u; }

bool is_per_cpu(MapKind kind) {
  return kind == MapKind::PerCpuHash || kind == MapKind::PerCpuArray || kind == MapKind::LruPerCpuHash;
}

class LiveMaps final : public Maps {
public:
  LiveMaps(const Program& program, std::vector<int> fds, Banks* banks)
      : program_(program), fds_(std::move(fds)), banks_(banks), zeroed_(program.maps.size()) {}

  MapImage read(uint32_t map, uint64_t asked) override;
  MapImage clear(uint32_t map, uint64_t asked) override { return empty_out(map, asked, false); }
  MapImage zero(uint32_t map, uint64_t asked) override { return empty_out(map, asked, true); }

private:
  MapImage empty_image(uint32_t map);
  bool has_banks(uint32_t map) const { return banks_ && program_.maps[map].banks >= 0; }
  Banks::Bank current(uint32_t map) const;
  MapImage read_bank(uint32_t map, Banks::Bank);
  void read_scalar(MapImage&, uint32_t map, Banks::Bank);
  // False: this kernel or this map cannot be read in batches.
  bool read_in_batches(MapImage&, int fd);
  void read_one_by_one(MapImage&, int fd);

  MapImage empty_out(uint32_t map, uint64_t asked, bool keep);
  MapImage empty_left_bank(uint32_t map, uint64_t asked, bool keep);
  void remove(const MapImage&, Banks::Bank);
  void set_to_zero(const MapImage&, Banks::Bank, uint64_t flags);

  const Program& program_;
  std::vector<int> fds_;
  Banks* banks_;
  std::vector<bool> zeroed_; // scalar aggregations that zero() emptied: present although all their copies are 0
  size_t cpus_ = 0;
};

MapImage LiveMaps::empty_image(uint32_t map) {
  MapImage image;
  image.spec = &program_.maps[map];
  image.stride = image.spec->value_size;
  if (is_per_cpu(image.spec->kind)) {
    if (cpus_ == 0) cpus_ = static_cast<size_t>(std::max(libbpf_num_possible_cpus(), 1));
    image.copies = cpus_;
    image.stride = pad8(image.spec->value_size);
  }
  return image;
}

Banks::Bank LiveMaps::current(uint32_t map) const {
  if (!has_banks(map)) return {fds_[map], 0};
  const MapSpec& spec = program_.maps[map];
  return banks_->at(spec, banks_->turning().current(static_cast<size_t>(spec.banks)));
}

MapImage LiveMaps::read(uint32_t map, uint64_t asked) {
  if (!has_banks(map)) return read_bank(map, current(map));
  const MapSpec& spec = program_.maps[map];
  return read_bank(map, banks_->at(spec, banks_->turning().readable(static_cast<size_t>(spec.banks), asked)));
}

MapImage LiveMaps::read_bank(uint32_t map, Banks::Bank bank) {
  MapImage image = empty_image(map);
  if (!image.spec->keyed) {
    read_scalar(image, map, bank);
  } else if (bank.fd >= 0 && !read_in_batches(image, bank.fd)) {
    read_one_by_one(image, bank.fd);
  }
  return image;
}

void LiveMaps::read_scalar(MapImage& image, uint32_t map, Banks::Bank bank) {
  image.count = 1;
  image.values.assign(image.copies * image.stride, 0);
  if (bank.fd < 0 || bpf_map_lookup_elem(bank.fd, &bank.key, image.values.data()) != 0) {
    image.present = false;
    return;
  }
  const Type& type = image.spec->value;
  if (image.spec->kind == MapKind::Array && image.stride > pad8(type.size)) {
    image.present = load(image.values.data() + pad8(type.size), 8) != 0;
  } else if (type.is_aggregate()) {
    image.present = merge(type, image.values.data(), image.stride, image.copies).present || zeroed_[map];
  }
}

bool LiveMaps::read_in_batches(MapImage& image, int fd) {
  const uint32_t key_size = image.spec->key_size;
  const size_t value_bytes = image.copies * image.stride;
  // The position in a hash map is a bucket number, in others a key.
  std::vector<uint8_t> position(std::max<uint32_t>(key_size, 8)), next_position(position.size());
  uint32_t batch = std::min(kBatch, std::max<uint32_t>(image.spec->max_entries, 1));
  bool first = true;
  for (;;) {
    image.keys.resize((image.count + batch) * key_size);
    image.values.resize((image.count + batch) * value_bytes);
    uint32_t count = batch;
    const int failed = bpf_map_lookup_batch(fd, first ? nullptr : position.data(), next_position.data(),
                                            image.keys.data() + image.count * key_size,
                                            image.values.data() + image.count * value_bytes, &count, nullptr);
    const int error = failed ? errno : 0;
    if (error == ENOSPC && batch < (1u << 20)) { // a bucket longer than the batch
      batch *= 2;
      continue;
    }
    if (error != 0 && error != ENOENT) {
      if (!first) break; // keep what was read
      image.count = 0;
      return false;
    }
    image.count += count;
    if (error == ENOENT) break; // the end
    first = false;
    position.swap(next_position);
  }
  image.keys.resize(image.count * key_size);
  image.values.resize(image.count * value_bytes);
  return true;
}

void LiveMaps::read_one_by_one(MapImage& image, int fd) {
  const uint32_t key_size = image.spec->key_size;
  const size_t value_bytes = image.copies * image.stride;
  std::vector<uint8_t> key(key_size), next(key_size), value(value_bytes);
  image.keys.clear();
  image.values.clear();
  // An element deleted meanwhile makes the walk start over; the limit keeps it finite.
  const size_t limit = static_cast<size_t>(image.spec->max_entries) * 2;
  for (const uint8_t* at = nullptr; image.count < limit && bpf_map_get_next_key(fd, at, next.data()) == 0; at = key.data()) {
    key.swap(next);
    if (bpf_map_lookup_elem(fd, key.data(), value.data()) != 0) continue;
    image.keys.insert(image.keys.end(), key.begin(), key.end());
    image.values.insert(image.values.end(), value.begin(), value.end());
    image.count++;
  }
}

MapImage LiveMaps::empty_out(uint32_t map, uint64_t asked, bool keep) {
  if (has_banks(map)) return empty_left_bank(map, asked, keep);
  const Banks::Bank bank = current(map);
  MapImage image = read_bank(map, bank);
  if (keep) {
    set_to_zero(image, bank, BPF_EXIST);
  } else {
    remove(image, bank);
  }
  zeroed_[map] = keep && image.present;
  return image;
}

MapImage LiveMaps::empty_left_bank(uint32_t map, uint64_t asked, bool keep) {
  const MapSpec& spec = program_.maps[map];
  const auto index = static_cast<size_t>(spec.banks);
  Turning& turning = banks_->turning();
  const bool keeps_assigned = keep && spec.kind == MapKind::Array && !spec.keyed;
  // Programs that turn themselves keep the word themselves.
  const auto keep_assigned = [&](uint64_t turn) {
    if (keeps_assigned) set_to_zero(read_bank(map, banks_->at(spec, turn - 1)), banks_->at(spec, turn), BPF_ANY);
  };
  const std::optional<uint64_t> turn = turning.begin(index, asked, keep_assigned);
  if (!turn) {
    MapImage nothing = empty_image(map);
    nothing.present = false;
    return nothing;
  }
  const Banks::Bank left = banks_->at(spec, *turn - 1);
  MapImage image = read_bank(map, left);
  // Keys come back as zeros unless they were counted again already.
  if (keep && spec.keyed) set_to_zero(image, banks_->at(spec, *turn), BPF_NOEXIST);
  remove(image, left);
  turning.finish(index, *turn);
  zeroed_[map] = keep && image.present;
  return image;
}

void LiveMaps::remove(const MapImage& image, Banks::Bank bank) {
  if (bank.fd < 0) return;
  if (!image.spec->keyed) {
    const std::vector<uint8_t> zeros(image.copies * image.stride);
    bpf_map_update_elem(bank.fd, &bank.key, zeros.data(), BPF_ANY);
    return;
  }
  const auto total = static_cast<uint32_t>(image.count);
  // A batch stops at the first key that is gone already; skip that one and go on.
  for (uint32_t done = 0; done < total;) {
    uint32_t count = total - done;
    if (bpf_map_delete_batch(bank.fd, image.key(done), &count, nullptr) == 0) break;
    if (errno != ENOENT) {
      for (uint32_t i = done; i < total; i++) bpf_map_delete_elem(bank.fd, image.key(i));
      break;
    }
    done += count + 1;
  }
}

// Writes the image's elements with zeros for values; a scalar stays assigned if it was.
void LiveMaps::set_to_zero(const MapImage& image, Banks::Bank bank, uint64_t flags) {
  std::vector<uint8_t> zeros(image.copies * image.stride);
  if (image.spec->keyed) {
    for (size_t i = 0; i < image.count; i++) bpf_map_update_elem(bank.fd, image.key(i), zeros.data(), flags);
    return;
  }
  if (!image.present) return;
  const size_t assigned = pad8(image.spec->value.size);
  if (image.spec->kind == MapKind::Array && image.stride > assigned) zeros[assigned] = 1;
  bpf_map_update_elem(bank.fd, &bank.key, zeros.data(), BPF_ANY);
}

} // namespace

std::unique_ptr<Maps> make_live_maps(const Program& program, std::vector<int> fds, Banks* banks) {
  return std::make_unique<LiveMaps>(program, std::move(fds), banks);
}

} // namespace trapline::runtime
