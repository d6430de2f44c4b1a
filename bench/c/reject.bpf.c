/* t:raw_syscalls:sys_enter /pid == 1/ { @ = count(); }: what an event costs that a predicate turns away. */
#include "common.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

SEC("raw_tp/sys_enter")
int reject(struct raw_args *ctx)
{
	__u32 zero = 0;
	__u64 *value;

	if (bpf_get_current_pid_tgid() >> 32 != 1)
		return 0;
	value = bpf_map_lookup_elem(&counts, &zero);
	if (value)
		*value += 1;
	return 0;
}
