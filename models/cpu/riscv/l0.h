// L0 slots: proven hits, so that the fast engine need not look a TLB up again (design rule 11).
//
// A slot is a subset of the modelled L1 TLB entry it points to: it is dropped when the entry is. Its
// tag joins the page's virtual address with the context (effective privilege, SUM, MXR, bare), and a
// misaligned access never compares equal, since the low bits of its address stay in the comparison.
#pragma once

#include <array>
#include <cstdint>

#include "core/route.h"
#include "cpu/riscv/hart_config.h"

namespace memio::riscv {

class CodePage;

/// Transfers that the fast engine proved and has not yet booked on their route.
struct FastCounts {
  std::uint64_t loads[4] = {};  ///< by log2 of the size
  std::uint64_t stores[4] = {};
  std::uint64_t fetches = 0;   ///< words of 4 bytes
  Cycles load_cycles[4] = {};  ///< of one load, the L1 TLB look-up included if it translates
  Cycles store_cycles[4] = {};
  Cycles fetch_cycles = 0;  ///< of one fetch word
};

/// A grant and what the fast engine counted through it, apart for translated and bare accesses.
struct GrantRecord {
  Grant grant;
  Channel channel = Channel::data;
  FastCounts translated, bare;
  bool open_to_walks = false;  ///< PMP lets the walker read all of it
};

/// Context bits of a tag. They lie above the 3 bits that alignment compares and below the page.
namespace l0_tag {
inline constexpr std::uint64_t valid = 1u << 3, sum = 1u << 6, mxr = 1u << 7, bare = 1u << 8,
                               code = 1u
                                      << 9;  ///< never compares equal at once: a store must look at the code
inline constexpr unsigned privilege_shift = 4;
}  // namespace l0_tag

struct DataSlot {
  std::uint64_t tag = 0;
  std::uint8_t* host = nullptr;    ///< host address of the page's first byte
  std::uint64_t* stamp = nullptr;  ///< recency stamp of the TLB entry
  FastCounts* counts = nullptr;
  const CodePage* code = nullptr;  ///< of a store to a page with decoded code: the tag says so, too
};

struct FetchSlot {
  std::uint64_t tag = 0;
  std::uint64_t physical = 0;  ///< of the page
  const std::uint8_t* host = nullptr;
  std::uint64_t* stamp = nullptr;
  FastCounts* counts = nullptr;
  CodePage* page = nullptr;  ///< null until the page is run by blocks
};

inline constexpr unsigned data_slots = 256;
inline constexpr unsigned fetch_slots = 64;

struct L0 {
  std::array<DataSlot, data_slots> load{}, store{};
  std::array<FetchSlot, fetch_slots> fetch{};

  static unsigned data_index(std::uint64_t va) { return static_cast<unsigned>(va >> 12) % data_slots; }
  static unsigned fetch_index(std::uint64_t va) { return static_cast<unsigned>(va >> 12) % fetch_slots; }

  void drop_stores() { store.fill({}); }
  /// Drops every slot that may point to decoded code.
  void drop_code() {
    store.fill({});
    fetch.fill({});
  }
  void drop() {
    load.fill({});
    store.fill({});
    fetch.fill({});
  }
  /// Drops the slots that stand on the TLB entry with this stamp, which maps `va`.
  void drop_entry(const std::uint64_t* stamp, std::uint64_t va, bool one_page) {
    if (one_page) {
      const auto drop_one = [stamp](auto& slot) {
        if (slot.stamp == stamp) slot = {};
      };
      drop_one(load[data_index(va)]);
      drop_one(store[data_index(va)]);
      drop_one(fetch[fetch_index(va)]);
      return;
    }
    for (auto& slot : load)
      if (slot.stamp == stamp) slot = {};
    for (auto& slot : store)
      if (slot.stamp == stamp) slot = {};
    for (auto& slot : fetch)
      if (slot.stamp == stamp) slot = {};
  }
};

}  // namespace memio::riscv
