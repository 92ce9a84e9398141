// Addresses for coherent memory beside the direct map: the DMA window of the ARM-like layout, or where there
// is none a part of the vmalloc area, taken at start on machines with devices that do not see the caches. Its
// page tables are made at once, so that buffers can be mapped without sleeping. Each buffer has a guard page.
#include <asm/layout.h>
#include <asm/pgtable.h>
#include <asm/tlbflush.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>

#include "kernel/dma.h"
#include "kernel/memory.h"
#include "kernel/vmalloc_space.h"

namespace memio {

phys_addr_t dma_alias_offset;

namespace {

constexpr unsigned long kWindowSize = 3ul << 20;

VmallocSpace space;
vm_struct* buffers;
spinlock_t buffers_lock;

// The last tables for [start, end), which may be the last range there is.
bool make_tables(unsigned long start, unsigned long end) {
  bool made = kernel_page_table().entry(end - 1, 0) != nullptr;
  for (unsigned long done = 0; done < end - start && made; done += PMD_SIZE) {
    made = kernel_page_table().entry(start + done, 0) != nullptr;
  }
  return made;
}

// What the entries of a device's buffer map, and how; false when the machine has no way to share uncached
// memory with it.
bool choose_mapping(const device* dev, phys_addr_t* memory, pgprot_t* prot) {
  *prot = PAGE_KERNEL;
  if (!dev->dma_noncoherent) return true;
  if (pgtable_has_svpbmt) {
    *prot = pgprot_writecombine(PAGE_KERNEL);
    return true;
  }
  *memory += dma_alias_offset;
  return dma_alias_offset != 0;
}

void report_none(const DmaCall& call, size_t size, const char* why) {
  char by[64];
  printk("%s(%s, %zu bytes) by %s: %s\n", call.function, dev_name(call.dev), size,
         symbol_text(call.caller, by, sizeof by), why);
}

}  // namespace

bool dma_window_needed(const device* dev) { return kernel_layout.dma_start != 0 || dev->dma_noncoherent; }

void dma_window_init(bool noncoherent) {
  spin_lock_init(&buffers_lock);
  unsigned long start = kernel_layout.dma_start;
  unsigned long end = kernel_layout.dma_end;
  if (start == 0) {
    if (!noncoherent) return;
    const vm_struct* area = get_vm_area(kWindowSize, VM_MAP);
    if (area == nullptr) panic("no room for coherent DMA buffers in the vmalloc area");
    start = area_start(*area);
    end = start + kWindowSize;
  }
  if (!make_tables(start, end)) panic("no memory for the page tables of coherent DMA buffers");
  space.init(start, end, &buffers);
  printk("dma: coherent buffers at 0x%lx - 0x%lx\n", start, end);
}

void* dma_window_map(const DmaCall& call, phys_addr_t memory, size_t size, gfp_t gfp) {
  pgprot_t prot;
  if (!choose_mapping(call.dev, &memory, &prot)) {
    report_none(call, size, "the machine has neither Svpbmt nor an uncached alias of RAM");
    return nullptr;
  }
  auto* buffer = static_cast<vm_struct*>(kzalloc(sizeof(vm_struct), gfp));
  if (buffer == nullptr) return nullptr;
  buffer->flags = VM_MAP;
  buffer->phys_addr = memory;
  buffer->caller = reinterpret_cast<const void*>(call.caller);
  unsigned long flags;
  spin_lock_irqsave(&buffers_lock, flags);
  const bool found = space.insert(buffer, size);
  // The tables are there, so this cannot fail.
  if (found) kernel_page_table().map(area_start(*buffer), memory, size, pgprot_val(prot), 0);
  spin_unlock_irqrestore(&buffers_lock, flags);
  if (!found) {
    report_none(call, size, "the window for coherent buffers is full");
    kfree(buffer);
    return nullptr;
  }
  flush_tlb_kernel_range(area_start(*buffer), area_guard(*buffer));
  return buffer->addr;
}

bool dma_window_unmap(const void* address, unsigned long caller) {
  unsigned long flags;
  spin_lock_irqsave(&buffers_lock, flags);
  vm_struct* buffer = space.find(reinterpret_cast<unsigned long>(address));
  if (buffer != nullptr) {
    kernel_page_table().unmap(area_start(*buffer), buffer->size - kGuardSize);
    flush_tlb_kernel_range(area_start(*buffer), area_guard(*buffer));
    space.remove(buffer, reinterpret_cast<const void*>(caller));
  }
  spin_unlock_irqrestore(&buffers_lock, flags);
  kfree(buffer);
  return buffer != nullptr;
}

}  // namespace memio
