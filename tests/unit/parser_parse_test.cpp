// What becomes of a right script: texts, spans and ids. The shape of trees is in the golden tests.
#include "parser/parse.h"

#include <gtest/gtest.h>
#include <set>

namespace trapline {
namespace {

using namespace ast;

struct Parsed {
  explicit Parsed(std::string text, ParseOptions options = {}) : source("test", std::move(text)), script(parse(source, options, diags)) {
    EXPECT_FALSE(diags.has_errors()) << render_all(diags, source);
  }
  const Stmt& statement(size_t i = 0) const { return *script->probes[0].body.statements.at(i); }
  const Expr& expression(size_t i = 0) const { return *std::get<ExprStatement>(statement(i).node).expr; }
  std::string_view text(Span span) const { return source.text_of(span); }

  SourceFile source;
  Diagnostics diags;
  std::optional<Script> script;
};

std::string source_of(const std::string& expression) {
  Parsed parsed("BEGIN { " + expression + " }");
  return parsed.script ? to_source(parsed.expression()) : "";
}

TEST(Parse, attach_points) {
  Parsed parsed("#!/bin/x\nk:a,\nu:/bin/*:\"f(int, {})\" /pid/ {} BEGIN{}");
  ASSERT_EQ(parsed.script->probes.size(), 2u);
  const Probe& probe = parsed.script->probes[0];
  ASSERT_EQ(probe.attach_points.size(), 2u);
  EXPECT_EQ(probe.attach_points[1].text, "u:/bin/*:\"f(int, {})\"");
  EXPECT_EQ(parsed.text(probe.attach_points[0].span), "k:a");
  EXPECT_EQ(parsed.text(probe.predicate->span), "pid");
  EXPECT_EQ(parsed.text(probe.span), "k:a,\nu:/bin/*:\"f(int, {})\" /pid/ {}");
  EXPECT_EQ(parsed.script->probes[1].attach_points[0].text, "BEGIN");
}

TEST(Parse, positional_parameters_in_attach_points) {
  ParseOptions options;
  options.positional = {"100", "libc:malloc"};
  Parsed parsed("i:ms:$1 {} u:$2/1/ {} i:s:$# {} u:/x:\"$1\" {} i:$3 {}", options);
  std::vector<std::string> texts;
  for (const Probe& probe : parsed.script->probes) texts.push_back(probe.attach_points[0].text);
  // The slash comes behind a colon and belongs to the attach point.
  EXPECT_EQ(texts, (std::vector<std::string>{"i:ms:100", "u:libc:malloc/1/", "i:s:2", "u:/x:\"$1\"", "i:"}));
  EXPECT_TRUE(parsed.diags.has(DiagId::MissingPositional));
}

TEST(Parse, predicate_ends_before_the_block) {
  for (const char* text : {"k:f /a/ {}", "k:f / a / {}", "k:f /a/{}", "k:f\n/a/\n{}", "k:f /a/ // comment\n{}", "f/a/{}"}) {
    Parsed parsed(text);
    EXPECT_EQ(to_source(*parsed.script->probes[0].predicate), "a") << text;
  }
  EXPECT_EQ(to_source(*Parsed("k:f /a / 2 == b/3/ {}").script->probes[0].predicate), "a / 2 == b / 3");
}

TEST(Parse, spans) {
  Parsed parsed("BEGIN { $x = (1 + f(a)) * @m[k].field; if (x) { } }");
  const auto& assign = std::get<Assign>(parsed.statement().node);
  EXPECT_EQ(parsed.text(parsed.statement().span), "$x = (1 + f(a)) * @m[k].field");
  EXPECT_EQ(parsed.text(assign.target->span), "$x");
  const auto& product = std::get<Binary>(assign.value->node);
  EXPECT_EQ(parsed.text(product.op_span), "*");
  EXPECT_EQ(parsed.text(product.left->span), "1 + f(a)");
  const auto& call = std::get<Call>(std::get<Binary>(product.left->node).right->node);
  EXPECT_EQ(parsed.text(call.name_span), "f");
  const auto& field = std::get<FieldAccess>(product.right->node);
  EXPECT_EQ(parsed.text(field.field_span), "field");
  EXPECT_EQ(parsed.text(field.object->span), "@m[k]");
  EXPECT_EQ(parsed.text(parsed.statement(1).span), "if (x) { }");
  EXPECT_EQ(parsed.text(std::get<If>(parsed.statement(1).node).then.span), "{ }");
}

TEST(Parse, ids_are_dense) {
  Parsed parsed("BEGIN { f(a, 1 + 2); } k:f /x/ { @a[1] = $b.c }");
  // f a 1 2 + call, x, 1 @a $b .c: each of them once.
  EXPECT_EQ(parsed.script->node_count, 10u);
  const auto& call = std::get<Call>(parsed.expression().node);
  const auto& sum = std::get<Binary>(call.arguments[1]->node);
  std::set<NodeId> ids = {parsed.expression().id, call.arguments[0]->id, call.arguments[1]->id, sum.left->id, sum.right->id};
  EXPECT_EQ(ids.size(), 5u);
  EXPECT_LT(*ids.rbegin(), parsed.script->node_count);
}

TEST(Parse, names_lose_their_sigil_as_the_tree_says) {
  Parsed parsed("BEGIN { let $v : uint8 = 1; $x; @m; for ($i : 0..2) { } for ($kv : @m) { } }");
  EXPECT_EQ(std::get<Let>(parsed.statement(0).node).name, "v");
  EXPECT_EQ(std::get<Variable>(parsed.expression(1).node).name, "x");
  EXPECT_EQ(std::get<MapAccess>(parsed.expression(2).node).name, "@m");
  EXPECT_EQ(std::get<ForRange>(parsed.statement(3).node).variable, "i");
  EXPECT_EQ(std::get<ForMap>(parsed.statement(4).node).variable, "kv");
}

TEST(Parse, casts_and_parentheses) {
  EXPECT_EQ(source_of("(uint64)*$p"), "(uint64)*$p");
  EXPECT_EQ(source_of("(pid)*tid"), "pid * tid");
  EXPECT_EQ(source_of("(pid) - 1"), "pid - 1");
  EXPECT_EQ(source_of("(pid)&1"), "pid & 1");
  EXPECT_EQ(source_of("(int8)-1"), "(int8)-1");
  EXPECT_EQ(source_of("(foo *)1"), "(foo *)1");
  EXPECT_EQ(source_of("(foo)$x"), "(foo)$x");
  EXPECT_EQ(source_of("(a * b)"), "a * b");
  EXPECT_EQ(source_of("(a[1])"), "a[1]");
  EXPECT_EQ(source_of("(string[64])a"), "(string[64])a");
  EXPECT_EQ(source_of("(unsigned  long\nlong)a"), "(unsigned long long)a");
  EXPECT_EQ(source_of("(uint8)(uint16)(x)"), "(uint8)(uint16)x");
  EXPECT_EQ(source_of("f (uint8)"), "f(uint8)");
  EXPECT_EQ(source_of("sizeof(uint8)"), "sizeof(uint8)");
  EXPECT_EQ(source_of("sizeof(struct a *)"), "sizeof(struct a *)");
  EXPECT_EQ(source_of("sizeof((uint8)x)"), "sizeof((uint8)x)");
  EXPECT_EQ(source_of("offsetof(struct a, b.c)"), "offsetof(struct a, b.c)");
  EXPECT_EQ(source_of("x ? (u8)1 : (u16)2"), "x ? (u8)1 : (u16)2");
}

TEST(Parse, tuple_as_the_only_key) {
  EXPECT_EQ(source_of("@x[(1, 2)]"), "@x[1, 2]");
  EXPECT_EQ(source_of("@x[(1, 2), 3]"), "@x[(1, 2), 3]");
  EXPECT_EQ(source_of("@x[(1,)]"), "@x[(1,)]");
}

TEST(Parse, keywords_are_fields_after_a_dot) {
  EXPECT_EQ(source_of("args.if"), "args.if");
  EXPECT_EQ(source_of("args->struct->let"), "args->struct->let");
}

TEST(Parse, strings) {
  auto value = [](const std::string& literal) { return std::get<StringLiteral>(Parsed("BEGIN { " + literal + " }").expression().node).value; };
  EXPECT_EQ(value(R"("a\n\t\r\"\\")"), "a\n\t\r\"\\");
  EXPECT_EQ(value(R"("\x41\X4a\1012\7")"), "AJA2\7");
  EXPECT_EQ(value(R"("\0x\x9g")").size(), 4u);
}

TEST(Parse, any_bytes_in_strings_and_comments) {
  using namespace std::string_literals;
  Parsed parsed("BEGIN { \"\0\xff\xfe\"; /* \0\xff */ 1 } // \0"s);
  EXPECT_EQ(std::get<StringLiteral>(parsed.expression().node).value, "\0\xff\xfe"s);
}

TEST(Parse, semicolons) {
  for (const char* text : {"BEGIN { a }", "BEGIN { a; }", "BEGIN { ;a;; }", "BEGIN { a };", "BEGIN { if (b) { } a }", "BEGIN { if (b) { }; a; }"}) {
    EXPECT_TRUE(Parsed(text).script) << text;
  }
  EXPECT_EQ(Parsed("BEGIN { @x++ $y++ f() }").script->probes[0].body.statements.size(), 3u);
}

TEST(Parse, includes_config_and_maps) {
  Parsed parsed("#include <linux/sched.h>\n#include \"own.h\"\nconfig = { a = 1; b = x; c = \"y z\"; d = true }\nlet @m = lruhash(10);\nBEGIN {}");
  EXPECT_EQ(parsed.script->includes, (std::vector<std::string>{"linux/sched.h", "own.h"}));
  std::string config;
  for (const ConfigEntry& entry : parsed.script->config) config += entry.key + "=" + entry.value + ";";
  EXPECT_EQ(config, "a=1;b=x;c=y z;d=true;");
  EXPECT_EQ(parsed.text(parsed.script->config[2].value_span), "\"y z\"");
  EXPECT_EQ(parsed.script->map_declarations[0].kind, "lruhash");
  EXPECT_EQ(parsed.script->map_declarations[0].entries, 10u);
}

TEST(Parse, records) {
  Parsed parsed("enum { N = 2, M };\nstruct s { unsigned long a, *b[M * 2]; int c : N; struct { char d; }; } __attribute__((packed));\nBEGIN {}");
  const RecordDefinition& record = parsed.script->records[0];
  EXPECT_TRUE(record.packed);
  ASSERT_EQ(record.members.size(), 4u);
  EXPECT_EQ(to_string(record.members[0].type), "unsigned long");
  EXPECT_EQ(to_string(record.members[1].type), "unsigned long *[6]");
  EXPECT_EQ(record.members[2].bit_width, 2u);
  ASSERT_TRUE(record.members[3].inline_record);
  EXPECT_EQ(record.members[3].inline_record->members[0].name, "d");
}

TEST(Parse, line_ends_and_byte_order_mark) {
  EXPECT_TRUE(Parsed("\xef\xbb\xbf#!/bin/x\r\n#define A 1\r\nBEGIN\r\n{\r\n  f(A);\r\n}\r\n").script);
}

} // namespace
} // namespace trapline
