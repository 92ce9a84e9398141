// The fault records of the IOMMU behind their registers: a queue of which the oldest is shown. Free of
// SystemC.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>

#include "core/register_bank.h"
#include "core/stats.h"
#include "iommu/iommu_registers.h"

namespace memio {

class IommuFaults {
 public:
  struct Record {
    unsigned device;
    bool write;
    iommu::FaultKind kind;
    std::uint64_t address;  ///< as the device gave it
  };

  /// `changed` is called when the number of records may have.
  IommuFaults(RegisterBank& bank, std::function<void()> changed);

  void add(const Record& record);
  bool any() const { return !records_.empty(); }
  void reset();
  void register_stats(StatGroup& group) const;

 private:
  std::uint64_t info() const;

  std::function<void()> changed_;
  Register status_, info_, address_, count_;
  std::deque<Record> records_;
  bool overflow_ = false;
  std::uint64_t faults_ = 0, lost_ = 0;
};

}  // namespace memio
