// Reading BTF that libbpf wrote: every kind of type, a module that continues the kernel's types, and damaged files.
#include "system/live_btf.h"

#include <bpf/btf.h>
#include <cstdio>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace trapline;

namespace {

// A file that is removed at the end.
class TemporaryFile {
public:
  explicit TemporaryFile(const std::string& path) : path_(path) {}
  ~TemporaryFile() { std::remove(path_.c_str()); }
  void write(const void* bytes, size_t size) const {
    std::ofstream(path_, std::ios::binary).write(static_cast<const char*>(bytes), static_cast<std::streamsize>(size));
  }
  const std::string& path() const { return path_; }

private:
  std::string path_;
};

class Btf : public testing::Test {
protected:
  Btf() : directory_("/tmp/trapline_btf_" + std::to_string(getpid())), file_(directory_ + ".btf"), btf_(btf__new_empty()) {}
  ~Btf() override { btf__free(btf_); }

  std::unique_ptr<BtfTypes> types(const std::string& modules = {}) {
    uint32_t size = 0;
    const void* bytes = btf__raw_data(btf_, &size);
    file_.write(bytes, size);
    return std::make_unique<BtfTypes>(file_.path(), modules);
  }
  int integer(const char* name, size_t size, int encoding) { return btf__add_int(btf_, name, size, encoding); }
  void field(const char* name, int type, uint32_t bit, uint32_t width = 0) { btf__add_field(btf_, name, type, bit, width); }

