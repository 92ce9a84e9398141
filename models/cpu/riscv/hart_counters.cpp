// Counters of a hart (privileged specification 20211203, sections 3.1.10 to 3.1.12): what they count.
#include "cpu/riscv/hart_impl.h"

namespace memio::riscv {

template <class U>
std::uint64_t HartImpl<U>::cycle_count() const {
  return csr_.mcountinhibit & 1 ? csr_.cycle_offset : now_ + csr_.cycle_offset;
}

template <class U>
std::uint64_t HartImpl<U>::retired_count() const {
  return csr_.mcountinhibit & 4 ? csr_.instret_offset : retired_ + csr_.instret_offset;
}

/// A stopped counter keeps its value in the offset; a running one its distance from the hart's count.
template <class U>
void HartImpl<U>::write_inhibit(std::uint32_t value) {
  const std::uint64_t cycles = cycle_count();
  const std::uint64_t retired = retired_count();
  csr_.mcountinhibit = value;
  events_.inhibit(value);
  csr_.cycle_offset = value & 1 ? cycles : cycles - now_;
  csr_.instret_offset = value & 4 ? retired : retired - retired_;
}

template <class U>
void HartImpl<U>::connect_events() {
  events_.connect(HpmEvent::traps, &last_trap_.taken);
  events_.connect(HpmEvent::page_faults, &page_faults_);
  events_.connect(HpmEvent::operand_wait, &stack_.operand);
  if (predictor_) {
    events_.connect(HpmEvent::branch_prediction, predictor_->predictions());
    events_.connect(HpmEvent::misprediction, predictor_->mispredictions());
  }
  events_.connect(HpmEvent::cycles, &now_);
  events_.connect(HpmEvent::instructions, &retired_);
  const auto connect_misses = [this](HpmEvent event, const Cache* cache) {
    for (unsigned kind = 0; cache && kind < access_kinds; ++kind)
      events_.connect(event, &cache->counts.misses[kind]);
  };
  if (caches_) {
    connect_misses(HpmEvent::l1i_miss, l1i_);
    connect_misses(HpmEvent::l1d_miss, l1d_);
    connect_misses(HpmEvent::l2_miss, caches_->l2());
  }
  if (!mmu_.has_tlbs()) return;
  events_.connect(HpmEvent::itlb_miss, &mmu_.itlb().misses);
  events_.connect(HpmEvent::dtlb_miss, &mmu_.dtlb().misses);
  if (mmu_.l2tlb()) events_.connect(HpmEvent::l2tlb_miss, &mmu_.l2tlb()->misses);
  events_.connect(HpmEvent::walk_cycles, &mmu_.walker().cycles);
  events_.connect(HpmEvent::pte_reads, &mmu_.walker().reads);
  events_.connect(HpmEvent::itlb_lookup, &mmu_.itlb().lookups);
  events_.connect(HpmEvent::dtlb_lookup, &mmu_.dtlb().lookups);
}

template class HartImpl<std::uint32_t>;
template class HartImpl<std::uint64_t>;

}  // namespace memio::riscv
