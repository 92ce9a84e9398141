// Decoded basic blocks, keyed by physical address: host state of the fast engine.
//
// A block is a run of instructions inside one page, position independent in virtual address. It
// ends with a branch or a jump, or before an instruction that the block engine leaves to `step`
// (system, CSR, atomic, port instructions, an instruction that straddles pages). What its instructions
// wait for operands depends on the results pending at its entry: an address has a block for each set of these
// that it was entered with. Nothing here is modelled state: dropping it at any moment changes no number
// (design rules 8 to 10).
#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "cache/cache.h"
#include "cpu/riscv/op.h"
#include "cpu/riscv/scoreboard.h"

namespace memio::riscv {

inline constexpr std::uint64_t page_bytes = 4096;
inline constexpr std::uint64_t page_mask = ~(page_bytes - 1);

/// An instruction-cache line that a block fetches from.
struct LineTouch {
  std::uint64_t address = 0;  ///< physical
  std::uint16_t first = 0;    ///< fetch words of the block in it, counted from 1
  std::uint16_t last = 0;
  CacheLine* held = nullptr;  ///< where it was held last
};

struct Block;

/// Where control went from the end of a block to another one of its page, and will go without a search.
struct Exit {
  const Block* to = nullptr;
  std::uint64_t held = 0;  ///< 1 if the fetch buffer then holds the first word of `to`
  Cycles saved = 0;        ///< the cycles of fetching that word
};

struct Block {
  std::vector<Op> ops;           ///< always ends with OpId::block_end
  unsigned length = 0;           ///< instructions; 0: the first one must be stepped
  unsigned accesses = 0;         ///< loads and stores
  bool plain = false;            ///< none of its instructions is a floating-point one, and it has some
  std::uint64_t first_word = 0;  ///< physical address of the first fetch word
  Cycles most = 0;               ///< the most cycles it takes beside its loads and stores
  mutable std::vector<LineTouch> lines;  ///< with an instruction cache: those it fetches from, in order
  mutable std::uint64_t held_at = 0;     ///< `changes` of that cache when it was last seen to hold them all
  unsigned entry = 0;                    ///< number of the set of results pending at its entry
  unsigned exit = 0;                     ///< and at its end
  Block* variant = nullptr;              ///< the same instructions behind another entry
  mutable Exit exits[2];                 ///< at its end, and by the branch or the jal that ends it

  /// The most cycles from its start to its end if no access leaves the L0 slots.
  Cycles worst(Cycles dearest_access) const { return most + accesses * dearest_access; }
};

/// The blocks of one physical page.
class CodePage {
 public:
  explicit CodePage(std::uint64_t physical) : physical_(physical) {}

  std::uint64_t physical() const { return physical_; }
  /// The block at `address` behind the pending set of number `entry`, null if there is none.
  Block* find(std::uint64_t address, unsigned entry) const {
    Block* block = blocks_[(address & ~page_mask) >> 1];
    while (block && block->entry != entry) block = block->variant;
    return block;
  }
  /// Builds that block from the page's bytes at `host`. `fetch_cost`: cycles of one fetch word.
  Block* build(std::uint64_t address, unsigned entry, PendingSets& sets, const std::uint8_t* host,
               Cycles fetch_cost, const HartConfig& config);
  bool overlaps(std::uint64_t first, std::uint64_t last) const;

 private:
  static constexpr unsigned granule_shift = 6;
  std::uint64_t physical_;
  Block* blocks_[page_bytes / 2] = {};
  std::vector<std::unique_ptr<Block>> storage_;
  std::bitset<(page_bytes >> granule_shift)> covered_;
};

class CodeCache {
 public:
  /// The page at `physical`, made if it is not there.
  CodePage* page(std::uint64_t physical);
  /// The page at `physical`, null if nothing of it is decoded.
  const CodePage* find_page(std::uint64_t physical) const {
    const auto found = pages_.find(physical & page_mask);
    return found == pages_.end() ? nullptr : found->second.get();
  }

  /// Drops what a write of [first, last] touches; true if it touched decoded code. Dropped pages stay
  /// allocated until `collect`, since one of their blocks may be running.
  bool written(std::uint64_t first, std::uint64_t last);
  void drop_all();
  void collect() { dropped_.clear(); }
  bool garbage() const { return !dropped_.empty(); }
  /// True if there are so many blocks or pending sets that it is better to begin anew.
  bool crowded() const { return blocks >= most_blocks || pending_sets.size() >= most_sets; }

  PendingSets pending_sets;  ///< those that blocks are entered and left with
  std::size_t blocks = 0;    ///< built since all were dropped

  std::uint64_t builds = 0;         ///< pages made
  std::uint64_t invalidations = 0;  ///< pages dropped by a write into their code

 private:
  static constexpr std::size_t most_pages = 512, most_blocks = 1 << 17, most_sets = 4096;
  std::unordered_map<std::uint64_t, std::unique_ptr<CodePage>> pages_;
  std::vector<std::unique_ptr<CodePage>> dropped_;
};

}  // namespace memio::riscv
