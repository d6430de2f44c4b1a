// bench_loader OBJECT [FILE FUNCTION]: loads a BPF object, attaches its programs (those of section "uprobe" to the
// function), says "Attached" on standard error, and detaches when it is interrupted. `raw_tp` without a name runs once.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

static struct bpf_link *attach(struct bpf_program *program, int argc, char **argv) {
  if (strcmp(bpf_program__section_name(program), "uprobe") != 0) return bpf_program__attach(program);
  if (argc < 4) return NULL;
  LIBBPF_OPTS(bpf_uprobe_opts, options, .func_name = argv[3]);
  return bpf_program__attach_uprobe_opts(program, -1, argv[2], 0, &options);
}

int main(int argc, char **argv) {
  struct bpf_link *links[8];
  int count = 0, number, runs_once = 0;
  struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
  sigset_t stop;
  if (argc < 2) return 2;
  sigemptyset(&stop);
  sigaddset(&stop, SIGINT);
  sigaddset(&stop, SIGTERM);
  sigprocmask(SIG_BLOCK, &stop, NULL);
  setrlimit(RLIMIT_MEMLOCK, &unlimited);

  struct bpf_object *object = bpf_object__open_file(argv[1], NULL);
  if (!object || bpf_object__load(object) != 0) return 3;
  struct bpf_program *program;
  bpf_object__for_each_program(program, object) {
    if (strcmp(bpf_program__section_name(program), "raw_tp") == 0) {
      LIBBPF_OPTS(bpf_test_run_opts, options);
      if (bpf_prog_test_run_opts(bpf_program__fd(program), &options) != 0) return 4;
      runs_once = 1;
    } else if (!(links[count++] = attach(program, argc, argv))) {
      return 5;
    }
  }
  fprintf(stderr, "Attached %d\n", count);
  if (!runs_once) sigwait(&stop, &number);
  while (count > 0) bpf_link__destroy(links[--count]);
  bpf_object__close(object);
  return 0;
}
