// The runtime's side of maps with two banks: whatever order requests come in, each bank is emptied once, and only when no
// program can be in it.
#include "runtime/turning.h"

#include <gtest/gtest.h>

namespace trapline::runtime {
namespace {

class TurningTest : public testing::Test {
protected:
  // As a program does it: the new turn, or 0.
  uint64_t program_turns(size_t map = 0) {
    if (words_[map].ready == 0) return 0;
    words_[map].ready = 0;
    return ++words_[map].turn;
  }

  std::vector<object::Banks> words_{2};
  int waits_ = 0;
  std::function<void()> while_waiting_;
  Turning turning_{words_, [this] {
                     waits_++;
                     if (while_waiting_) while_waiting_();
                   }};
};

TEST_F(TurningTest, AProgramTurns) {
  const uint64_t turn = program_turns();
  EXPECT_EQ(turn, 1u);
  EXPECT_EQ(turning_.begin(0, turn), 1u);
  EXPECT_EQ(waits_, 1);
  EXPECT_EQ(program_turns(), 0u) << "the other bank is not empty yet";
  turning_.finish(0, 1);
  EXPECT_EQ(program_turns(), 2u);
}

TEST_F(TurningTest, TheRuntimeTurnsForAProgramThatCouldNot) {
  program_turns();
  EXPECT_EQ(program_turns(), 0u);
  EXPECT_EQ(turning_.begin(0, 1), 1u);
  turning_.finish(0, 1);
  uint64_t announced = 0;
  EXPECT_EQ(turning_.begin(0, 0, [&](uint64_t turn) { announced = turn; }), 2u);
  EXPECT_EQ(announced, 2u);
  EXPECT_EQ(turning_.current(0), 2u);
  EXPECT_EQ(waits_, 2);
}

TEST_F(TurningTest, ALateRequestTakesTheNextTurnAlong) {
  program_turns();
  program_turns(); // its record says 0
  EXPECT_EQ(turning_.begin(0, 1), 1u);
  turning_.finish(0, 1);
  EXPECT_EQ(program_turns(), 2u);        // meanwhile
  EXPECT_EQ(turning_.begin(0, 0), 2u);   // the second request finds that
  turning_.finish(0, 2);
  EXPECT_EQ(turning_.begin(0, 2), std::nullopt);
  EXPECT_EQ(words_[0].ready, 1u);
}

TEST_F(TurningTest, AProgramThatIsJustTurningIsWaitedFor) {
  words_[0].ready = 0;
  while_waiting_ = [&] { words_[0].turn = 1; };
  EXPECT_EQ(turning_.begin(0, 0), 1u);
  EXPECT_EQ(waits_, 2) << "the first wait was not one for the bank";
}

TEST_F(TurningTest, OneWaitServesAllMapsThatHaveTurned) {
  program_turns(0);
  program_turns(1);
  EXPECT_EQ(turning_.begin(0, 1), 1u);
  EXPECT_EQ(turning_.begin(1, 1), 1u);
  EXPECT_EQ(waits_, 1);
}

TEST_F(TurningTest, APrintShowsTheBankOfItsTurn) {
  EXPECT_EQ(turning_.readable(0, 0), 0u);
  EXPECT_EQ(waits_, 0);
  program_turns();
  EXPECT_EQ(turning_.readable(0, 0), 0u) << "left, but not emptied";
  EXPECT_EQ(waits_, 1);
  EXPECT_EQ(turning_.readable(0, 1), 1u);
  turning_.begin(0, 1);
  turning_.finish(0, 1);
  EXPECT_EQ(turning_.readable(0, 0), 1u) << "what it asked for is gone";
  EXPECT_EQ(turning_.readable(0, UINT64_MAX), 1u);
}

} // namespace
} // namespace trapline::runtime