  std::string directory_;
  TemporaryFile file_;
  btf* btf_;
};

Field get(const StructType& record, std::string_view name) {
  auto found = find_field(record, name);
  EXPECT_TRUE(found) << name;
  return found.value_or(Field{{}, std::make_shared<Type>(), 0, 0, 0});
}

TEST_F(Btf, FieldsOfEveryKind) {
  int int32 = integer("int", 4, BTF_INT_SIGNED), byte = integer("char", 1, 0), boolean = integer("_Bool", 1, BTF_INT_BOOL);
  int array = btf__add_array(btf_, int32, byte, 16);
  int row = btf__add_array(btf_, int32, int32, 3), matrix = btf__add_array(btf_, int32, row, 2);
  int user = btf__add_type_tag(btf_, "user", byte), user_pointer = btf__add_ptr(btf_, user);
  int per_cpu = btf__add_type_tag(btf_, "percpu", int32), per_cpu_pointer = btf__add_ptr(btf_, per_cpu);
  int prototype = btf__add_func_proto(btf_, 0), function = btf__add_ptr(btf_, prototype);
  int inner = btf__add_union(btf_, nullptr, 4);
  field("low", int32, 0);
  int self = btf__add_ptr(btf_, 15); // to the struct that comes next
  int record = btf__add_struct(btf_, "node", 80);
  field("name", array, 0);
  field("next", self, 128);
  field("matrix", matrix, 192);
  field("flag", boolean, 384);
  field("", inner, 416);
  field("text", user_pointer, 448);
  field("call", function, 512);
  field("copies", per_cpu_pointer, 576);
  int constant = btf__add_const(btf_, record), alias = btf__add_typedef(btf_, "node_t", constant);
  ASSERT_EQ(record, 15);
  ASSERT_GT(alias, 0);

  auto source = types();
  auto node = source->structure("node", false);
  ASSERT_TRUE(node);
  EXPECT_EQ(node->name(), "struct node");
  EXPECT_EQ(node->size(), 80u);
  EXPECT_EQ(node->alignment(), 8u);
  EXPECT_EQ(to_string(*get(*node, "name").type), "int8[16]");
  EXPECT_EQ(to_string(*get(*node, "next").type), "struct node *");
  EXPECT_EQ(get(*node, "next").type->element->record.get(), node.get());
  EXPECT_EQ(get(*node, "next").type->space, AddressSpace::Kernel);
  EXPECT_EQ(to_string(*get(*node, "matrix").type), "int32[2][3]");
  EXPECT_TRUE(get(*node, "flag").type->is(Kind::Bool));
  EXPECT_EQ(get(*node, "low").offset, 52u);
  EXPECT_EQ(get(*node, "text").type->space, AddressSpace::User);
  EXPECT_EQ(to_string(*get(*node, "text").type), "int8 *");
  EXPECT_EQ(to_string(*get(*node, "call").type), "void *");
  EXPECT_EQ(to_string(*get(*node, "copies").type), "per-CPU int32 *");
  EXPECT_EQ(source->named("node_t"), Type::structure(node));
  EXPECT_FALSE(source->structure("node", true));
  EXPECT_FALSE(source->structure("nod", false));
  EXPECT_FALSE(source->structure("", false));
  EXPECT_EQ(source->struct_names(), std::vector<std::string>{"node"});
}

TEST_F(Btf, BitFieldsLieInTheirUnit) {
  int word = integer("unsigned int", 4, 0), byte = integer("unsigned char", 1, 0);
  btf__add_struct(btf_, "bits", 12);
  field("head", word, 0);
  field("a", word, 32, 3);
  field("b", word, 35, 29);
  field("c", byte, 68, 4);
  auto source = types();
  auto record = source->structure("bits", false);
  auto b = get(*record, "b"), c = get(*record, "c");
  EXPECT_EQ(b.offset, 4u);
  EXPECT_EQ(b.bit_offset, 3u);
  EXPECT_EQ(b.bit_width, 29u);
  EXPECT_EQ(c.offset, 8u);
  EXPECT_EQ(c.bit_offset, 4u);
  EXPECT_EQ(get(*record, "head").bit_width, 0u);
}

TEST_F(Btf, PackedStructsHaveAlignmentOne) {
  int word = integer("unsigned long", 8, 0), byte = integer("char", 1, 0);
  btf__add_struct(btf_, "packed", 9);
  field("tag", byte, 0);
  field("value", word, 8);
  auto source = types();
  EXPECT_EQ(source->structure("packed", false)->alignment(), 1u);
}

TEST_F(Btf, ForwardDeclarationsAreResolved) {
  int forward = btf__add_fwd(btf_, "later", BTF_FWD_STRUCT), pointer = btf__add_ptr(btf_, forward);
  int never = btf__add_fwd(btf_, "never", BTF_FWD_UNION), dangling = btf__add_ptr(btf_, never);
  btf__add_struct(btf_, "holder", 16);
  field("p", pointer, 0);
  field("q", dangling, 64);
  int word = integer("int", 4, BTF_INT_SIGNED);
  btf__add_struct(btf_, "later", 4);
  field("x", word, 0);
  auto source = types();
  auto holder = source->structure("holder", false);
  EXPECT_EQ(get(*holder, "p").type->element->record, source->structure("later", false));
  EXPECT_EQ(get(*holder, "p").type->element->size, 4u);
  EXPECT_EQ(to_string(*get(*holder, "q").type), "union never *");
  EXPECT_TRUE(get(*holder, "q").type->element->record->fields().empty());
  EXPECT_FALSE(source->structure("never", true));
}

TEST_F(Btf, AnonymousStructsGoByTheirTypedef) {
  int word = integer("int", 4, BTF_INT_SIGNED);
  int anonymous = btf__add_struct(btf_, nullptr, 4);
  field("counter", word, 0);
  btf__add_typedef(btf_, "atomic_t", anonymous);
  auto source = types();
  Type atomic = source->named("atomic_t");
  EXPECT_EQ(to_string(atomic), "atomic_t");
  EXPECT_EQ(atomic.size, 4u);
}

TEST_F(Btf, EnumsOfBothSizes) {
  btf__add_enum(btf_, "color", 4);
  btf__add_enum_value(btf_, "RED", 0);
  btf__add_enum_value(btf_, "NONE", -1);
  btf__add_enum(btf_, nullptr, 4);
  btf__add_enum_value(btf_, "TOP", 0x80000000);
  btf__add_enum64(btf_, "wide", 8, false);
  btf__add_enum64_value(btf_, "HUGE", 0x1234567890ull);
  auto source = types();
  ASSERT_TRUE(source->enumeration("color"));
  EXPECT_EQ(source->enumerator("NONE")->first, -1);
  EXPECT_EQ(source->enumerator("NONE")->second, source->enumeration("color"));
  EXPECT_EQ(source->enumerator("HUGE")->first, 0x1234567890);
  EXPECT_TRUE(source->enumerator("TOP"));
  EXPECT_FALSE(source->enumerator("BLUE"));
}

TEST_F(Btf, RawTracepointsTakeNamesFromTheirFunctions) {
  int word = integer("int", 4, BTF_INT_SIGNED), pointer = btf__add_ptr(btf_, 0);
  for (const char* event : {"named", "unnamed"}) {
    int prototype = btf__add_func_proto(btf_, 0);
    btf__add_func_param(btf_, nullptr, pointer);
    btf__add_func_param(btf_, nullptr, word);
    btf__add_typedef(btf_, (std::string("btf_trace_") + event).c_str(), btf__add_ptr(btf_, prototype));
  }
  int traceiter = btf__add_func_proto(btf_, word);
  btf__add_func_param(btf_, "__data", pointer);
  btf__add_func_param(btf_, "sig", word);
  btf__add_func(btf_, "__traceiter_named", BTF_FUNC_GLOBAL, traceiter);
  auto source = types();
  auto named = source->raw_tracepoint("named");
  ASSERT_TRUE(named);
  ASSERT_EQ(named->size(), 1u);
  EXPECT_EQ(named->at(0).name, "sig");
  EXPECT_EQ(to_string(named->at(0).type), "int32");
  EXPECT_EQ(source->raw_tracepoint("unnamed")->at(0).name, "arg0");
  EXPECT_FALSE(source->raw_tracepoint("none"));
  EXPECT_EQ(source->raw_tracepoint_names(), (std::vector<std::string>{"named", "unnamed"}));
}

TEST_F(Btf, ModulesContinueTheKernel) {
  int word = integer("int", 4, BTF_INT_SIGNED);
  btf__add_struct(btf_, "base", 4);
  field("x", word, 0);
  btf* split = btf__new_empty_split(btf_);
  int pointer = btf__add_ptr(split, 2);
  btf__add_struct(split, "module_thing", 8);
  btf__add_field(split, "base", pointer, 0, 0);
  uint32_t size = 0;
  const void* bytes = btf__raw_data(split, &size);
  ASSERT_EQ(mkdir(directory_.c_str(), 0700), 0);
  {
    TemporaryFile module(directory_ + "/thing");
    module.write(bytes, size);
    auto source = types(directory_);
    auto thing = source->structure("module_thing", false);
    ASSERT_TRUE(thing);
    EXPECT_EQ(get(*thing, "base").type->element->record, source->structure("base", false));
  }
  btf__free(split);
  rmdir(directory_.c_str());
}

TEST_F(Btf, DamagedFilesHaveNoTypes) {
  int word = integer("unsigned int", 4, 0);
  btf__add_struct(btf_, "record", 4);
  field("x", word, 0);
  uint32_t size = 0;
  const char* bytes = static_cast<const char*>(btf__raw_data(btf_, &size));
  for (uint32_t cut = 0; cut < size; ++cut) {
    file_.write(bytes, cut);
    EXPECT_FALSE(BtfTypes(file_.path(), {}).structure("record", false));
  }
  for (uint32_t at = 0; at < size; ++at) { // must not crash or hang, whatever it makes of it
    std::string broken(bytes, size);
    broken[at] = static_cast<char>(broken[at] ^ 0x5a);
    file_.write(broken.data(), broken.size());
    BtfTypes source(file_.path(), {});
    if (auto record = source.structure("record", false)) record->fields();
    source.struct_names();
  }
  EXPECT_FALSE(BtfTypes("/nonexistent", {}).structure("record", false));
  EXPECT_EQ(to_string(BtfTypes("/nonexistent", {}).named("u64")), "uint64");
}

} // namespace
