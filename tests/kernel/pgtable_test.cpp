// The walk by the generic levels, for tables of two, three and four hardware levels, against PageTable.
#include <asm/pgtable.h>
#include <gtest/gtest.h>
#include <linux/mm.h>

#include <map>
#include <random>

#include "fake_machine.h"
#include "kernel/page_table.h"

namespace memio {
namespace {

unsigned long next_free;

Pte* take_page() {
  Pte* page = static_cast<Pte*>(__va(next_free));
  next_free += PAGE_SIZE;
  return page;
}

class Pgtable : public testing::TestWithParam<unsigned> {
 protected:
  Pgtable() : machine_(16 << 20) {
    next_free = FakeMachine::kMemoryStart;
    pgtable_levels = GetParam();
    pgtable_has_svpbmt = false;
    table_ = PageTable(take_page(), PAGE_OFFSET - MEMORY_START, take_page);
    mm_.pgd = reinterpret_cast<pgd_t*>(table_.root());
  }

  // The entry a generic walk finds for `va`, of a page of any size; null when there is none.
  Pte* walk(unsigned long va) {
    pgd_t* pgd = pgd_offset(&mm_, va);
    if (pgd_none(*pgd)) return nullptr;
    if (pgd_bad(*pgd)) return &pgd->pgd;
    pud_t* pud = pud_offset(pgd, va);
    if (pud_none(*pud)) return nullptr;
    if (pud_bad(*pud)) return &pud->pud;
    pmd_t* pmd = pmd_offset(pud, va);
    if (pmd_none(*pmd)) return nullptr;
    if (pmd_thp_or_huge(*pmd)) return &pmd->pmd;
    pte_t* pte = pte_offset_map(pmd, va);
    return pte_present(*pte) ? &pte->pte : nullptr;
  }

  unsigned long address_limit() const { return 1ul << (12 + 9 * GetParam()); }

