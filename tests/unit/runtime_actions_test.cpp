// Records carried out in order: what prints, what reaches the maps, what exit() stops.
#include "program/object.h"
#include "runtime/actions.h"
#include "runtime_fakes.h"

#include <gtest/gtest.h>

namespace trapline::runtime {
namespace {

class FakeMaps final : public Maps {
public:
  explicit FakeMaps(const Program& program) : program_(program) {}
  MapImage read(uint32_t map, uint64_t asked) override {
    return called(asked == kNow ? fmt::format("read {}", map) : fmt::format("read {} at turn {}", map, asked), map);
  }
  MapImage clear(uint32_t map, uint64_t asked) override { return called(fmt::format("clear {} at turn {}", map, asked), map); }
  MapImage zero(uint32_t map, uint64_t asked) override { return called(fmt::format("zero {} at turn {}", map, asked), map); }

  std::vector<std::string> calls;

private:
  MapImage called(std::string what, uint32_t map) {
    calls.push_back(std::move(what));
    MapImage image;
    image.spec = &program_.maps[map];
    image.count = 1;
    image.stride = 8;
    image.values = Bytes().add<int64_t>(40).vector();
    return image;
  }
  const Program& program_;
};

class ActionsTest : public testing::Test {
protected:
  uint32_t add(Action action) {
    program_.actions.push_back(std::move(action));
    return static_cast<uint32_t>(program_.actions.size() - 1);
  }
  uint32_t add_printf(const std::string& text) {
    Action action{.kind = ActionKind::Printf};
    action.format = {FormatPiece{.literal = text}};
    return add(std::move(action));
  }
  static Bytes record(uint32_t action) { return Bytes().add(action).add<uint32_t>(0); }

  // Runs `use` with the actions added so far; what was printed.
  Printed run(const std::function<void(Actions&)>& use) {
    return print_with(OutputFormat::Text, program_, [&](Printer& printer) {
      const Context context{program_, resolver_};
      Actions actions(context, maps_, printer);
      use(actions);
      status_ = actions.exit_status();
    });
  }

