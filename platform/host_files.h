// The files of the host that a run reads and writes, and what they may be.
#pragma once

#include "platform/boot_plan.h"
#include "platform/options.h"

namespace memio {

/// Refuses, before anything is opened for writing, outputs that would overwrite an input or each other,
/// whatever names lead to the file, and those that cannot be written: a long run must not end without its
/// figures. Throws ConfigError naming both.
void check_host_files(const Options& options, const BootPlan& boot);

}  // namespace memio