  FakeMachine machine_;
  PageTable table_;
  mm_struct mm_ = {};
};

TEST_P(Pgtable, FindsWhatPageTableFinds) {
  std::mt19937_64 random(GetParam());
  std::map<unsigned long, unsigned> mapped;
  for (int i = 0; i < 600; i++) {
    // Megapages in one half of the root, 4 KiB pages in the other, so that no large page is in the way.
    const unsigned level = random() % 4 == 0 ? 1 : 0;
    unsigned long va = random() % (address_limit() / 2) & ~((1ul << pgtable_shift(level)) - 1);
    if (level == 1) va += address_limit() / 2;
    const phys_addr_t pa = (random() % (1ul << 40)) & ~((1ul << pgtable_shift(level)) - 1);
    ASSERT_TRUE(table_.map(va, pa, 1ul << pgtable_shift(level), kPteKernelData, level));
    mapped[va] = level;
  }
  for (const auto& [va, level] : mapped) {
    const unsigned long inside = va + random() % (1ul << pgtable_shift(level));
    ASSERT_NE(table_.find(inside), nullptr);
    EXPECT_EQ(walk(inside), table_.find(inside)) << std::hex << inside;
  }
  for (int i = 0; i < 5000; i++) {
    const unsigned long va = random() % address_limit();
    EXPECT_EQ(walk(va), table_.find(va)) << std::hex << va;
  }
}

TEST_P(Pgtable, UpperLevelsAreFolded) {
  ASSERT_TRUE(table_.map(0x201000, 0x80005000, PAGE_SIZE, kPteKernelData));
  pgd_t* pgd = pgd_offset(&mm_, 0x201000);
  pud_t* pud = pud_offset(pgd, 0x201000);
  pmd_t* pmd = pmd_offset(pud, 0x201000);
  EXPECT_EQ(static_cast<void*>(pud) == pgd, GetParam() < 4);
  EXPECT_EQ(static_cast<void*>(pmd) == pud, GetParam() < 3);
  EXPECT_EQ(PTRS_PER_PUD, GetParam() < 4 ? 1u : 512u);
  EXPECT_EQ(PTRS_PER_PMD, GetParam() < 3 ? 1u : 512u);
  EXPECT_EQ(PGDIR_SHIFT, 12u + 9 * (GetParam() - 1));
  // A folded level has nothing to say about an empty entry; the first real one below does.
  const unsigned long far = address_limit() - PAGE_SIZE;
  EXPECT_EQ(pgd_none(*pgd_offset(&mm_, far)), GetParam() == 4);
  EXPECT_EQ(pud_none(*reinterpret_cast<pud_t*>(pgd_offset(&mm_, far))), GetParam() >= 3);
  const pte_t pte = *pte_offset_kernel(pmd, 0x201000);
  EXPECT_EQ(pte_val(pte), 0x200014e7u);  // PPN 0x80005, D A G W R V
  EXPECT_EQ(pte_pfn(pte), 0x80005u);
}

TEST_P(Pgtable, LockIsTheAddressSpaces) {
  ASSERT_TRUE(table_.map(0x3000, 0x80009000, PAGE_SIZE, kPteKernelData));
  spinlock_t* lock = nullptr;
  pmd_t* pmd = pmd_offset(pud_offset(pgd_offset(&mm_, 0x3000), 0x3000), 0x3000);
  pte_t* pte = pte_offset_map_lock(&mm_, pmd, 0x3000, &lock);
  EXPECT_EQ(lock, &mm_.page_table_lock);
  EXPECT_TRUE(spin_is_locked(lock));
  EXPECT_EQ(pte_pfn(*pte), 0x80009u);
  pte_unmap_unlock(pte, lock);
  EXPECT_FALSE(spin_is_locked(&mm_.page_table_lock));
}

TEST_P(Pgtable, SatpNamesTheMode) {
  const unsigned long mode = table_.satp() >> 60;
  if (GetParam() >= 3) {
    EXPECT_EQ(mode, GetParam() == 3 ? 8u : 9u);
  }
  EXPECT_EQ(table_.satp() & 0xfffffffffff, 0x80000u);
}

TEST_P(Pgtable, EntryUnderALargePageIsRefused) {
  ASSERT_TRUE(table_.map(0, 0x80000000, 2 << 20, kPteKernelData));
  EXPECT_EQ(table_.entry(0x1000, 0), nullptr);
  EXPECT_FALSE(table_.map(0x1000, 0x80000000, PAGE_SIZE, kPteKernelData));
}

INSTANTIATE_TEST_SUITE_P(Levels, Pgtable, testing::Values(2, 3, 4));

TEST(PgtableEntry, RightsAndMarks) {
  pte_t pte = pfn_pte(0x12345, PAGE_READONLY);
  EXPECT_EQ(pte_val(pte), 0x48d1453u);  // PPN << 10, A U R V
  EXPECT_TRUE(pte_present(pte) && pte_user(pte) && pte_young(pte));
  EXPECT_FALSE(pte_write(pte) || pte_dirty(pte) || pte_exec(pte) || pte_none(pte));
  pte = pte_mkdirty(pte_mkwrite(pte));
  EXPECT_EQ(pte_val(pte), 0x48d14d7u);
  EXPECT_EQ(pte_val(pte_mkold(pte_wrprotect(pte))), 0x48d1493u);
  EXPECT_EQ(pte_val(pte_modify(pte, PAGE_READONLY)), 0x48d14d3u);
  pte_t slot = pte;
  EXPECT_TRUE(pte_same(ptep_get_and_clear(&init_mm, 0, &slot), pte));
  EXPECT_TRUE(pte_none(slot));
}

TEST(PgtableEntry, MemoryAttributesNeedSvpbmt) {
  pgtable_has_svpbmt = false;
  EXPECT_EQ(pgprot_val(pgprot_noncached(PAGE_KERNEL)), 0xe7u);
  EXPECT_EQ(pgprot_val(pgprot_writecombine(PAGE_KERNEL)), 0xe7u);
  pgtable_has_svpbmt = true;
  EXPECT_EQ(pgprot_val(pgprot_noncached(PAGE_KERNEL)), 0x40000000000000e7u);
  EXPECT_EQ(pgprot_val(pgprot_writecombine(PAGE_KERNEL)), 0x20000000000000e7u);
  EXPECT_EQ(pgprot_val(pgprot_writecombine(pgprot_noncached(PAGE_KERNEL))), 0x20000000000000e7u);
  const pte_t pte = pfn_pte(0x10000, pgprot_noncached(PAGE_KERNEL));
  EXPECT_EQ(pte_pfn(pte), 0x10000u);
  pgtable_has_svpbmt = false;
}

}  // namespace
}  // namespace memio
