// Configuration files: `key = value` lines, `[section]` lines that prefix the keys after them, and
// comments. A comment is a line that begins with # or ;, or the rest of a line after a blank and #.
// A value in double quotes is taken as it stands. A byte order mark of UTF-8 in front is skipped.
//
//   [mmu.dtlb]            # the same as  mmu.dtlb.entries = 16
//   entries = 16
//
// Before the first section, `include = FILE` stands for the lines of that file, whose name is relative to the
// folder of the file it stands in. It may be given several times; what follows wins over what it says.
#pragma once

#include <string>
#include <vector>

namespace memio {

struct IniEntry {
  std::string key;
  std::string value;
  std::string origin;  ///< "base.ini:12"
};

/// Reads a whole file and those it includes, and adds the names of all to `files`. Throws ConfigError naming
/// file and line: a file that cannot be read or includes itself, a line that is neither of the above, a key
/// given twice in a file.
std::vector<IniEntry> read_ini(const std::string& path, std::vector<std::string>* files = nullptr);

/// As `read_ini`, of text that `name` stands for in messages; `include` stays an entry.
std::vector<IniEntry> parse_ini(const std::string& text, const std::string& name);

}  // namespace memio
