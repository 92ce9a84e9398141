// The reader of configuration files; see ini_file.h for the syntax.
#include "platform/ini_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>
#include <string_view>

#include "platform/elf_image.h"
#include "platform/errors.h"
#include "platform/file.h"

namespace memio {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_file = 1 << 20;
constexpr std::size_t most_includes = 1000;  // of all files together: each may name two others, and so on
constexpr const char* include_key = "include";
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";  // of UTF-8, which some editors put first

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

bool is_key(std::string_view text) {
  return !text.empty() && text.find_first_not_of(
                              "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789.-_") == std::string_view::npos;
}

// Cuts the comment off a value and takes its quotes away. False if a quote is left open.
bool clean_value(std::string_view& value) {
  if (!value.empty() && value.front() == '"') {
    const auto close = value.find('"', 1);
    if (close == std::string_view::npos) return false;
    const std::string_view rest = trim(value.substr(close + 1));
    value = value.substr(1, close - 1);
    return rest.empty() || rest.front() == '#';
  }
  for (std::size_t at = 0; at < value.size(); ++at)
    if (value[at] == '#' && (at == 0 || value[at - 1] == ' ' || value[at - 1] == '\t')) {
      value = trim(value.substr(0, at));
      break;
    }
  return true;
}

struct Reading {
  std::vector<std::string> files;   // all that were read
  std::vector<fs::path> including;  // the files around the one in hand, outermost first
  std::size_t includes = 0;
  std::vector<IniEntry> entries;
};

// An image given in place of a configuration deserves better than what its first line would be told.
void refuse_image(const std::string& path) {
  constexpr std::size_t front = 4096;
  const std::string bytes = read_front(path, front);
  if (bytes.find('\0') == std::string::npos) return;
  throw ConfigError(
      fmt::format("{} is {}, not a configuration file: an image is given by --kernel, --bios or --initrd",
                  path, looks_like_elf(bytes) ? "an ELF file" : "binary"));
}

// Appends the entries of the file.
void append_ini(const std::string& path, Reading& reading) {
  auto& including = reading.including;
  reading.files.push_back(path);
  refuse_image(path);
  std::error_code error;  // a name that cannot be resolved is one that cannot be read, which read_file tells
  including.push_back(fs::weakly_canonical(path, error));
  for (auto& entry : parse_ini(read_file(path, largest_file), path)) {
    if (entry.key != include_key) {
      reading.entries.push_back(std::move(entry));
      continue;
    }
    if (++reading.includes > most_includes)
      throw ConfigError(
          fmt::format("{}: more than {} files are included, all counted", entry.origin, most_includes));
    const fs::path included = fs::path(path).parent_path() / entry.value;
    try {
      const fs::path whole = fs::weakly_canonical(included, error);
      if (std::find(including.begin(), including.end(), whole) != including.end())
        throw ConfigError(fmt::format("{} includes itself", included.string()));
      append_ini(included.string(), reading);
    } catch (const ConfigError& reason) {
      throw ConfigError(fmt::format("{}: {}", entry.origin, reason.what()));
    }
  }
  including.pop_back();
}

}  // namespace

std::vector<IniEntry> read_ini(const std::string& path, std::vector<std::string>* files) {
  Reading reading;
  append_ini(path, reading);
  if (files) files->insert(files->end(), reading.files.begin(), reading.files.end());
  return std::move(reading.entries);
}

std::vector<IniEntry> parse_ini(const std::string& text, const std::string& name) {
  std::vector<IniEntry> entries;
  std::map<std::string, unsigned> seen;
  std::string section;
  const bool marked = text.compare(0, byte_order_mark.size(), byte_order_mark) == 0;
  std::istringstream in(marked ? text.substr(byte_order_mark.size()) : text);
  unsigned number = 0;
  for (std::string whole; std::getline(in, whole);) {
    ++number;
    const auto fail = [&](const std::string& reason) {
      throw ConfigError(fmt::format("{}:{}: {}", name, number, reason));
    };
    std::string_view line = trim(whole);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      if (!clean_value(line) || line.back() != ']' || !is_key(trim(line.substr(1, line.size() - 2))))
        fail("a section is written [name]");
      section = std::string(trim(line.substr(1, line.size() - 2))) + ".";
      continue;
    }
    const auto equals = line.find('=');
    if (equals == std::string_view::npos || !is_key(trim(line.substr(0, equals))))
      fail("expected key = value, [section] or a comment");
    std::string_view value = trim(line.substr(equals + 1));
    if (!clean_value(value)) fail("text after or without a closing quote");
    const std::string key = section + std::string(trim(line.substr(0, equals)));
    const auto [first, fresh] = seen.emplace(key, number);
    if (!fresh && key != include_key)
      fail(fmt::format("{} is given twice, first on line {}", key, first->second));
    entries.push_back({key, std::string(value), fmt::format("{}:{}", name, number)});
  }
  return entries;
}

}  // namespace memio
