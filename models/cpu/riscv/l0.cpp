// Contexts and the dropping of slots; see l0.h.
#include "cpu/riscv/l0.h"

namespace memio::riscv {

namespace {

constexpr unsigned page_shift = 12;

}  // namespace

DataSlots& L0::data(Privilege privilege, bool bare, bool sum, bool mxr) {
  const bool supervisor = privilege == Privilege::supervisor;
  const unsigned context = privilege == Privilege::machine ? 0
                                                           : 1u + (supervisor ? 8u : 0u) + (bare ? 4u : 0u) +
                                                                 (sum ? 2u : 0u) + (mxr ? 1u : 0u);
  std::unique_ptr<DataSlots>& slots = data_[context];
  if (!slots) slots = std::make_unique<DataSlots>();
  return *slots;
}

void L0::drop_stores() {
  for (auto& slots : data_)
    if (slots) slots->store.fill({});
}

void L0::drop_code() {
  drop_stores();
  fetch.fill({});
}

void L0::drop() {
  drop_code();
  for (auto& slots : data_)
    if (slots) slots->load.fill({});
}

void L0::drop_entry(const std::uint64_t* stamp, std::uint64_t va, bool one_page) {
  const unsigned units = one_page ? 1u << (page_shift - shift_) : data_slots;
  const unsigned first = one_page ? data_index(va >> page_shift << page_shift, shift_) : 0;
  for (auto& slots : data_) {
    if (!slots) continue;
    for (unsigned i = first; i < first + units; ++i)
      for (DataSlot* slot : {&slots->load[i % data_slots], &slots->store[i % data_slots]})
        if (slot->stamp == stamp) *slot = {};
  }
  if (one_page) {
    FetchSlot& slot = fetch[fetch_index(va)];
    if (slot.stamp == stamp) slot = {};
    return;
  }
  for (auto& slot : fetch)
    if (slot.stamp == stamp) slot = {};
}

// A line may be known by several virtual addresses, which agree below the page.
void L0::drop_line(const CacheLine& line) {
  const unsigned units = 1u << (page_shift - shift_);
  const unsigned first = static_cast<unsigned>(line.address >> shift_) % units;
  for (auto& slots : data_) {
    if (!slots) continue;
    for (unsigned i = first; i < data_slots; i += units)
      for (DataSlot* slot : {&slots->load[i], &slots->store[i]})
        if (slot->line == &line) *slot = {};
  }
}

}  // namespace memio::riscv
