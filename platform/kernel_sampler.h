// Looks at numbers of the guest kernel at fixed modelled times and traces those that changed.
//
// The guest does not take part: numbers are read by debug accesses. At the time of a look the hart has done
// what it began before, whatever its engine and quantum.
#pragma once

#include <functional>
#include <systemc>
#include <vector>

#include "core/clock.h"
#include "core/trace.h"
#include "platform/kernel_numbers.h"

namespace memio {

struct KernelSamplerConfig {
  Clock clock{sc_core::sc_time(1, sc_core::SC_NS)};
  sc_core::sc_time interval;
  /// A debug read of physical memory; false if nothing is there.
  std::function<bool(std::uint64_t address, std::uint8_t* data, unsigned size)> read;
  /// True if nothing but a look could ever happen: then looks end, so that the run can.
  std::function<bool()> idle;
};

class KernelSampler : public sc_core::sc_module {
 public:
  /// `numbers` and `sink` outlive the run.
  KernelSampler(const sc_core::sc_module_name& name, const KernelSamplerConfig& config,
                const std::vector<KernelNumber>& numbers, TraceSink& sink);

 private:
  void look();

  KernelSamplerConfig config_;
  const std::vector<KernelNumber>& numbers_;
  TraceSink& sink_;
  std::vector<std::uint64_t> values_;
  sc_core::sc_event next_;
};

}  // namespace memio
