// The text report: where the cycles went and which TLB missed how often, from the statistics document.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace memio {

/// `document` is a memio-statistics document (statistics_output.h). Parts that it lacks are left out.
std::string text_report(const nlohmann::ordered_json& document);

}  // namespace memio
