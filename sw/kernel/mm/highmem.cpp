// kmap() and kmap_atomic() for pages of any zone. Without CONFIG_HIGHMEM every page has a linear address, and
// the functions only check their use.
#include <asm/page.h>
#include <linux/highmem.h>
#include <linux/kernel.h>
#include <linux/preempt.h>

#include "kernel/memory.h"
#include "string.h"

#ifdef CONFIG_HIGHMEM
#include "kernel/pkmap.h"
#endif
#ifdef CONFIG_DEBUG_VM
#include "kernel/kmap_debug.h"
#endif

namespace memio {
namespace {

constexpr size_t kSymbolSize = 64;
constexpr u32 kPreemptMask = SOFTIRQ_OFFSET - 1;

const char* symbol(const void* address, char (&text)[kSymbolSize]) {
  return symbol_text(reinterpret_cast<unsigned long>(address), text, kSymbolSize);
}

// Reports a pointer that is no descriptor of a page.
bool check_page(const struct page* page, const char* function, const void* caller) {
  const unsigned long offset =
      reinterpret_cast<unsigned long>(page) - reinterpret_cast<unsigned long>(mem_map);
  if (likely(offset < max_mapnr * sizeof(struct page) && offset % sizeof(struct page) == 0)) return true;
  char who[kSymbolSize];
  report_bug("%s(%p) by %s: no descriptor of a page, those are at %p..%p", function, page,
             symbol(caller, who), mem_map, mem_map + max_mapnr);
  return false;
}

bool is_linear(unsigned long va) {
  return va >= PAGE_OFFSET && va < reinterpret_cast<unsigned long>(high_memory);
}

#ifdef CONFIG_HIGHMEM
Pkmap pkmap;

// Slots of kmap_atomic(), from the one with the highest address down.
unsigned long slot_address(unsigned slot) { return fix_to_virt(FIX_KMAP_BEGIN + slot); }

void* map_slot(struct page* page) {
  // The slot is taken before it is written, so that an interrupt in between takes the next one.
  const unsigned slot = get_current()->kmap_atomic_depth++;
  if (slot >= KM_TYPE_NR) panic("kmap_atomic: all %u slots are in use", static_cast<unsigned>(KM_TYPE_NR));
  set_fixmap(static_cast<enum fixed_addresses>(FIX_KMAP_BEGIN + slot), page_to_phys(page));
  return reinterpret_cast<void*>(slot_address(slot));
}

// False when `va` is not in the slot taken last.
bool unmap_slot(unsigned long va) {
  const unsigned depth = get_current()->kmap_atomic_depth;
  if (depth == 0 || (va & PAGE_MASK) != slot_address(depth - 1)) return false;
#ifdef CONFIG_DEBUG_VM
  clear_fixmap(static_cast<enum fixed_addresses>(FIX_KMAP_BEGIN + depth - 1));
#endif
  get_current()->kmap_atomic_depth = depth - 1;
  return true;
}
#else
bool unmap_slot(unsigned long) { return false; }
#endif

// Ends one kmap(); false when the page is known to have none.
bool end_kmap([[maybe_unused]] struct page* page) {
#ifdef CONFIG_HIGHMEM
  if (PageHighMem(page)) return pkmap.unmap(page);
#endif
#ifdef CONFIG_DEBUG_VM
  return low_kmaps_drop(page);
#else
  return true;
#endif
}

}  // namespace

extern "C" {

#ifdef CONFIG_HIGHMEM
pte_t* pkmap_page_table;
#endif

void kmap_init() {
#ifdef CONFIG_HIGHMEM
  pkmap_page_table = reinterpret_cast<pte_t*>(kernel_page_table().entry(PKMAP_BASE, 0));
  if (pkmap_page_table == nullptr) panic("no memory for the page table of the PKMAP area");
  pkmap.init(PKMAP_BASE, static_cast<unsigned>(LAST_PKMAP), pkmap_page_table);
#endif
#ifdef CONFIG_DEBUG_VM
  low_kmaps_init();
#endif
}

void* kmap(struct page* page) {
  if (!check_page(page, "kmap", __builtin_return_address(0))) return nullptr;
  might_sleep();
#ifdef CONFIG_HIGHMEM
  if (PageHighMem(page)) return pkmap.map(page);
#endif
#ifdef CONFIG_DEBUG_VM
  low_kmaps_note(page);
#endif
  return __va(page_to_phys(page));
}

void kunmap(struct page* page) {
  const void* caller = __builtin_return_address(0);
  if (!check_page(page, "kunmap", caller)) return;
  if (likely(!in_interrupt() && end_kmap(page))) return;
  char who[kSymbolSize];
  report_bug("kunmap by %s of page %p (frame 0x%lx), %s", symbol(caller, who), page, page_to_pfn(page),
             in_interrupt() ? "in an interrupt" : "which is not mapped by kmap");
}

void* kmap_atomic_page(struct page* page) {
  if (!check_page(page, "kmap_atomic", __builtin_return_address(0))) return nullptr;
  preempt_disable();
#ifdef CONFIG_HIGHMEM
  if (PageHighMem(page)) return map_slot(page);
#endif
  return __va(page_to_phys(page));
}

void kunmap_atomic_address(const void* address) {
  if (address == nullptr) return;
  const unsigned long va = reinterpret_cast<unsigned long>(address);
  const bool taken = (preempt_count() & kPreemptMask) != 0 && (is_linear(va) || unmap_slot(va));
  if (taken) {
    preempt_enable();
    return;
  }
  char who[kSymbolSize];
  report_bug("kunmap_atomic(%p) by %s: not what kmap_atomic gave last (%u slots in use)", address,
             symbol(__builtin_return_address(0), who), get_current()->kmap_atomic_depth);
}

struct page* kmap_to_page(const void* address) {
  const unsigned long va = reinterpret_cast<unsigned long>(address);
  if (is_linear(va)) return virt_to_page(address);
#ifdef CONFIG_HIGHMEM
  for (unsigned slot = 0; slot < get_current()->kmap_atomic_depth; slot++) {
    if ((va & PAGE_MASK) != slot_address(slot)) continue;
    return phys_to_page(pte_address(*kernel_page_table().find(va)));
  }
  return pkmap.page_at(va);
#else
  return nullptr;
#endif
}

void clear_highpage(struct page* page) {
  void* address = kmap_atomic(page);
  memset(address, 0, PAGE_SIZE);
  kunmap_atomic(address);
}

void copy_highpage(struct page* to, struct page* from) {
  const void* source = kmap_atomic(from);
  void* target = kmap_atomic(to);
  memcpy(target, source, PAGE_SIZE);
  kunmap_atomic(target);
  kunmap_atomic(source);
}
}

}  // namespace memio
