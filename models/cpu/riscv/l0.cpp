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
  if (!slots) {
    slots = std::make_unique<DataSlots>();
    live_.push_back(slots.get());
  }
  return *slots;
}

void L0::drop_stores() {
  if (stored_.none()) return;
  stored_.reset();
  for (DataSlots* const slots : live_) slots->store.fill({});
}

void L0::drop_stores_to(const std::uint8_t* host) {
  if (!stored_[stored_index(host)]) return;
  for (DataSlots* const slots : live_)
    for (DataSlot& slot : slots->store)
      if (slot.host == host) slot = {};
}

void L0::drop_code() {
  drop_stores();
  fetch.fill({});
}

void L0::drop() {
  drop_code();
  for (DataSlots* const slots : live_) slots->load.fill({});
}

void L0::drop_entry(const std::uint64_t* stamp, std::uint64_t va, bool one_page) {
  const unsigned units = one_page ? 1u << (page_shift - shift_) : data_slots;
  const unsigned first = one_page ? data_index(va >> page_shift << page_shift, shift_) : 0;
  for (DataSlots* const slots : live_) {
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
  for (DataSlots* const slots : live_)
    for (unsigned i = first; i < data_slots; i += units) {
      if (slots->load[i].line == &line) slots->load[i] = {};
      if (slots->store[i].line == &line) slots->store[i] = {};
    }
}

}  // namespace memio::riscv
