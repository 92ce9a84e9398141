// Contexts and the dropping of slots; see l0.h.
#include "cpu/riscv/l0.h"

namespace memio::riscv {

namespace {

constexpr unsigned page_shift = 12;

void empty(std::vector<DataSlot*>& filled) {
  for (DataSlot* const slot : filled) *slot = {};
  filled.clear();
}

}  // namespace

DataSlots& L0::data(Privilege privilege, bool bare, bool sum, bool mxr) {
  const bool supervisor = privilege == Privilege::supervisor;
  const unsigned context = privilege == Privilege::machine ? 0
                                                           : 1u + (supervisor ? 8u : 0u) + (bare ? 4u : 0u) +
                                                                 (sum ? 2u : 0u) + (mxr ? 1u : 0u);
  std::unique_ptr<DataSlots>& slots = data_[context];
  if (!slots) {
    slots = std::make_unique<DataSlots>();
    live_.push_back(slots.get());
  }
  return *slots;
}

DataSlot& L0::to_fill(DataSlots& slots, std::uint64_t va, bool write) {
  DataSlot& slot = (write ? slots.store : slots.load)[data_index(va, shift_)];
  if (!slot.listed) (write ? filled_stores_ : filled_loads_).push_back(&slot);
  slot.listed = true;
  return slot;
}

void L0::drop_stores() {
  stored_.reset();
  empty(filled_stores_);
}

void L0::drop_stores_to(const std::uint8_t* host) {
  if (!stored_[stored_index(host)]) return;
  for (DataSlots* const slots : live_)
    for (DataSlot& slot : slots->store)
      if (slot.host == host) slot.clear();
}

void L0::drop_code() {
  drop_stores();
  fetch.fill({});
}

void L0::drop() {
  drop_code();
  empty(filled_loads_);
}

void L0::drop_entry(const std::uint64_t* stamp, std::uint64_t va, bool one_page) {
  const unsigned units = one_page ? 1u << (page_shift - shift_) : data_slots;
  const unsigned first = one_page ? data_index(va >> page_shift << page_shift, shift_) : 0;
  for (DataSlots* const slots : live_) {
    for (unsigned i = first; i < first + units; ++i)
      for (DataSlot* slot : {&slots->load[i % data_slots], &slots->store[i % data_slots]})
        if (slot->stamp == stamp) slot->clear();
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
  for (DataSlots* const slots : live_)
    for (unsigned i = first; i < data_slots; i += units) {
      if (slots->load[i].line == &line) slots->load[i].clear();
      if (slots->store[i].line == &line) slots->store[i].clear();
    }
}

}  // namespace memio::riscv
