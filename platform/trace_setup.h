// The traces that a run's options ask for.
#pragma once

#include <functional>
#include <memory>

#include "platform/boot_plan.h"
#include "platform/options.h"
#include "trace/trace_output.h"

namespace memio {

/// A run's traces: the sink that the machine tells, and what became of the start condition.
struct Traces {
  std::unique_ptr<TraceOutput> output;  ///< null if no file is asked for
  std::function<bool()> started;        ///< false while the start condition has not been met
};

/// Creates the files. Throws ConfigError for options that make no sense, before any file is opened, and if
/// one cannot be created; Interrupted if a signal ends the wait for a pipe. `boot` outlives the traces.
Traces open_traces(const Options& options, const BootPlan& boot, std::uint64_t period_ps);

}  // namespace memio
