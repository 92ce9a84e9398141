// The command line: `memio run [CONFIG...] [options]`, `memio config [CONFIG...] [options]`,
// `memio compare A B`, `memio --version`, `memio --help`. Every option of the table may be given as --key
// value or
// --key=value; --config FILE may be repeated, and a positional file is a --config.
#pragma once

#include <string>
#include <vector>

#include "platform/options.h"

namespace memio {

enum class Command { run, config, markdown, compare, version, help };

struct CommandLine {
  Command command = Command::help;
  Options options;
  std::vector<std::string> arguments;  ///< of `compare`, as given
};

/// Parses the arguments after the program's name and loads the configuration files they name.
/// Throws ConfigError.
CommandLine parse_command_line(const std::vector<std::string>& arguments);

/// The text of `memio --help`.
std::string help_text();

}  // namespace memio
