// The configuration of the hart, from the machine description and the options.
#pragma once

#include "cpu/riscv/hart_config.h"
#include "platform/machine_description.h"
#include "platform/options.h"

namespace memio {

/// Throws ConfigError if a TLB's ways do not divide its entries.
riscv::HartConfig configure_hart(const MachineDescription& machine, const Options& options,
                                 std::uint64_t reset_vector);

/// The TLB of the options `key.entries` and so on. Throws ConfigError if the ways do not divide the entries.
TlbConfig configure_tlb(const Options& options, const std::string& key);

}  // namespace memio
