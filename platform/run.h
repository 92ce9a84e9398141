// `memio run`: one run of the machine from options to exit status, with all its outputs.
#pragma once

#include "platform/options.h"

namespace memio {

/// Exit statuses of memio.
inline constexpr int largest_guest_status = 119;
inline constexpr int status_reset = 123;  ///< with on-reset = end
inline constexpr int status_limit = 124;
inline constexpr int status_usage = 125;  ///< also: an output that cannot be written
inline constexpr int status_guest_stuck = 126;
inline constexpr int status_interrupted = 130;

/// Runs the machine and writes report, statistics and waveform; returns the exit status. To be
/// called once, inside sc_main. Throws ConfigError, OutputError and Interrupted.
int run_machine(const Options& options);

}  // namespace memio
