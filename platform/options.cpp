// Layering and validation of options; see options.h.
#include "platform/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <optional>
#include <set>
#include <stdexcept>

#include "cpu/riscv/hart_config.h"
#include "platform/device_kinds.h"
#include "platform/errors.h"
#include "platform/ini_file.h"
#include "platform/option_hints.h"
#include "platform/printable.h"

namespace memio {
namespace {

bool contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

/// No value if it is not allowed; of an instruction set, std::invalid_argument tells why.
std::optional<std::uint64_t> parse(const OptionSpec& spec, const std::string& text) {
  switch (spec.type) {
    case OptionType::number:
      return parse_number(text);
    case OptionType::size:
      return parse_size(text);
    case OptionType::time:
      return parse_time(text);
    case OptionType::frequency:
      return parse_frequency(text);
    case OptionType::isa:
      return riscv::parse_isa(text).xlen;
    case OptionType::file:
      if (text.empty() || (text == "-" && !contains(spec.choices, text))) return {};
      return 0;
    case OptionType::text:
      return 0;
    case OptionType::toggle:
      if (text == "on" || text == "off") return text == "on";
      return {};
    case OptionType::choice: {
      const auto at = std::find(spec.choices.begin(), spec.choices.end(), text);
      if (at == spec.choices.end()) return {};
      return static_cast<std::uint64_t>(at - spec.choices.begin());
    }
  }
  return {};
}

bool in_range(const OptionSpec& spec, std::uint64_t number) {
  const bool ranged = spec.type == OptionType::number || spec.type == OptionType::size ||
                      spec.type == OptionType::time || spec.type == OptionType::frequency;
  if (!ranged) return true;
  if (spec.power_of_two && (number & (number - 1)) != 0) return false;
  return number >= spec.min && number <= spec.max && number % spec.step == 0;
}

}  // namespace

const OptionSpec* find_option(const std::string& key) {
  for (const auto& spec : option_table())
    if (spec.key == key || (!spec.alias.empty() && spec.alias == key)) return &spec;
  for (const auto& spec : option_table())
    if (is_pattern(spec) && matches_pattern(spec.key, key)) return &spec;
  return nullptr;
}

std::string bad_value(const OptionValue& value, const std::string& allowed) {
  return fmt::format("{}: bad value \"{}\" for {}; allowed: {}", value.origin, printable(value.text),
                     value.key, allowed);
}

Options::Options() {
  for (const auto& spec : option_table()) {
    if (is_pattern(spec)) continue;
    const auto number = parse(spec, spec.default_value);
    assert(number && in_range(spec, *number));
    values_[spec.key] = {&spec, spec.key, spec.default_value, *number, "default", true};
  }
}

void Options::set(const std::string& key, const std::string& text, const std::string& origin) {
  const OptionSpec* spec = find_option(key);
  // A pattern names further devices only: the default ones have what they have.
  const bool unknown_property =
      spec && is_pattern(*spec) && default_device(key.substr(4, key.find('.', 4) - 4)) != nullptr;
  if (!spec || unknown_property) throw ConfigError(unknown_option(origin, key));
  OptionValue value{spec, is_pattern(*spec) ? key : spec->key, text, 0, origin, false};
  try {
    const auto number = parse(*spec, text);
    if (!number || !in_range(*spec, *number)) throw ConfigError(bad_value(value, allowed_values(*spec)));
    value.number = *number;
  } catch (const std::invalid_argument& refused) {
    throw ConfigError(fmt::format("{}: bad value for {}: {}", origin, key, printable(refused.what())));
  }
  values_[value.key] = value;
  for (const auto& other : option_table()) {
    if (other.follows != value.key) continue;
    OptionValue& follower = values_[other.key];
    if (!follower.is_default) continue;
    follower.text = value.text;
    follower.number = value.number;
  }
}

void Options::load_file(const std::string& path) {
  for (const auto& entry : read_ini(path, &files_)) set(entry.key, entry.value, entry.origin);
}

void Options::check_needs() const {
  for (const auto& [key, value] : values_) {
    const OptionSpec& spec = *value.spec;
    const bool textual = spec.type == OptionType::text || spec.type == OptionType::file;
    const bool asked = !value.is_default && (textual ? value.text != spec.default_value
                                                     : value.number != parse(spec, spec.default_value));
    const auto missing = [&](const std::string& need) { return this->value(need).is_default; };
    const auto no_effect = [&](const std::string& reason) {
      throw ConfigError(
          fmt::format("{}: {} = {} has no effect with {}", value.origin, key, printable(value.text), reason));
    };
    if (asked && !spec.unless.empty())
      if (const OptionValue& other = this->value(spec.unless); other.text != other.spec->default_value)
        no_effect(fmt::format("{} = {}", other.key, printable(other.text)));
    if (!asked || spec.needs.empty() || !std::all_of(spec.needs.begin(), spec.needs.end(), missing)) continue;
    std::vector<std::string> absent;
    for (const auto& need : spec.needs) absent.push_back(need + " = " + text(need));
    no_effect(fmt::format("{}", fmt::join(absent, " and ")));
  }
}

const OptionValue& Options::value(const std::string& key) const {
  const auto found = values_.find(key);
  assert(found != values_.end());
  return found->second;
}

std::vector<const OptionValue*> Options::values() const {
  std::vector<const OptionValue*> ordered;
  for (const auto& spec : option_table())
    if (!is_pattern(spec)) ordered.push_back(&value(spec.key));
  for (const auto& [key, value] : values_)
    if (is_pattern(*value.spec)) ordered.push_back(&value);
  return ordered;
}

std::vector<std::string> Options::further_devices() const {
  std::set<std::string> names;
  for (const auto& [key, value] : values_)
    if (is_pattern(*value.spec)) names.insert(key.substr(4, key.find('.', 4) - 4));
  return {names.begin(), names.end()};
}

OptionValue Options::device_value(const std::string& device, const std::string& property) const {
  const std::string key = "map." + device + "." + property;
  const auto found = values_.find(key);
  if (found != values_.end()) return found->second;
  for (const auto& spec : option_table())
    if (is_pattern(spec) && matches_pattern(spec.key, key))
      return {&spec, key, spec.default_value, parse(spec, spec.default_value).value_or(0), "default", true};
  return {};
}

}  // namespace memio
