// Numbers and their names.
#include "builtins/header_names.h"
#include "builtins/names.h"

#include <algorithm>
#include <bit>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

namespace trapline::builtins {
namespace {

TEST(Names, SignalsByNumber) {
  EXPECT_EQ(signal_name(9), "SIGKILL");
  EXPECT_EQ(signal_name(34), "SIGRTMIN");
  EXPECT_EQ(signal_name(35), "SIGRTMIN+1");
  EXPECT_EQ(signal_name(64), "SIGRTMAX");
  EXPECT_EQ(signal_name(32), "SIG32");
  for (int none : {-1, 0, 65}) EXPECT_EQ(signal_name(none), "") << none;
}

TEST(Names, SignalsByName) {
  EXPECT_EQ(signal_number("SIGKILL"), 9u);
  EXPECT_EQ(signal_number("KILL"), 9u);
  EXPECT_EQ(signal_number("RTMIN+1"), 35u);
  for (std::string_view none : {"", "SIG", "kill", "NOPE", "9"}) EXPECT_EQ(signal_number(none), std::nullopt) << none;
}

TEST(Names, SocketFamilies) {
  EXPECT_EQ(socket_family_name(AF_INET), "AF_INET");
  EXPECT_EQ(socket_family_name(AF_UNIX), "AF_UNIX"); // not AF_LOCAL
  EXPECT_EQ(socket_family_name(AF_NETLINK), "AF_NETLINK"); // not AF_ROUTE
  EXPECT_EQ(socket_family_name(-1), "");
  EXPECT_EQ(socket_family_count(), AF_MAX);
}

// Flags of several bits come before those of one, and no number stands twice.
TEST(Names, OpenFlags) {
  const auto& values = open_flag_names()->values;
  auto place = [&](std::string_view name) { return std::ranges::find(values, name, &EnumType::Value::name) - values.begin(); };
  EXPECT_LT(place("O_RDONLY"), place("O_CREAT"));
  EXPECT_LT(place("O_SYNC"), place("O_DSYNC"));
  EXPECT_LT(place("O_TMPFILE"), place("O_DIRECTORY"));
  EXPECT_LT(place("O_LARGEFILE"), static_cast<std::ptrdiff_t>(values.size()));
  std::vector<int64_t> numbers;
  for (const auto& value : values) numbers.push_back(value.value);
  std::ranges::sort(numbers);
  EXPECT_EQ(std::ranges::adjacent_find(numbers), numbers.end());
}

} // namespace
} // namespace trapline::builtins
