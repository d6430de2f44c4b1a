/* t:syscalls:sys_enter_* { @[probe] = count(); }: by number, which is as good as the name. */
#include "common.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, __u64);
} counts SEC(".maps");

SEC("raw_tp/sys_enter")
int count_by_number(struct raw_args *ctx)
{
	__u64 number = ctx->args[1], one = 1, *value;

	value = bpf_map_lookup_elem(&counts, &number);
	if (value)
		*value += 1;
	else
		bpf_map_update_elem(&counts, &number, &one, BPF_NOEXIST);
	return 0;
}
