#include "system/live_imports.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <sys/stat.h>

namespace trapline {

namespace fs = std::filesystem;

namespace {

// What anybody may write may run as root here.
Result<struct stat> inspect(const fs::path& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return fail(fmt::format("cannot import `{}`: {}", path.string(), std::strerror(errno)), {}, errno);
  if (facts.st_mode & S_IWOTH) return fail(fmt::format("cowardly refusing to import `{}`: everybody may write it", path.string()), "chmod o-w it");
  return facts;
}

Result<System::ImportedFile> read_one(const fs::path& path) {
  Result<struct stat> facts = inspect(path);
  if (!facts) return std::unexpected(facts.error());
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return fail(fmt::format("cannot read `{}`: {}", path.string(), std::strerror(errno)), {}, errno);
  return System::ImportedFile{path.string(), fmt::format("{}:{}", facts->st_dev, facts->st_ino), std::move(text)};
}

} // namespace

Result<std::vector<System::ImportedFile>> read_import_files(const std::string& name, const std::string& from) {
  fs::path path = name;
  if (path.is_relative() && from != "stdin") path = fs::path(from).parent_path() / path;
  Result<struct stat> facts = inspect(path);
  if (!facts) return std::unexpected(facts.error());
  std::vector<fs::path> paths = {path};
  if (S_ISDIR(facts->st_mode)) {
    paths.clear();
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(path, error)) {
      if (entry.path().extension() == ".bt") paths.push_back(entry.path());
    }
    if (error) return fail(fmt::format("cannot read the folder `{}`: {}", path.string(), error.message()));
    std::ranges::sort(paths);
  }
  std::vector<System::ImportedFile> files;
  for (const fs::path& one : paths) {
    Result<System::ImportedFile> file = read_one(one);
    if (!file) return std::unexpected(file.error());
    files.push_back(std::move(*file));
  }
  return files;
}

} // namespace trapline
