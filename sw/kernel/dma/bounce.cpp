// Copies, in the DMA zone, of memory that a device does not reach: high memory, or anything beyond its mask.
// Their pages are taken when a buffer is mapped and given back when it is unmapped.
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "kernel/dma.h"
#include "string.h"

namespace memio {
namespace {

struct Bounce {
  list_head node;
  const device* dev;
  phys_addr_t memory;  // of the driver
  phys_addr_t copy;
  size_t size;
  page* pages;
  unsigned order;
};

list_head bounces;
spinlock_t bounces_lock;
unsigned count;

// The first copy of the device's that wanted(bounce), or null.
template <typename Wanted>
Bounce* find(const device* dev, Wanted wanted) {
  Bounce* found = nullptr;
  Bounce* bounce;
  unsigned long flags;
  spin_lock_irqsave(&bounces_lock, flags);
  list_for_each_entry(bounce, &bounces, node) {
    if (bounce->dev != dev || !wanted(*bounce)) continue;
    found = bounce;
    break;
  }
  spin_unlock_irqrestore(&bounces_lock, flags);
  return found;
}

// Nearly always there are none, and then the list is not looked at.
Bounce* containing(const device* dev, phys_addr_t copy, size_t size) {
  if (likely(count == 0)) return nullptr;
  return find(dev, [=](const Bounce& at) {
    return copy >= at.copy && copy - at.copy < at.size && size <= at.size - (copy - at.copy);
  });
}

char* copy_address(phys_addr_t copy) { return static_cast<char*>(phys_to_virt(copy)); }

}  // namespace

void bounce_init() {
  INIT_LIST_HEAD(&bounces);
  spin_lock_init(&bounces_lock);
  count = 0;
}

unsigned bounce_count() { return count; }

phys_addr_t bounce_make(device* dev, phys_addr_t memory, size_t size) {
  auto* bounce = static_cast<Bounce*>(kmalloc(sizeof(Bounce), GFP_ATOMIC | __GFP_NOWARN));
  if (bounce == nullptr) return 0;
  const unsigned order = get_order(size);
  page* pages =
      order > max_page_order() ? nullptr : alloc_pages(GFP_ATOMIC | __GFP_DMA | __GFP_NOWARN, order);
  const phys_addr_t copy = pages == nullptr ? 0 : page_to_phys(pages);
  if (pages == nullptr || !dma_reaches(dma_get_mask(dev), copy, size)) {
    if (pages != nullptr) __free_pages(pages, order);
    kfree(bounce);
    return 0;
  }
  *bounce = {{nullptr, nullptr}, dev, memory, copy, size, pages, order};
  unsigned long flags;
  spin_lock_irqsave(&bounces_lock, flags);
  list_add(&bounce->node, &bounces);
  count++;
  spin_unlock_irqrestore(&bounces_lock, flags);
  // Also if the device is to write: what it leaves out keeps its value.
  bounce_to_device(dev, copy, size);
  return copy;
}

phys_addr_t bounce_of(const device* dev, phys_addr_t memory) {
  const Bounce* bounce = find(dev, [=](const Bounce& at) { return at.memory == memory; });
  return bounce == nullptr ? 0 : bounce->copy;
}

void bounce_to_device(const device* dev, phys_addr_t copy, size_t size) {
  const Bounce* bounce = containing(dev, copy, size);
  if (bounce == nullptr) return;
  char* to = copy_address(copy);
  for_each_ram_page(bounce->memory + (copy - bounce->copy), size, [&to](const char* from, size_t bytes) {
    memcpy(to, from, bytes);
    to += bytes;
  });
}

void bounce_to_cpu(const device* dev, phys_addr_t copy, size_t size) {
  const Bounce* bounce = containing(dev, copy, size);
  if (bounce == nullptr) return;
  const char* from = copy_address(copy);
  for_each_ram_page(bounce->memory + (copy - bounce->copy), size, [&from](char* to, size_t bytes) {
    memcpy(to, from, bytes);
    from += bytes;
  });
}

void bounce_drop(const device* dev, phys_addr_t copy) {
  Bounce* bounce = containing(dev, copy, 1);
  if (bounce == nullptr || bounce->copy != copy) return;
  unsigned long flags;
  spin_lock_irqsave(&bounces_lock, flags);
  list_del(&bounce->node);
  count--;
  spin_unlock_irqrestore(&bounces_lock, flags);
  __free_pages(bounce->pages, bounce->order);
  kfree(bounce);
}

}  // namespace memio
