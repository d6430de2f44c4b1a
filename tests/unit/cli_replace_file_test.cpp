#include "cli/replace_file.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace fs = std::filesystem;

namespace trapline::cli {
namespace {

class ReplaceFile : public testing::Test {
protected:
  ReplaceFile() { fs::create_directory(folder_); }
  ~ReplaceFile() override { fs::remove_all(folder_); }

  std::string path(const char* name) const { return folder_ / name; }
  static void write(const std::string& path, std::string_view text) { std::ofstream(path) << text; }
  static std::string read(const std::string& path) {
    std::ifstream in(path);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }
  size_t files() const { return static_cast<size_t>(std::distance(fs::directory_iterator(folder_), {})); }

  const fs::path folder_ = fs::temp_directory_path() / ("replace-file-test-" + std::to_string(getpid()));
};

TEST_F(ReplaceFile, MakesAFile) {
  const mode_t mask = umask(027);
  ASSERT_TRUE(replace_file(path("new"), "text"));
  umask(mask);
  EXPECT_EQ(read(path("new")), "text");
  struct stat status {};
  ASSERT_EQ(stat(path("new").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0640u);
  EXPECT_EQ(files(), 1u);
}

TEST_F(ReplaceFile, KeepsTheMode) {
  write(path("script"), "a longer text than the new one");
  ASSERT_EQ(chmod(path("script").c_str(), 0751), 0);
  ASSERT_TRUE(replace_file(path("script"), "text"));
  EXPECT_EQ(read(path("script")), "text");
  struct stat status {};
  ASSERT_EQ(stat(path("script").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0751u);
  EXPECT_EQ(files(), 1u);
}

// Who has the old file open goes on reading the old text.
TEST_F(ReplaceFile, AtOnce) {
  write(path("script"), "old");
  std::ifstream reader(path("script"));
  ASSERT_TRUE(replace_file(path("script"), "new text"));
  std::string text;
  std::getline(reader, text);
  EXPECT_EQ(text, "old");
}

TEST_F(ReplaceFile, FollowsLinks) {
  write(path("script"), "old");
  ASSERT_EQ(symlink("script", path("link").c_str()), 0);
  ASSERT_TRUE(replace_file(path("link"), "new"));
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(read(path("script")), "new");
}

TEST_F(ReplaceFile, WritesToWhatIsNoFile) {
  EXPECT_TRUE(replace_file("/dev/null", "text"));
  EXPECT_FALSE(fs::is_regular_file("/dev/null"));
  EXPECT_FALSE(replace_file("/dev/full", "text"));
}

TEST_F(ReplaceFile, SaysWhyNot) {
  const auto result = replace_file(path("no/such/folder"), "text");
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("no/such/folder"), std::string::npos);
  EXPECT_EQ(result.error().code, ENOENT);
  EXPECT_FALSE(replace_file(folder_, "text"));
}

} // namespace
} // namespace trapline::cli
