// The fault records of the IOMMU; see iommu_faults.h.
#include "iommu/iommu_faults.h"

namespace memio {

IommuFaults::IommuFaults(RegisterBank& bank, std::function<void()> changed)
    : changed_(std::move(changed)),
      status_(bank,
              {"FAULT_STATUS", iommu::reg_fault_status, 4, 0, iommu::fault_valid | iommu::fault_overflow}),
      info_(bank, {"FAULT_INFO", iommu::reg_fault_info, 4, 0, 0}),
      address_(bank, {"FAULT_ADDRESS", iommu::reg_fault_address, 8, 0, 0, 4 | 8}),
      count_(bank, {"FAULT_COUNT", iommu::reg_fault_count, 4, 0, 0}) {
  status_
      .on_peek([this] {
        return (any() ? iommu::fault_valid : 0) | (overflow_ ? iommu::fault_overflow : 0) |
               records_.size() << iommu::fault_held_shift;
      })
      .on_write([this](std::uint64_t value) {
        if (value & iommu::fault_valid && any()) records_.pop_front();
        if (value & iommu::fault_overflow) overflow_ = false;
        changed_();
      });
  info_.on_peek([this] { return info(); });
  address_.on_peek([this] { return any() ? records_.front().address : 0; });
}

std::uint64_t IommuFaults::info() const {
  if (!any()) return 0;
  const Record& oldest = records_.front();
  return oldest.device | (oldest.write ? iommu::fault_write : 0) |
         std::uint64_t{static_cast<std::uint8_t>(oldest.kind)} << iommu::fault_kind_shift;
}

void IommuFaults::add(const Record& record) {
  ++faults_;
  count_.set(count_.value() + 1);
  if (records_.size() < iommu::fault_records) {
    records_.push_back(record);
  } else {
    ++lost_;
    overflow_ = true;
  }
  changed_();
}

void IommuFaults::reset() {
  records_.clear();
  overflow_ = false;
  changed_();
}

void IommuFaults::register_stats(StatGroup& group) const {
  group.add("faults", "transactions", "transactions refused", &faults_);
  group.add("faults_lost", "transactions", "of these, not recorded, for the records were full", &lost_);
}

}  // namespace memio
