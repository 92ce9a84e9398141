// Command-line parsing with Boost.Program_options, which splits the arguments; values are checked
// and layered by Options, which also knows their origin.
#include "platform/command_line.h"

#include <fmt/format.h>

#include <boost/program_options.hpp>
#include <set>

#include "platform/errors.h"
#include "platform/option_hints.h"

namespace memio {
namespace {

namespace po = boost::program_options;

constexpr int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;

// Patterns cannot be described to Boost: the keys that stand on this command line can.
std::set<std::string> device_keys(const std::vector<std::string>& arguments) {
  std::set<std::string> keys;
  for (const auto& argument : arguments) {
    if (argument.rfind("--", 0) != 0) continue;
    const std::string key = argument.substr(2, argument.find('=') - 2);
    const OptionSpec* spec = find_option(key);
    if (spec && is_pattern(*spec)) keys.insert(key);
  }
  return keys;
}

po::options_description describe_options(const std::vector<std::string>& arguments) {
  po::options_description description;
  auto add = description.add_options();
  for (const auto& spec : option_table()) {
    if (is_pattern(spec)) continue;
    add(spec.key.c_str(), po::value<std::string>());
    if (!spec.alias.empty()) add(spec.alias.c_str(), po::value<std::string>());
  }
  for (const auto& key : device_keys(arguments)) add(key.c_str(), po::value<std::string>());
  add("config", po::value<std::string>());
  add("markdown", "");
  add("help,h", "");
  add("version", "");
  return description;
}

po::parsed_options split(const std::vector<std::string>& arguments) {
  const auto description = describe_options(arguments);
  po::positional_options_description positional;
  positional.add("config", -1);
  try {
    return po::command_line_parser(arguments).options(description).positional(positional).style(style).run();
  } catch (const po::unknown_option& error) {
    throw ConfigError(unknown_argument(error.get_option_name()));
  } catch (const po::error& error) {
    throw ConfigError(fmt::format("command line: {}", error.what()));
  }
}

Command find_command(const std::string& word) {
  if (word == "run") return Command::run;
  if (word == "config") return Command::config;
  if (word == "compare") return Command::compare;
  if (word == "help" || word == "--help" || word == "-h") return Command::help;
  if (word == "version" || word == "--version") return Command::version;
  throw ConfigError(
      fmt::format("unknown command \"{}\"; allowed: run, config, compare, --version, --help", word));
}

}  // namespace

CommandLine parse_command_line(const std::vector<std::string>& arguments) {
  if (arguments.empty())
    throw ConfigError("a command is missing; allowed: run, config, compare, --version, --help");
  CommandLine result;
  result.command = find_command(arguments.front());
  if (result.command == Command::help || result.command == Command::version) return result;

  if (result.command == Command::compare) {
    result.arguments.assign(arguments.begin() + 1, arguments.end());
    for (const auto& argument : result.arguments)
      if (argument == "--help" || argument == "-h") return {Command::help, {}, {}};
    return result;
  }

  const auto parsed = split({arguments.begin() + 1, arguments.end()});
  for (const auto& option : parsed.options) {
    if (option.string_key == "help") return {Command::help, {}, {}};
    if (option.string_key == "version") return {Command::version, {}, {}};
    if (option.string_key == "config") result.options.load_file(option.value.at(0));
    if (option.string_key == "markdown") {
      if (result.command != Command::config)
        throw ConfigError("command line: --markdown belongs to memio config");
      result.command = Command::markdown;
    }
  }
  for (const auto& option : parsed.options)
    if (find_option(option.string_key))
      result.options.set(option.string_key, option.value.at(0), "command line");
  return result;
}

std::string help_text() {
  std::string text =
      "memio: a virtual platform for studying memory and I/O access\n\n"
      "  memio run [CONFIG...] [OPTIONS]     run the machine\n"
      "  memio config [CONFIG...] [OPTIONS]  show every option, its value and origin, and the map\n"
      "  memio config --markdown             the reference of all options\n"
      "  memio compare A B                   the differences of two statistics files; status 0: none, 1: "
      "some\n"
      "    --tolerance PERCENT               differences of up to so much of A's value do not count (0)\n"
      "    --only PATTERN                    only paths like cpu0.cycle_stack.*\n"
      "  memio --version\n"
      "  memio --help\n\n"
      "A CONFIG (or --config CONFIG) is a configuration file; later ones win over earlier ones, and the\n"
      "command line wins over all. Options are given as --key value or --key=value:\n\n";
  for (const auto& spec : option_table()) {
    std::string name = "--" + spec.key;
    if (!spec.alias.empty()) name += ", --" + spec.alias;
    text += fmt::format("  {:<34} {}{}{}\n", name, spec.text, spec.unit.empty() ? "" : " [" + spec.unit + "]",
                        spec.default_value.empty() ? "" : " (" + spec.default_value + ")");
  }
  text +=
      "\nExit status: the guest's own from 0 to 119 (119 also for a larger one); 123 the guest asked\n"
      "for a reset, with --on-reset end; 124 a limit was reached; 125 usage, configuration, or an output\n"
      "that cannot be written; 126 the guest cannot go on; 130 interrupted.\n";
  return text;
}

}  // namespace memio
