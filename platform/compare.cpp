// Reading, flattening and comparing statistics files; see compare.h.
#include "platform/compare.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "platform/errors.h"
#include "platform/file.h"

namespace memio {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::json;

constexpr std::uint64_t largest_file = 64 << 20;
constexpr int deepest = 64;  // of nested values; statistics have a handful of levels

struct Request {
  std::string first, second, only = "*";
  double tolerance = 0;
};

using Values = std::map<std::string, Json>;

double parse_tolerance(const std::string& text) {
  std::size_t used = 0;
  double value = -1;
  try {
    value = std::stod(text, &used);
  } catch (const std::exception&) {
  }
  if (used != text.size() || !(value >= 0 && value <= 1e6))
    throw ConfigError(fmt::format(
        "command line: --tolerance \"{}\" is not allowed; allowed: a percentage from 0 to 1000000", text));
  return value;
}

Request parse(const std::vector<std::string>& arguments) {
  Request request;
  std::vector<std::string> files;
  std::string tolerance = "0";
  po::options_description description;
  description.add_options()("tolerance", po::value(&tolerance))("only", po::value(&request.only))(
      "file", po::value(&files));
  po::positional_options_description positional;
  positional.add("file", -1);
  const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  try {
    po::variables_map values;
    po::store(
        po::command_line_parser(arguments).options(description).positional(positional).style(style).run(),
        values);
    po::notify(values);
  } catch (const po::error& error) {
    throw ConfigError(fmt::format(
        "command line: {}; memio compare takes A B [--tolerance PERCENT] [--only PATTERN]", error.what()));
  }
  if (files.size() != 2)
    throw ConfigError(fmt::format("memio compare takes two statistics files, not {}", files.size()));
  request.first = files[0];
  request.second = files[1];
  request.tolerance = parse_tolerance(tolerance);
  return request;
}

Json load(const std::string& path) {
  bool too_deep = false;
  const auto keep = [&too_deep](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > deepest;
    return !too_deep;
  };
  const Json json = Json::parse(read_file(path, largest_file), keep, false);
  if (too_deep || !json.is_object() || json.value("schema", Json()) != "memio-statistics" ||
      !json.contains("version"))
    throw ConfigError(fmt::format("{}: not a statistics file of memio run --stats", path));
  return json;
}

void flatten(const Json& json, const std::string& path, const std::string& only, Values& out) {
  if (json.is_structured()) {
    for (const auto& [name, value] : json.items())
      flatten(value, path.empty() ? name : path + "." + name, only, out);
  } else if (path.rfind("host.", 0) != 0 && ::fnmatch(only.c_str(), path.c_str(), 0) == 0) {
    out[path] = json;
  }
}

bool within(const Json& a, const Json& b, double tolerance) {
  if (a == b) return true;
  if (!a.is_number() || !b.is_number()) return false;
  const double first = a.get<double>();
  return std::abs(b.get<double>() - first) <= std::abs(first) * tolerance / 100;
}

std::string shown(const Values& values, const std::string& path) {
  const auto found = values.find(path);
  if (found == values.end()) return "-";
  return found->second.is_string() ? found->second.get<std::string>() : found->second.dump();
}

/// b - a and b / a, where they mean something. Counts are exact, so they are subtracted as integers.
std::pair<std::string, std::string> relation(const Json& a, const Json& b) {
  if (!a.is_number() || !b.is_number()) return {"", ""};
  const double first = a.get<double>(), second = b.get<double>();
  std::string difference;
  if (a.is_number_integer() && b.is_number_integer())
    difference =
        fmt::format("{:+}", static_cast<std::int64_t>(b.get<std::uint64_t>() - a.get<std::uint64_t>()));
  else
    difference = fmt::format("{:+g}", second - first);
  return {difference, first != 0 ? fmt::format("{:.4f}", second / first) : ""};
}

}  // namespace

int run_compare(const std::vector<std::string>& arguments) {
  const Request request = parse(arguments);
  const Json first = load(request.first), second = load(request.second);
  if (first["version"] != second["version"])
    throw ConfigError(fmt::format("{} has version {} of the statistics, {} has {}", request.first,
                                  first["version"].dump(), request.second, second["version"].dump()));
  Values a, b;
  flatten(first, "", request.only, a);
  flatten(second, "", request.only, b);
  std::set<std::string> paths;
  for (const Values* values : {&a, &b})
    for (const auto& value : *values) paths.insert(value.first);
  if (paths.empty())
    throw ConfigError(fmt::format("--only \"{}\" matches nothing in either file", request.only));

  bool differs = false;
  std::string table;
  std::size_t width = 4;
  for (const auto& path : paths) width = std::max(width, path.size());
  for (const auto& path : paths) {
    const bool both = a.count(path) && b.count(path);
    if (!both && path.rfind("phases.", 0) == 0) continue;  // in mode at only
    if (both && within(a[path], b[path], request.tolerance)) continue;
    if (path.rfind("machine.", 0) != 0) differs = true;
    const auto [difference, ratio] =
        both ? relation(a[path], b[path]) : std::pair<std::string, std::string>();
    table += fmt::format("{:<{}}  {:>14}  {:>14}  {:>14}  {:>8}\n", path, width, shown(a, path),
                         shown(b, path), difference, ratio);
  }
  if (!table.empty())
    table = fmt::format("{:<{}}  {:>14}  {:>14}  {:>14}  {:>8}\n", "path", width, "a", "b", "difference",
                        "ratio") +
            table;
  write_file("-", table);
  return differs ? 1 : 0;
}

}  // namespace memio
