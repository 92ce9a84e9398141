// Likely meanings of unknown options; see option_hints.h.
#include "platform/option_hints.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <map>
#include <numeric>

#include "platform/options.h"
#include "platform/printable.h"

namespace memio {
namespace {

constexpr std::size_t most_names = 6;

// Names that others have, or that an option once had, and that are not like ours.
const std::map<std::string, const char*> other_names = {
    {"mem", "ram.size"},
    {"memory", "ram.size"},
    {"pcie.memory-base", "map.pcie-memory.base"},
};

// What tells more than a name.
const std::map<std::string, const char*> qemu_options = {
    {"m", "is --ram.size here"},
    {"M", "is a configuration file here, as configs/virt-rv64.ini"},
    {"machine", "is a configuration file here, as configs/virt-rv64.ini"},
    {"cpu", "is --cpu.isa here"},
    {"nographic", "is not needed: the console is standard input and output"},
    {"serial", "is --console here"},
    {"no-reboot", "is --on-reset end here"},
    {"drive", "is --disk FILE here"},
    {"device", "is --disk, --virtio.rng, --virtio.slot0 and so on, or --pcie.serial here"},
};

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string without_dashes(const std::string& name) {
  return name.substr(std::min(name.find_first_not_of('-'), name.size()));
}

std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row.back();
}

// Whether `wanted` stands in `key` between dots and dashes, or is its beginning.
bool names_part(const std::string& key, const std::string& wanted) {
  const auto between = [&](std::size_t at) { return at == key.size() || key[at] == '.' || key[at] == '-'; };
  std::size_t at = key.find(wanted);
  if (at == 0) return true;
  while (at != std::string::npos && !(between(at - 1) && between(at + wanted.size())))
    at = key.find(wanted, at + 1);
  return at != std::string::npos;
}

std::vector<std::string> names_where(const std::function<bool(const std::string&)>& fits) {
  std::vector<std::string> names;
  for (const auto& spec : option_table()) {
    if (is_pattern(spec)) continue;
    if (fits(spec.key))
      names.push_back(spec.key);
    else if (!spec.alias.empty() && fits(spec.alias))
      names.push_back(spec.alias);
  }
  return names;
}

}  // namespace

std::vector<std::string> similar_options(const std::string& name) {
  const std::string wanted = lower(without_dashes(name));
  if (const auto other = other_names.find(wanted); other != other_names.end()) return {other->second};
  auto names = names_where([&](const std::string& key) { return key == wanted; });
  if (names.empty() && wanted.size() >= 3)
    names = names_where([&](const std::string& key) { return names_part(key, wanted); });
  // More than a third of it changed is another word.
  for (std::size_t near = 1; names.empty() && near <= wanted.size() / 3; ++near)
    names = names_where([&](const std::string& key) { return edit_distance(wanted, key) == near; });
  if (names.size() > most_names) names.resize(most_names);
  return names;
}

std::string unknown_option(const std::string& origin, const std::string& name) {
  const std::string text = fmt::format("{}: unknown option \"{}\"", origin, printable(name));
  const auto names = similar_options(name);
  if (names.empty()) return text + "; memio --help lists all";
  return text + fmt::format("; did you mean \"{}\"?", fmt::join(names, "\" or \""));
}

std::string unknown_argument(const std::string& argument) {
  std::string name = argument.substr(0, argument.find('='));
  const std::string key = without_dashes(name);
  if (name == "--" + key) name = key;
  const std::string text = fmt::format("command line: unknown option \"{}\"; ", printable(name));
  if (key != name && find_option(key)) return text + "options begin with two dashes: --" + key;
  if (const auto theirs = qemu_options.find(key); theirs != qemu_options.end())
    return text + fmt::format("QEMU's -{} {}", key, theirs->second);
  return unknown_option("command line", name);
}

}  // namespace memio
