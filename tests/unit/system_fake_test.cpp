// The made-up machine: its C reader and layouts, and that the sample machine holds what it promises.
#include "system/fake.h"

#include <gtest/gtest.h>

using namespace trapline;

namespace {

std::string field_type(const StructType& record, std::string_view name) {
  auto field = find_field(record, name);
  return field ? to_string(*field->type) : "none";
}

TEST(FakeTypes, StructsAreLaidOutAsInC) {
  FakeTypes types;
  types.declare("struct s { char a; long b; short c[3]; struct { int d; union { int e; char f; }; }; void (*g)(int); };");
  auto record = types.structure("s", false);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->size(), 40u);
  EXPECT_EQ(record->alignment(), 8u);
  EXPECT_EQ(find_field(*record, "b")->offset, 8u);
  EXPECT_EQ(find_field(*record, "c")->offset, 16u);
  EXPECT_EQ(find_field(*record, "d")->offset, 24u);
  EXPECT_EQ(find_field(*record, "f")->offset, 28u);
  EXPECT_EQ(find_field(*record, "g")->offset, 32u);
  EXPECT_EQ(field_type(*record, "c"), "int16[3]");
  EXPECT_EQ(field_type(*record, "g"), "void *");
}

TEST(FakeTypes, BitFieldsSharedUnits) {
  FakeTypes types;
  types.declare("struct s { unsigned a:3; unsigned b:30; unsigned c:1; };");
  auto record = types.structure("s", false);
  EXPECT_EQ(record->size(), 8u);
  auto b = find_field(*record, "b"), c = find_field(*record, "c");
  EXPECT_EQ(b->offset, 4u);
  EXPECT_EQ(b->bit_offset, 0u);
  EXPECT_EQ(b->bit_width, 30u);
  EXPECT_EQ(c->offset, 4u);
  EXPECT_EQ(c->bit_offset, 30u);
}

TEST(FakeTypes, PointersMayGoAhead) {
  FakeTypes types;
  types.declare("struct a { struct b *next; struct a *self; struct never *n; char __user *u; }; struct b { int x[4]; };");
  auto a = types.structure("a", false);
  auto next = find_field(*a, "next");
  EXPECT_EQ(next->type->element->size, 16u);
  EXPECT_EQ(next->type->space, AddressSpace::Kernel);
  EXPECT_EQ(find_field(*a, "u")->type->space, AddressSpace::User);
  EXPECT_EQ(find_field(*a, "self")->type->element->size, 32u);
  EXPECT_TRUE(find_field(*a, "n")->type->element->record->fields().empty());
}

TEST(FakeTypes, EnumsAndTypedefs) {
  FakeTypes types;
  types.declare("enum e { A, B = 5, C, D = -1 }; enum { E = 0x10 }; typedef struct { int v; } box; typedef enum e alias;");
  EXPECT_EQ(types.enumerator("C")->first, 6);
  EXPECT_EQ(types.enumerator("E")->first, 16);
  EXPECT_FALSE(types.enumerator("F"));
  EXPECT_EQ(types.enumeration("e")->values.size(), 4u);
  EXPECT_TRUE(types.named("alias").is_signed);
  EXPECT_EQ(types.named("box").size, 4u);
  EXPECT_TRUE(types.named("nothing").is_error());
  EXPECT_EQ(types.named("unsigned long"), Type::integer(8, false));
}

TEST(SampleSystem, TracepointFieldsLieAsInTheKernel) {
  auto system = make_sample_system();
  auto format = system->tracepoint_format("sched", "sched_switch");
  ASSERT_TRUE(format);
  ASSERT_EQ(format->fields.size(), 7u);
  EXPECT_EQ(format->fields[0].type, "char[16]");
  EXPECT_EQ(format->fields[0].array_length, 16u);
  EXPECT_EQ(format->fields[3].name, "prev_state");
  EXPECT_EQ(format->fields[3].offset, 32u);
  EXPECT_TRUE(format->fields[3].is_signed);
  EXPECT_EQ(format->fields[6].offset, 60u);
  auto openat = system->tracepoint_format("syscalls", "sys_enter_openat");
  EXPECT_EQ(openat->fields[2].name, "filename");
  EXPECT_EQ(openat->fields[2].type, "const char *");
  EXPECT_EQ(openat->fields[2].offset, 24u);
  EXPECT_EQ(openat->fields[2].size, 8u);
  auto exec = system->tracepoint_format("sched", "sched_process_exec");
  EXPECT_TRUE(exec->fields[0].is_data_loc);
  EXPECT_EQ(exec->fields[1].offset, 12u);
  EXPECT_EQ(system->tracepoint_format("block", "block_rq_issue")->fields[7].offset, 60u);
  EXPECT_FALSE(system->tracepoint_format("sched", "nothing"));
}

