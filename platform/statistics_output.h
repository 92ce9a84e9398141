// Statistics as a JSON document; docs/statistics.md describes the schema.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/stats.h"

namespace memio {

/// How a run ended, for the documents.
struct RunResult {
  int exit_status = 0;           ///< of memio
  std::string reason;            ///< "guest", "instruction-limit", "time-limit", "guest-stuck", "interrupted"
  std::uint64_t guest_code = 0;  ///< what the guest ended with, in full; 0 if it did not end itself
  std::uint64_t sim_time_ps = 0;
  double host_seconds = 0;
  std::uint64_t instructions = 0;
};

struct StatisticsDocument {
  std::vector<std::pair<std::string, std::string>> machine;  ///< facts about the machine, name and value
  RunResult run;
  const StatGroup* groups = nullptr;  ///< the models' groups: "cpu0", "bus", ...
  const StatGroup* host = nullptr;    ///< what depends on the host beside time and speed; may be null
};

inline constexpr int statistics_version = 1;

/// A group as an object: counters as numbers, groups below it as objects.
nlohmann::ordered_json to_json(const StatGroup& group);

nlohmann::ordered_json to_json(const StatisticsDocument& document);

/// A document as it is written: indented, with a newline at its end.
std::string format_json(const nlohmann::ordered_json& document);

}  // namespace memio
