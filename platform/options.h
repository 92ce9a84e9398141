// The effective options of a run: defaults, configuration files in the order given, command line;
// what is set later wins. Each value knows where it came from.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "platform/option_table.h"

namespace memio {

/// A value in force. `number` is the parsed value: bytes, picoseconds, Hz, 1 for on, the index of a
/// choice, the register width of an ISA; 0 for text.
struct OptionValue {
  const OptionSpec* spec = nullptr;
  std::string key;
  std::string text;
  std::uint64_t number = 0;
  std::string origin;  ///< "default", "base.ini:12", "command line"
  bool is_default = true;
};

class Options {
 public:
  Options();

  /// Sets one option. `origin` says where the text stands. Throws ConfigError for an unknown key
  /// (naming the nearest known one) or a value that is not allowed (naming what is).
  void set(const std::string& key, const std::string& text, const std::string& origin);

  /// Sets what a configuration file says. Throws ConfigError with file and line.
  void load_file(const std::string& path);

  /// The value of a known key; asking for an unknown one is a bug.
  const OptionValue& value(const std::string& key) const;
  std::uint64_t number(const std::string& key) const { return value(key).number; }
  /// Of an option whose range lies within 32 bits.
  unsigned small_number(const std::string& key) const { return static_cast<unsigned>(number(key)); }
  const std::string& text(const std::string& key) const { return value(key).text; }
  /// Cycles of a latency outside the hart: 0 in functional mode, where only instructions take time.
  std::uint64_t latency(const std::string& key) const {
    return text("timing") == "functional" ? 0 : number(key);
  }
  bool is_on(const std::string& key) const { return value(key).number != 0; }
  /// The name that an option of a file has; empty if it is the word "none".
  std::string file(const std::string& key) const { return text(key) == "none" ? std::string() : text(key); }

  /// Throws ConfigError if an option was set that has no effect, because the part of the machine or the
  /// output that it belongs to was never asked for.
  void check_needs() const;

  /// The configuration files read, with those included.
  const std::vector<std::string>& files() const { return files_; }

  /// All values in the order of the table; further devices after the default ones.
  std::vector<const OptionValue*> values() const;
  /// Names of the devices that `map.NAME.*` keys mention, beyond the default machine's, sorted.
  std::vector<std::string> further_devices() const;
  /// The value of `map.DEVICE.PROPERTY`; its default if nobody set it.
  OptionValue device_value(const std::string& device, const std::string& property) const;

 private:
  std::map<std::string, OptionValue> values_;
  std::vector<std::string> files_;
};

/// The entry of the table for a key or an alias of one; null if there is none.
const OptionSpec* find_option(const std::string& key);

/// A ConfigError's text for a value that its option does not allow.
std::string bad_value(const OptionValue& value, const std::string& allowed);

}  // namespace memio
