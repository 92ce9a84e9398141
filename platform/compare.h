// `memio compare A B`: the differences of two statistics files as a table.
#pragma once

#include <string>
#include <vector>

namespace memio {

/// Compares the files that the arguments after `compare` name, and writes the table to standard output:
///   --tolerance PERCENT  differences of up to so much of A's value do not count
///   --only PATTERN       only paths such as cpu0.cycle_stack.* ('*' is any text)
/// What `machine` says is shown, but does not count; `host` is left out. Returns 0 if nothing differs,
/// else 1. Throws ConfigError: usage, a file that cannot be read or is none of statistics, different
/// versions.
int run_compare(const std::vector<std::string>& arguments);

}  // namespace memio