  Program program_;
  FakeResolver resolver_;
  FakeMaps maps_{program_};
  std::optional<int> status_;
};

TEST_F(ActionsTest, MapsInTheOrderOfTheRecords) {
  program_.maps = {{.name = "@x", .value = Type::integer(8, true)}};
  const uint32_t print = add({.kind = ActionKind::PrintMap, .print = {.divisor = 4}});
  const uint32_t clear = add({.kind = ActionKind::Clear});
  const uint32_t zero = add({.kind = ActionKind::Zero});
  const Printed printed = run([&](Actions& actions) {
    for (const uint32_t action : {print, clear, zero, print}) actions.run(record(action).vector());
  });
  EXPECT_EQ(printed.out, "@x: 10\n@x: 10\n");
  EXPECT_EQ(maps_.calls, (std::vector<std::string>{"read 0", "clear 0 at turn 0", "zero 0 at turn 0", "read 0"}));
}

TEST_F(ActionsTest, TablesPrintWhatTheyEmpty) {
  program_.maps = {{.name = "@x", .value = Type::integer(8, true), .banks = 0}};
  const uint32_t print = add({.kind = ActionKind::PrintMap, .record_size = 16});
  const uint32_t print_clear = add({.kind = ActionKind::PrintMap, .then = Action::Then::Clear, .record_size = 16});
  const uint32_t print_zero = add({.kind = ActionKind::PrintMap, .then = Action::Then::Zero, .record_size = 16});
  const Printed printed = run([&](Actions& actions) {
    actions.run(record(print).add<uint64_t>(3).vector());
    actions.run(record(print_clear).add<uint64_t>(4).vector());
    actions.run(record(print_zero).add<uint64_t>(0).vector());
    actions.run_pending(print_clear, 5);
  });
  EXPECT_EQ(printed.out, "@x: 40\n@x: 40\n@x: 40\n@x: 40\n");
  EXPECT_EQ(maps_.calls, (std::vector<std::string>{"read 0 at turn 3", "clear 0 at turn 4", "zero 0 at turn 0", "clear 0 at turn 5"}));
}

TEST_F(ActionsTest, WhatABankHeldIsPrintedAlsoAfterExit) {
  program_.maps = {{.name = "@x", .value = Type::integer(8, true), .banks = 0}};
  const uint32_t exit = add({.kind = ActionKind::Exit, .record_size = 16});
  const uint32_t print = add({.kind = ActionKind::PrintMap, .record_size = 16});
  const uint32_t print_clear = add({.kind = ActionKind::PrintMap, .then = Action::Then::Clear, .record_size = 16});
  run([&](Actions& actions) {
    actions.run(record(exit).add<uint64_t>(0).vector());
    actions.run(record(print).add<uint64_t>(1).vector());
    actions.run(record(print_clear).add<uint64_t>(0).vector()); // its program did not turn: everything is still there
    actions.run(record(print_clear).add<uint64_t>(2).vector());
  });
  EXPECT_EQ(maps_.calls, std::vector<std::string>{"clear 0 at turn 2"});
}

TEST_F(ActionsTest, TheFirstExitWinsAndSilencesWhatFollows) {
  const uint32_t exit = add({.kind = ActionKind::Exit, .record_size = 16});
  const uint32_t text = add_printf("x");
  const Printed printed = run([&](Actions& actions) {
    actions.run(record(text).vector());
    actions.run(record(exit).add<uint64_t>(259).vector());
    actions.run(record(exit).add<uint64_t>(7).vector());
    actions.run(record(text).vector());
    actions.accept_again();
    actions.run(record(text).vector());
  });
  EXPECT_EQ(printed.out, "xx");
  EXPECT_EQ(status_, 3); // a byte, as for a process
}

TEST_F(ActionsTest, RecordsThatMakeNoSenseAreIgnored) {
  Action action{.kind = ActionKind::PrintValue, .record_size = 16};
  action.arguments = {{Type::integer(8, true), 8}};
  const uint32_t value = add(std::move(action));
  const Printed printed = run([&](Actions& actions) {
    actions.run(record(99).vector());
    actions.run(record(value).vector()); // too short
    actions.run({});
    actions.run(record(value).add<int64_t>(5).vector());
  });
  EXPECT_EQ(printed.out, "5\n");
}

TEST_F(ActionsTest, JoinStopsAtTheFirstEmptyString) {
  constexpr size_t kSize = object::kJoinLength;
  const uint32_t join = add({.kind = ActionKind::Join, .separator = " ", .record_size = 16});
  const Printed printed = run([&](Actions& actions) {
    actions.run(record(join).add<uint64_t>(4).text("ls", kSize).text("-l", kSize).zeros(kSize).text("x", kSize).vector());
    actions.run(record(join).add<uint64_t>(1000).text("short", kSize).vector());
  });
  EXPECT_EQ(printed.out, "ls -l\nshort\n");
}

TEST_F(ActionsTest, CatReadsNoMoreThanAllowed) {
  program_.settings.max_cat_bytes = 5;
  Action action{.kind = ActionKind::Cat};
  action.format = {FormatPiece{.literal = "/proc/self/stat"}};
  const uint32_t good = add(std::move(action));
  Action missing{.kind = ActionKind::Cat};
  missing.format = {FormatPiece{.literal = "/nonexistent/file"}};
  const uint32_t bad = add(std::move(missing));
  const Printed printed = run([&](Actions& actions) {
    actions.run(record(good).vector());
    actions.run(record(bad).vector());
  });
  EXPECT_EQ(printed.out.size(), 5u);
  EXPECT_NE(printed.err.find("/nonexistent/file"), std::string::npos);
}

TEST_F(ActionsTest, SystemPrintsWhatTheShellPrints) {
  Action action{.kind = ActionKind::System};
  action.format = {FormatPiece{.literal = "echo one; echo two"}};
  const uint32_t system = add(std::move(action));
  EXPECT_EQ(run([&](Actions& actions) { actions.run(record(system).vector()); }).out, "one\ntwo\n\n");
}

TEST_F(ActionsTest, PendingActionsNeedNoRecord) {
  program_.maps = {{.name = "@x", .value = Type::integer(8, true)}};
  const uint32_t print = add({.kind = ActionKind::PrintMap});
  const uint32_t exit = add({.kind = ActionKind::Exit, .record_size = 16});
  EXPECT_EQ(run([&](Actions& actions) {
              actions.run_pending(print, 0);
              actions.run_pending(exit, 4);
              actions.run_pending(print, 0);
            }).out,
            "@x: 40\n");
  EXPECT_EQ(status_, 4);
}

} // namespace
} // namespace trapline::runtime
