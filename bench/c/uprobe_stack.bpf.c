/* u:bench_meter:metered { @[ustack] = count(); } */
#include "common.h"

#define MAX_FRAMES 127

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 4096);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, MAX_FRAMES * sizeof(__u64));
} stacks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, __u64);
} counts SEC(".maps");

SEC("uprobe")
int uprobe_stack(void *ctx)
{
	__u64 tgid = bpf_get_current_pid_tgid() >> 32;
	__u64 id = (__u32)bpf_get_stackid(ctx, &stacks, BPF_F_USER_STACK);
	__u64 key = tgid << 32 | id, one = 1, *value;

	value = bpf_map_lookup_elem(&counts, &key);
	if (value)
		*value += 1;
	else
		bpf_map_update_elem(&counts, &key, &one, BPF_NOEXIST);
	return 0;
}
