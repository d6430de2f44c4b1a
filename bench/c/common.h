/* What the hand-written BPF programs share. Kernel types are spelled out where one is needed: no vmlinux.h. */
#pragma once

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#define TASK_COMM_LEN 16

/* The arguments of a raw tracepoint: of sys_enter the registers and the number, of sys_exit the registers and the result. */
struct raw_args {
	__u64 args[2];
};

char LICENSE[] SEC("license") = "GPL";
