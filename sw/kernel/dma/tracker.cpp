// Lists of DMA mappings. They are short, and only the debug mode searches them.
#include <linux/list.h>
#include <linux/slab.h>

#include "kernel/dma_tracker.h"

namespace memio {
namespace {

bool holds(const DmaMapping& mapping, const device* dev, dma_addr_t address) {
  return mapping.dev == dev && address >= mapping.address && address - mapping.address < mapping.size;
}

unsigned likeness(const DmaMapping& left, const DmaMapping& right) {
  return (left.kind == right.kind ? 4u : 0u) + (left.size == right.size ? 2u : 0u) +
         (left.direction == right.direction ? 1u : 0u);
}

}  // namespace

void DmaTracker::init() {
  INIT_LIST_HEAD(&mappings_);
  ended_count_ = 0;
}

bool DmaTracker::add(const DmaMapping& mapping) {
  auto* kept = static_cast<DmaMapping*>(kmalloc(sizeof(DmaMapping), GFP_ATOMIC | __GFP_NOWARN));
  if (kept == nullptr) return false;
  *kept = mapping;
  list_add_tail(&kept->node, &mappings_);
  return true;
}

void DmaTracker::end(DmaMapping* mapping, unsigned long ender) {
  list_del(&mapping->node);
  mapping->ender = ender;
  ended_[ended_count_++ % kEndedKept] = *mapping;
  kfree(mapping);
}

DmaMapping* DmaTracker::find(const DmaMapping& wanted) {
  DmaMapping* best = nullptr;
  DmaMapping* at;
  list_for_each_entry(at, &mappings_, node) {
    if (at->dev != wanted.dev || at->address != wanted.address) continue;
    if (best == nullptr || likeness(*at, wanted) > likeness(*best, wanted)) best = at;
  }
  return best;
}

DmaMapping* DmaTracker::containing(const device* dev, dma_addr_t address) {
  DmaMapping* at;
  list_for_each_entry(at, &mappings_, node) {
    if (holds(*at, dev, address)) return at;
  }
  return nullptr;
}

void DmaTracker::mark_checked(const device* dev, dma_addr_t address) {
  DmaMapping* at;
  list_for_each_entry(at, &mappings_, node) {
    if (at->dev == dev && at->address == address) at->unchecked = false;
  }
}

const DmaMapping* DmaTracker::of_memory(phys_addr_t memory, size_t size) const {
  const DmaMapping* at;
  list_for_each_entry(at, &mappings_, node) {
    if (memory < at->memory + at->size && at->memory < memory + size) return at;
  }
  return nullptr;
}

const DmaMapping* DmaTracker::ended_at(const device* dev, dma_addr_t address) const {
  for (unsigned age = 1; age <= kEndedKept && age <= ended_count_; age++) {
    const DmaMapping& ended = ended_[(ended_count_ - age) % kEndedKept];
    if (holds(ended, dev, address)) return &ended;
  }
  return nullptr;
}

DmaMapping* DmaTracker::first_of(const device* dev) {
  DmaMapping* at;
  list_for_each_entry(at, &mappings_, node) {
    if (at->dev == dev) return at;
  }
  return nullptr;
}

unsigned DmaTracker::count_of(const device* dev) const {
  unsigned count = 0;
  const DmaMapping* at;
  list_for_each_entry(at, &mappings_, node) count += at->dev == dev ? 1 : 0;
  return count;
}

}  // namespace memio
