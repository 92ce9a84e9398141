// Random traces through the TLB and through the reference TLB, for every policy and many shapes: each
// look-up's outcome, the counts, and from time to time the whole contents are equal.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "mmu/tlb.h"
#include "unit/mmu/reference_tlb.h"

namespace memio::test {
namespace {

struct Shape {
  unsigned entries, ways;
};

constexpr Shape shapes[] = {{1, 0},  {4, 1},  {13, 1}, {8, 2},  {14, 2},  {12, 3},
                            {21, 3}, {16, 4}, {20, 4}, {20, 5}, {35, 5},  {64, 8},
                            {24, 8}, {7, 0},  {32, 0}, {48, 0}, {100, 0}, {130, 65}};
// Page sizes that stand side by side: one, those of Sv32, of Sv39, and of Sv57.
const std::vector<unsigned> small_pages = {12}, sv32_pages = {12, 22}, sv39_pages = {12, 12, 21, 30},
                            sv57_pages = {12, 21, 30, 39, 48};
constexpr TlbPolicy policies[] = {TlbPolicy::lru, TlbPolicy::plru, TlbPolicy::fifo, TlbPolicy::nru,
                                  TlbPolicy::random};
constexpr const char* policy_names[] = {"lru", "plru", "fifo", "nru", "random"};

class Pair {
 public:
  explicit Pair(const TlbConfig& config) : tlb_(config), reference_(config) {}

  /// A look-up in both and, on a miss, a fill of `page` in both.
  void access(std::uint64_t va, const ReferencePage& page) {
    const ReferencePage* expected = reference_.lookup(va, page.asid);
    const TlbEntry* probed = tlb_.probe(va, page.asid);
    const TlbEntry* entry = tlb_.lookup(va, page.asid);
    ASSERT_EQ(entry, probed);
    compare(expected, entry);
    if (expected) return;
    reference_.fill(page);
    TlbEntry filled;
    filled.virtual_page = page.virtual_page;
    filled.physical_page = page.physical_page;
    filled.page_shift = static_cast<std::uint8_t>(page.shift);
    filled.asid = page.asid;
    filled.global = page.global;
    tlb_.fill(filled);
  }

  /// As a fast engine does it: a hit proven elsewhere is one count and one store.
  void proven_hit(std::uint64_t va, std::uint16_t asid) {
    TlbEntry* entry = const_cast<TlbEntry*>(tlb_.probe(va, asid));
    if (!entry) return;
    entry->stamp = ++tlb_.lookups;
    tlb_.settle();
    compare(reference_.lookup(va, asid), entry);
  }

  void fence(std::optional<std::uint64_t> va, std::optional<std::uint16_t> asid) {
    tlb_.fence(va, asid);
    reference_.fence(va, asid);
  }

  void compare_all() const {
    ASSERT_EQ(tlb_.hits, reference_.hits);
    ASSERT_EQ(tlb_.misses, reference_.misses);
    ASSERT_EQ(tlb_.evictions, reference_.evictions);
    ASSERT_EQ(tlb_.lookups, tlb_.hits + tlb_.misses);
    std::uint64_t held = 0;
    for (unsigned set = 0; set < tlb_.sets(); ++set)
      for (unsigned way = 0; way < tlb_.ways(); ++way) {
        const auto& expected = reference_.at(set, way);
        const TlbEntry& entry = tlb_.entries()[set * tlb_.ways() + way];
        ASSERT_EQ(entry.valid, expected.has_value()) << "set " << set << " way " << way;
        if (!expected) continue;
        ++held;
        compare(&*expected, &entry);
      }
    ASSERT_EQ(tlb_.fills, tlb_.evictions + tlb_.invalidations + held);
  }

 private:
  static void compare(const ReferencePage* expected, const TlbEntry* entry) {
    ASSERT_EQ(entry != nullptr, expected != nullptr);
    if (!expected) return;
    ASSERT_EQ(entry->virtual_page, expected->virtual_page);
    ASSERT_EQ(entry->physical_page, expected->physical_page);
    ASSERT_EQ(entry->page_shift, expected->shift);
    ASSERT_EQ(entry->asid, expected->asid);
    ASSERT_EQ(entry->global, expected->global);
  }

  Tlb tlb_;
  ReferenceTlb reference_;
};

class TlbAgainstReference : public testing::TestWithParam<std::tuple<TlbPolicy, Shape>> {
 protected:
  // Twice as many pages as entries on average, in both halves of the address space. A page's size
  // depends on its region, but now and then a page of another size shadows it, as by a guest's error.
  void run(std::uint64_t seed, unsigned operations, unsigned fence_one_in,
           const std::vector<unsigned>& sizes) {
    const auto [policy, shape] = GetParam();
    Pair pair({shape.entries, shape.ways, policy, 0, seed});
    std::mt19937_64 random(seed);
    const auto below = [&](std::uint64_t limit) { return random() % limit; };
    for (unsigned i = 0; i < operations; ++i) {
      const auto region = static_cast<unsigned>(below(sizes.size()));
      unsigned shift = sizes[region];
      const std::uint64_t base = region == 1 ? 0xFFFFFFC0'00000000 : std::uint64_t{region} << 36;
      const std::uint64_t number = below(shape.entries / 2 + 2);
      const std::uint64_t va = base + (number << shift) + below(std::uint64_t{1} << shift);
      if (below(64) == 0) shift = sizes[below(sizes.size())];
      const auto asid = static_cast<std::uint16_t>(below(8) ? 1 : below(3));
      const bool global = below(64) ? number % 5 == 0 : below(2);
      const ReferencePage page{va >> shift << shift, random() >> 20 << shift, shift, asid, global};
      if (below(fence_one_in) == 0)
        pair.fence(below(2) ? std::optional(va) : std::nullopt,
                   below(2) ? std::optional(asid) : std::nullopt);
      else if (below(4) == 0)
        pair.proven_hit(va, asid);
      else
        pair.access(va, page);
      if (i % 512 == 0) pair.compare_all();
      if (HasFatalFailure()) FAIL() << "operation " << i;
    }
    pair.compare_all();
  }
};

TEST_P(TlbAgainstReference, AgreesWithFewFences) { run(11, 8000, 2000, sv39_pages); }
TEST_P(TlbAgainstReference, AgreesWithManyFences) { run(12, 8000, 25, sv39_pages); }
TEST_P(TlbAgainstReference, AgreesOnSmallPagesAlone) { run(13, 8000, 500, small_pages); }
TEST_P(TlbAgainstReference, AgreesOnTheSizesOfSv32) { run(14, 8000, 500, sv32_pages); }
TEST_P(TlbAgainstReference, AgreesOnTheSizesOfSv57) { run(15, 8000, 500, sv57_pages); }

std::string shape_name(const testing::TestParamInfo<std::tuple<TlbPolicy, Shape>>& instance) {
  const auto [policy, shape] = instance.param;
  return std::string(policy_names[static_cast<unsigned>(policy)]) + "_" + std::to_string(shape.entries) +
         "_entries_" + std::to_string(shape.ways) + "_ways";
}

INSTANTIATE_TEST_SUITE_P(PoliciesAndShapes, TlbAgainstReference,
                         testing::Combine(testing::ValuesIn(policies), testing::ValuesIn(shapes)),
                         shape_name);

}  // namespace
}  // namespace memio::test
