// Page tables in a sparse memory, for tests of the walker: a `WalkMemory` that can refuse, fail and
// change under the walker's hands, and a builder of tables in it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "mmu/mmu.h"

namespace memio::test {

// PTE bits (privileged specification, figure "Sv32 page table entry").
inline constexpr std::uint64_t V = 1, R = 2, W = 4, X = 8, U = 16, G = 32, A = 64, D = 128;

class PageTables final : public WalkMemory {
 public:
  static constexpr std::uint64_t root = 0x80000000;
  static constexpr Cycles read_latency = 10, update_latency = 25;

  explicit PageTables(PageFormatId id) : format(page_format(id)) {}

  /// Maps `va` by a leaf of level `level`, making the tables above it; returns the leaf's address.
  std::uint64_t map(std::uint64_t va, std::uint64_t pa, std::uint64_t flags, unsigned level = 0) {
    const std::uint64_t address = entry_address(va, level);
    ptes[address] = pa >> 12 << 10 | flags;
    return address;
  }

  /// Where the entry for `va` in its table of `level` stands; makes the tables above it.
  std::uint64_t entry_address(std::uint64_t va, unsigned level) {
    std::uint64_t table = root;
    for (unsigned at = format.levels - 1; at > level; --at) {
      std::uint64_t& pte = ptes[table + format.index(va, at) * format.pte_bytes];
      if (pte == 0) pte = (next_table += 4096) >> 12 << 10 | V;
      table = pte >> 10 << 12;
    }
    return table + format.index(va, level) * format.pte_bytes;
  }

  WalkReply read_pte(std::uint64_t address, unsigned size, Cycles now) override {
    reads.push_back(address);
    sizes.insert(size);
    if (refused.count(address)) return {WalkReply::Outcome::refused, 0, 0};
    if (errors.count(address)) return {WalkReply::Outcome::error, 0, now + read_latency};
    const auto pte = ptes.find(address);
    return {WalkReply::Outcome::ok, pte == ptes.end() ? 0 : pte->second, now + read_latency};
  }

  WalkReply update_pte(std::uint64_t address, unsigned size, std::uint64_t expected, std::uint64_t desired,
                       Cycles now) override {
    updates.push_back(address);
    sizes.insert(size);
    if (before_update) before_update(address);
    if (refused_updates.count(address)) return {WalkReply::Outcome::refused, 0, 0};
    if (failing_updates.count(address)) return {WalkReply::Outcome::error, 0, now + update_latency};
    const bool same = ptes[address] == expected;
    if (same) ptes[address] = desired;
    return {WalkReply::Outcome::ok, same, now + update_latency};
  }

  const PageFormat& format;
  std::map<std::uint64_t, std::uint64_t> ptes;
  std::set<std::uint64_t> refused, errors, refused_updates, failing_updates;
  std::function<void(std::uint64_t)> before_update;
  std::vector<std::uint64_t> reads, updates;
  std::set<unsigned> sizes;

 private:
  std::uint64_t next_table = root;
};

inline TranslationContext context_of(PageFormatId id, Privilege privilege = Privilege::supervisor,
                                     std::uint16_t asid = 1) {
  TranslationContext context;
  context.format = id;
  context.asid = asid;
  context.root = PageTables::root;
  context.privilege = privilege;
  return context;
}

/// Small TLBs without an L2, so that every L1 miss is a walk.
inline MmuConfig without_l2() {
  MmuConfig config;
  config.l2tlb.entries = 0;
  return config;
}

}  // namespace memio::test
