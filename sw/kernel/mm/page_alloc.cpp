// The page allocator behind linux/gfp.h: a mark that grows through low memory, and a list of returned pages.
// It starts at no cost, however large RAM is. Blocks of several pages come from the mark only.
#include <asm/page.h>
#include <linux/gfp.h>
#include <linux/kernel.h>

#include "kernel/memory.h"
#include "string.h"

namespace memio {
namespace {

constexpr unsigned kMaxOrder = 10;
constexpr unsigned kMaxReserved = 8;

// A returned page holds the link to the next one.
struct FreePage {
  FreePage* next;
};

PhysicalRange fresh;  // not handed out yet; start grows
PhysicalRange reserved[kMaxReserved];
unsigned reserved_count;
FreePage* returned;
unsigned long returned_pages;

// First address from `start` on, aligned to `size`, that no reserved range touches for `size` bytes.
phys_addr_t skip_reserved(phys_addr_t start, unsigned long size) {
  for (unsigned i = 0; i < reserved_count;) {
    start = (start + size - 1) & ~static_cast<phys_addr_t>(size - 1);
    const PhysicalRange& range = reserved[i];
    if (start < range.end && range.start < start + size) {
      start = range.end;
      i = 0;
    } else {
      i++;
    }
  }
  return (start + size - 1) & ~static_cast<phys_addr_t>(size - 1);
}

unsigned long take_fresh(unsigned long order) {
  const unsigned long size = static_cast<unsigned long>(PAGE_SIZE) << order;
  const phys_addr_t start = skip_reserved(fresh.start, size);
  if (start + size > fresh.end) return 0;
  fresh.start = start + size;
  return reinterpret_cast<unsigned long>(__va(start));
}

}  // namespace

void page_alloc_init(PhysicalRange range) { fresh = range; }

void page_alloc_reserve(PhysicalRange range) {
  if (range.start >= range.end) return;
  BUG_ON(reserved_count == kMaxReserved);
  reserved[reserved_count++] = range;
}

unsigned long page_alloc_free_bytes() {
  phys_addr_t bytes = fresh.end - fresh.start + static_cast<phys_addr_t>(returned_pages) * PAGE_SIZE;
  for (unsigned i = 0; i < reserved_count; i++) {
    const PhysicalRange& range = reserved[i];
    const phys_addr_t start = range.start > fresh.start ? range.start : fresh.start;
    const phys_addr_t end = range.end < fresh.end ? range.end : fresh.end;
    if (start < end) bytes -= end - start;
  }
  return static_cast<unsigned long>(bytes);
}

unsigned page_order(unsigned long size) {
  unsigned order = 0;
  while ((static_cast<unsigned long>(PAGE_SIZE) << order) < size) order++;
  return order;
}

extern "C" unsigned long __get_free_pages(gfp_t flags, unsigned long order) {
  if (order > kMaxOrder) return 0;
  unsigned long address = 0;
  if (order == 0 && returned != nullptr) {
    address = reinterpret_cast<unsigned long>(returned);
    returned = returned->next;
    returned_pages--;
  } else {
    address = take_fresh(order);
  }
  if (address != 0 && (flags & __GFP_ZERO) != 0) {
    memset(reinterpret_cast<void*>(address), 0, static_cast<unsigned long>(PAGE_SIZE) << order);
  }
  return address;
}

extern "C" unsigned long get_zeroed_page(gfp_t flags) { return __get_free_pages(flags | __GFP_ZERO, 0); }

extern "C" void free_pages(unsigned long addr, unsigned long order) {
  if (addr == 0) return;
  BUG_ON((addr & (PAGE_SIZE - 1)) != 0 || order > kMaxOrder);
  for (unsigned long i = 0; i < 1ul << order; i++) {
    FreePage* page = reinterpret_cast<FreePage*>(addr + i * PAGE_SIZE);
    page->next = returned;
    returned = page;
    returned_pages++;
  }
}

}  // namespace memio