TEST(SampleSystem, EverySyscallTracepointHasANumber) {
  auto system = make_sample_system();
  auto events = system->tracepoint_events("syscalls");
  for (const std::string& event : *events) {
    EXPECT_TRUE(system->syscall_number(event.substr(event.find('_', 4) + 1))) << event;
  }
}

TEST(SampleSystem, EveryDeclaredTypeIsKnown) {
  auto system = make_sample_system();
  for (const std::string& name : system->types().struct_names()) {
    auto record = system->types().structure(name, false);
    if (!record) continue; // a union
    EXPECT_GT(record->size(), 0u) << name;
    for (const Field& field : record->fields()) EXPECT_FALSE(field.type->is_error()) << name << '.' << field.name;
  }
  auto task = system->types().structure("task_struct", false);
  EXPECT_EQ(field_type(*task, "comm"), "int8[16]");
  EXPECT_EQ(field_type(*task, "real_parent"), "struct task_struct *");
  EXPECT_EQ(find_field(*task, "in_iowait")->bit_offset, 3u);
}

TEST(SampleSystem, RawTracepointsHaveTypedParameters) {
  auto system = make_sample_system();
  auto parameters = system->types().raw_tracepoint("sched_switch");
  ASSERT_TRUE(parameters);
  ASSERT_EQ(parameters->size(), 4u);
  EXPECT_EQ(to_string(parameters->at(0).type), "bool");
  EXPECT_EQ(parameters->at(1).name, "prev");
  EXPECT_EQ(to_string(parameters->at(1).type), "struct task_struct *");
  EXPECT_EQ(parameters->at(3).name, "prev_state");
  for (const std::string& name : system->raw_tracepoints()) {
    auto typed = system->types().raw_tracepoint(name);
    ASSERT_TRUE(typed) << name;
    for (const auto& parameter : *typed) EXPECT_FALSE(parameter.type.is_error() || parameter.name.empty()) << name;
  }
}

TEST(SampleSystem, BinariesResolve) {
  auto system = make_sample_system();
  EXPECT_EQ(system->resolve_binary("bash", {}), std::vector<std::string>{"/bin/bash"});
  EXPECT_EQ(system->resolve_binary("libc", {}), std::vector<std::string>{"/lib/x86_64-linux-gnu/libc.so.6"});
  EXPECT_EQ(system->resolve_binary("/lib/x86_64-linux-gnu/lib*", {}).size(), 2u);
  EXPECT_TRUE(system->resolve_binary("/none", {}).empty());
  EXPECT_TRUE(system->elf_symbols("/lib/x86_64-linux-gnu/libpthread.so.0")->empty());
  EXPECT_FALSE(system->elf_symbols("/none"));
  EXPECT_EQ(system->usdt_sites("/usr/bin/usdt_sample")->size(), 4u);
  EXPECT_EQ(system->elf_file_offset("/bin/bash", 0x1044), std::optional<uint64_t>(0x1044));
  EXPECT_TRUE(system->process_exists(1234));
  EXPECT_FALSE(system->process_exists(99));
}

TEST(SampleSystem, WithoutTracefsTheErrorSaysHowToMountIt) {
  auto system = make_sample_system();
  system->has_tracefs = false;
  auto systems = system->tracepoint_systems();
  ASSERT_FALSE(systems);
  EXPECT_NE(systems.error().hint.find("mount -t tracefs"), std::string::npos);
}

} // namespace
