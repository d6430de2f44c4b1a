// Matching `*`, and walking directories with it one path component at a time.
#include "system/glob.h"

#include <algorithm>
#include <dirent.h>
#include <unistd.h>

namespace trapline {

namespace {

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

// Extends each of `bases` by one component of a pattern.
std::vector<std::string> expand(const std::vector<std::string>& bases, std::string_view component, bool is_last) {
  std::vector<std::string> result;
  for (const std::string& base : bases) {
    if (!has_star(component)) {
      std::string path = base + std::string(component);
      if (exists(path)) result.push_back(is_last ? path : path + '/');
      continue;
    }
    for (const std::string& name : directory_names(base.empty() ? "." : base)) {
      if (name.front() == '.' && component.front() != '.') continue;
      if (!glob_match(component, name)) continue;
      if (is_last) result.push_back(base + name);
      else if (exists(base + name + "/.")) result.push_back(base + name + '/');
    }
  }
  return result;
}

} // namespace

bool glob_match(std::string_view pattern, std::string_view text) {
  size_t p = 0, t = 0;
  size_t star = std::string_view::npos, retry = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++retry;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::vector<std::string> glob_paths(const std::string& pattern) {
  if (!has_star(pattern)) return exists(pattern) ? std::vector{pattern} : std::vector<std::string>{};
  std::vector<std::string> paths{""};
  for (size_t begin = 0; begin < pattern.size() && !paths.empty();) {
    size_t slash = pattern.find('/', begin);
    if (slash == begin) {
      for (std::string& path : paths) path += '/';
      begin = slash + 1;
      continue;
    }
    bool is_last = slash == std::string::npos;
    size_t end = is_last ? pattern.size() : slash;
    paths = expand(paths, std::string_view(pattern).substr(begin, end - begin), is_last);
    begin = is_last ? end : end + 1;
  }
  std::ranges::sort(paths);
  return paths;
}

std::vector<std::string> directory_names(const std::string& path) {
  std::vector<std::string> names;
  DIR* directory = opendir(path.c_str());
  if (!directory) return names;
  while (const dirent* entry = readdir(directory)) {
    std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  closedir(directory);
  std::ranges::sort(names);
  return names;
}

} // namespace trapline
