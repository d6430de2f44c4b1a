/* t:raw_syscalls:sys_enter { @start[tid] = nsecs; }
 * t:raw_syscalls:sys_exit /@start[tid]/ { @ns = hist(nsecs - @start[tid]); delete(@start[tid]); } */
#include "common.h"

#define BUCKETS 65

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u64);
} start SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, BUCKETS);
	__type(key, __u32);
	__type(value, __u64);
} histogram SEC(".maps");

static __always_inline __u32 log2_bucket(__u64 value)
{
	__u32 bucket = 0, shift;

	if (value == 0)
		return 0;
	shift = (value > 0xffffffff) << 5; value >>= shift; bucket |= shift;
	shift = (value > 0xffff) << 4; value >>= shift; bucket |= shift;
	shift = (value > 0xff) << 3; value >>= shift; bucket |= shift;
	shift = (value > 0xf) << 2; value >>= shift; bucket |= shift;
	shift = (value > 0x3) << 1; value >>= shift; bucket |= shift;
	return (bucket | (value >> 1)) + 1;
}

SEC("raw_tp/sys_enter")
int enter(struct raw_args *ctx)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	__u64 now = bpf_ktime_get_boot_ns();

	bpf_map_update_elem(&start, &tid, &now, BPF_ANY);
	return 0;
}

SEC("raw_tp/sys_exit")
int leave(struct raw_args *ctx)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid(), bucket;
	__u64 *began = bpf_map_lookup_elem(&start, &tid), *count;

	if (!began || !*began)
		return 0;
	bucket = log2_bucket(bpf_ktime_get_boot_ns() - *began);
	count = bpf_map_lookup_elem(&histogram, &bucket);
	if (count)
		*count += 1;
	bpf_map_delete_elem(&start, &tid);
	return 0;
}
