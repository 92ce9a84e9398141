// The traces that a run's options ask for.
#pragma once

#include <memory>

#include "platform/options.h"
#include "trace/trace_output.h"

namespace memio {

/// Throws ConfigError for trace options that make no sense, before any file is opened.
void check_trace_options(const Options& options, std::uint64_t period_ps);

/// Creates the files; null if none is asked for. Throws ConfigError if one cannot be created.
std::unique_ptr<TraceOutput> open_trace(const Options& options, std::uint64_t period_ps);

}  // namespace memio
