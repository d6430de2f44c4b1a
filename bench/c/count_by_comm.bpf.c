/* t:raw_syscalls:sys_enter { @[comm] = count(); } */
#include "common.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 4096);
	__type(key, char[TASK_COMM_LEN]);
	__type(value, __u64);
} counts SEC(".maps");

SEC("raw_tp/sys_enter")
int count_by_comm(struct raw_args *ctx)
{
	char comm[TASK_COMM_LEN] = {};
	__u64 one = 1, *value;

	bpf_get_current_comm(comm, sizeof(comm));
	value = bpf_map_lookup_elem(&counts, comm);
	if (value)
		*value += 1;
	else
		bpf_map_update_elem(&counts, comm, &one, BPF_NOEXIST);
	return 0;
}
