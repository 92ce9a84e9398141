// The JSON document of statistics; see statistics_output.h.
#include "platform/statistics_output.h"

namespace memio {

using nlohmann::ordered_json;

ordered_json to_json(const StatGroup& group) {
  ordered_json object = ordered_json::object();
  for (const auto& stat : group.stats()) object[stat.name] = stat.value();
  for (const auto& child : group.children()) object[child->name()] = to_json(*child);
  return object;
}

ordered_json to_json(const StatisticsDocument& document) {
  const RunResult& run = document.run;
  ordered_json json{{"schema", "memio-statistics"}, {"version", statistics_version}};
  ordered_json machine = ordered_json::object();
  for (const auto& [name, value] : document.machine) machine[name] = value;
  json["machine"] = machine;
  json["run"] = {{"exit", run.exit_status},
                 {"reason", run.reason},
                 {"guest_code", run.guest_code},
                 {"sim_time_ps", run.sim_time_ps}};
  if (document.groups)
    for (const auto& child : document.groups->children()) json[child->name()] = to_json(*child);
  ordered_json host{
      {"seconds", run.host_seconds},
      {"mips", run.host_seconds > 0 ? static_cast<double>(run.instructions) / run.host_seconds / 1e6 : 0.0}};
  if (document.host) host.update(to_json(*document.host));
  json["host"] = host;
  return json;
}

std::string format_json(const ordered_json& document) {
  return document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace memio
