// How options are shown: `memio config` and docs/options.md.
#pragma once

#include <string>

#include "platform/options.h"

namespace memio {

/// Every option with text, unit, allowed values and default, then its effective value and origin. The
/// listing is itself a configuration file.
std::string list_options(const Options& options);

/// What `spec` needs and what it does not go with, as it follows its text in the reference; or empty.
std::string needs_in_markdown(const OptionSpec& spec);

/// The reference of all options in Markdown (docs/options.md).
std::string options_markdown();

}  // namespace memio
