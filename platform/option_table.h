// The one table of options. The command line, the configuration files, `memio config`, the help text
// and docs/options.md all come from it.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "platform/option_value.h"

namespace memio {

struct OptionSpec {
  std::string key;  ///< "mmu.dtlb.entries"; "map.<device>.base" stands for any name of a device
  OptionType type = OptionType::text;
  std::string default_value;              ///< as a user would write it
  std::string unit;                       ///< a plural noun, or empty
  std::string text;                       ///< one sentence without a full stop
  std::vector<std::string> choices = {};  ///< of a file: words that are no name
  std::uint64_t min = 0;
  std::uint64_t max = std::numeric_limits<std::uint64_t>::max();
  std::string alias = {};    ///< a short form for the command line ("dtlb-entries"), or empty
  std::string follows = {};  ///< the key whose value this option has while it is not set itself, or empty
  /// Without one of these keys, at its default, the option has no effect: setting it then is an error.
  /// Setting those to their default is not, so that a machine can be tried without a part.
  std::vector<std::string> needs = {};
  std::string unless =
      {};                  ///< with this key set the option has no effect, or empty: setting both is an error
  std::uint64_t step = 1;  ///< a number is a multiple of it
  bool power_of_two = false;  ///< a number is one, or 0 where `min` is 0
};

/// All options in the order of output; a key's first component is its group.
const std::vector<OptionSpec>& option_table();

/// What a value of this option may be ("1..4096", "lru, plru, fifo, nru, random").
std::string allowed_values(const OptionSpec& spec);

/// True if `key` is `pattern` with some name in place of `<device>`.
bool matches_pattern(const std::string& pattern, const std::string& key);

/// True if `spec` stands for a family of keys.
inline bool is_pattern(const OptionSpec& spec) { return spec.key.find('<') != std::string::npos; }

}  // namespace memio
