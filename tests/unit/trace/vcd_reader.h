// Reads a VCD back, for tests, by the grammar of IEEE Std 1364-2005, section 18.2; strict, and
// independent of the writer. Throws std::runtime_error that says what is wrong.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace memio::test {

struct VcdChange {
  std::uint64_t time;
  std::string name;   ///< with scopes
  std::string value;  ///< binary digits without leading zeros, or "x"
  bool operator==(const VcdChange& other) const {
    return time == other.time && name == other.name && value == other.value;
  }
};

struct VcdContents {
  std::map<std::string, unsigned> widths;      ///< by name; 0 for an event
  std::map<std::string, std::string> initial;  ///< what $dumpvars says
  std::uint64_t first_time = 0, last_time = 0;
  std::vector<VcdChange> changes;  ///< after $dumpvars

  /// The changes of one variable, as "time=value".
  std::vector<std::string> of(const std::string& name) const;
};

std::string read_text(const std::string& path);
VcdContents read_vcd(const std::string& text);

}  // namespace memio::test
