// L0 slots: proven hits, so that the fast engine need not look a TLB or a cache up again (design rule 11).
//
// A slot stands for a unit of memory: a page, or with a data cache a line of it. It is a subset of the
// modelled L1 TLB entry and of the cache line it points to: it is dropped when one of them is. There is one
// set of data slots for each context (effective privilege, SUM, MXR, bare), so that a tag is the unit's
// virtual address alone; a misaligned access never compares equal, since the low bits of its address stay in
// the comparison. Fetch slots stand for pages, and carry the context in their tag.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <vector>

#include "cache/cache.h"
#include "core/route.h"
#include "cpu/riscv/hart_config.h"

namespace memio::riscv {

class CodePage;

/// Transfers that the fast engine proved and has not yet booked on their route or cache.
struct FastCounts {
  std::uint64_t loads[4] = {};  ///< by log2 of the size
  std::uint64_t stores[4] = {};
  std::uint64_t fetches = 0;   ///< fetch words
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

/// Bits of a tag. In fetch slots the context lies above the bits that alignment compares and below the page.
namespace l0_tag {
/// Bit 3 of data slots: never compares equal at once, as the slot is empty or special (see DataSlot).
inline constexpr std::uint64_t slow = 1u << 3;
inline constexpr std::uint64_t valid = 1u << 3, sum = 1u << 6, mxr = 1u << 7, bare = 1u << 8;
inline constexpr unsigned privilege_shift = 4;
}  // namespace l0_tag

struct alignas(64) DataSlot {
  std::uint64_t tag = l0_tag::slow;
  std::uint8_t* host = nullptr;    ///< host address of the page's first byte
  std::uint64_t* stamp = nullptr;  ///< recency stamp of the TLB entry
  CacheLine* line = nullptr;       ///< the cache line, if there is a data cache
  FastCounts* counts = nullptr;
  const CodePage* code = nullptr;  ///< of a store to a page with decoded code: the slot is special
  bool through = false;            ///< a store that the cache writes through: the slot is special
  bool listed = false;             ///< among those that the next drop of all empties

  /// Alone; it stays listed.
  void clear() {
    const bool was_listed = listed;
    *this = {};
    listed = was_listed;
  }
};

struct FetchSlot {
  std::uint64_t tag = 0;
  std::uint64_t physical = 0;  ///< of the page
  const std::uint8_t* host = nullptr;
  std::uint64_t* stamp = nullptr;
  FastCounts* counts = nullptr;
  CodePage* page = nullptr;  ///< null until the page is run by blocks
  MemoryType memory_type = MemoryType::pma;
};

inline constexpr unsigned data_slots = 512;
inline constexpr unsigned fetch_slots = 64;

/// The data slots of one context.
struct DataSlots {
  std::array<DataSlot, data_slots> load{}, store{};
};

class L0 {
 public:
  std::array<FetchSlot, fetch_slots> fetch{};

  /// Data slots stand for units of `1 << shift` bytes, at most a page.
  explicit L0(unsigned shift) : shift_(shift) {}
  unsigned shift() const { return shift_; }
  std::uint64_t unit_mask() const { return ~((std::uint64_t{1} << shift_) - 1); }

  static unsigned fetch_index(std::uint64_t va) { return static_cast<unsigned>(va >> 12) % fetch_slots; }
  static unsigned data_index(std::uint64_t va, unsigned shift) {
    return static_cast<unsigned>(va >> shift) % data_slots;
  }

  /// The slots of a context.
  DataSlots& data(Privilege privilege, bool bare, bool sum, bool mxr);

  /// The slot for `va`, which the caller fills now.
  DataSlot& to_fill(DataSlots& slots, std::uint64_t va, bool write);
  /// To be told when a slot of stores to the page whose first byte is at `host` is filled.
  void proves_stores_to(const std::uint8_t* host) { stored_.set(stored_index(host)); }
  void drop_stores();
  /// Drops the slots of stores to the page whose first byte is at `host`.
  void drop_stores_to(const std::uint8_t* host);
  /// Drops every slot that may point to decoded code.
  void drop_code();
  void drop();
  /// Drops the slots that stand on the TLB entry with this stamp, which maps `va`.
  void drop_entry(const std::uint64_t* stamp, std::uint64_t va, bool one_page);
  void drop_line(const CacheLine& line);

 private:
  /// Machine mode, and the others with and without translation, SUM, MXR.
  static constexpr unsigned contexts = 17;

  static std::size_t stored_index(const std::uint8_t* host) {
    return (reinterpret_cast<std::uintptr_t>(host) >> 12) % 1024;
  }

  unsigned shift_;
  std::array<std::unique_ptr<DataSlots>, contexts> data_;
  std::vector<DataSlots*> live_;  ///< those of `data_` that there are
  /// Slots filled since all were dropped: most drops come after a few fills (functional mode forgets
  /// everything at each store to a page table), and there are 64 KiB of slots in a context.
  std::vector<DataSlot*> filled_loads_, filled_stores_;
  std::bitset<1024> stored_;  ///< where pages with slots of stores may be
};

}  // namespace memio::riscv
