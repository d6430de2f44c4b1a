// Reading, clearing and zeroing BPF maps. Hash maps are read in batches, one system call for thousands of elements.
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
  LiveMaps(const Program& program, std::vector<int> fds)
      : program_(program), fds_(std::move(fds)), zeroed_(program.maps.size()) {}

  MapImage read(uint32_t map) override;
  void clear(uint32_t map) override;
  void zero(uint32_t map) override;

private:
  MapImage empty_image(uint32_t map);
  void read_scalar(MapImage&, uint32_t map);
  // False: this kernel or this map cannot be read in batches.
  bool read_in_batches(MapImage&, int fd);
  void read_one_by_one(MapImage&, int fd);
  std::vector<uint8_t> read_keys(uint32_t map);

  const Program& program_;
  std::vector<int> fds_;
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

MapImage LiveMaps::read(uint32_t map) {
  MapImage image = empty_image(map);
  const int fd = fds_[map];
  if (!image.spec->keyed) {
    read_scalar(image, map);
  } else if (fd >= 0 && !read_in_batches(image, fd)) {
    read_one_by_one(image, fd);
  }
  return image;
}

void LiveMaps::read_scalar(MapImage& image, uint32_t map) {
  const uint32_t zero_key = 0;
  image.count = 1;
  image.values.assign(image.copies * image.stride, 0);
  if (fds_[map] < 0 || bpf_map_lookup_elem(fds_[map], &zero_key, image.values.data()) != 0) {
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

std::vector<uint8_t> LiveMaps::read_keys(uint32_t map) { return read(map).keys; }

void LiveMaps::clear(uint32_t map) {
  const MapSpec& spec = program_.maps[map];
  const int fd = fds_[map];
  if (fd < 0) return;
  if (!spec.keyed) {
    const MapImage image = empty_image(map);
    const std::vector<uint8_t> zeros(image.copies * image.stride);
    const uint32_t zero_key = 0;
    bpf_map_update_elem(fd, &zero_key, zeros.data(), BPF_ANY);
    zeroed_[map] = false;
    return;
  }
  const std::vector<uint8_t> keys = read_keys(map);
  const auto total = static_cast<uint32_t>(keys.size() / spec.key_size);
  // A batch stops at the first key that is gone already; skip that one and go on.
  for (uint32_t done = 0; done < total;) {
    uint32_t count = total - done;
    const uint8_t* from = keys.data() + static_cast<size_t>(done) * spec.key_size;
    if (bpf_map_delete_batch(fd, from, &count, nullptr) == 0) break;
    if (errno != ENOENT) {
      for (uint32_t i = done; i < total; i++) bpf_map_delete_elem(fd, keys.data() + static_cast<size_t>(i) * spec.key_size);
      break;
    }
    done += count + 1;
  }
}

void LiveMaps::zero(uint32_t map) {
  const MapSpec& spec = program_.maps[map];
  const int fd = fds_[map];
  if (fd < 0) return;
  if (!spec.keyed) {
    MapImage image = read(map);
    if (!image.present) return;
    const size_t kept = spec.kind == MapKind::Array ? pad8(spec.value.size) : image.values.size(); // not the present flag
    std::fill_n(image.values.begin(), std::min(kept, image.values.size()), 0);
    const uint32_t zero_key = 0;
    bpf_map_update_elem(fd, &zero_key, image.values.data(), BPF_ANY);
    zeroed_[map] = true;
    return;
  }
  const std::vector<uint8_t> keys = read_keys(map);
  const MapImage image = empty_image(map);
  const std::vector<uint8_t> zeros(image.copies * image.stride);
  for (size_t at = 0; at < keys.size(); at += spec.key_size) bpf_map_update_elem(fd, keys.data() + at, zeros.data(), BPF_EXIST);
}

} // namespace

std::unique_ptr<Maps> make_live_maps(const Program& program, std::vector<int> fds) {
  return std::make_unique<LiveMaps>(program, std::move(fds));
}

} // namespace trapline::runtime
