// IOMMUs below linux/iommu.h: what a driver of one offers, and what an address space consists of.
#pragma once

#include <linux/iommu.h>
#include <linux/spinlock.h>

#include "kernel/iova_space.h"
#include "kernel/page_table.h"

// One IOMMU, a member of its driver's data.
struct iommu_unit {
  static constexpr unsigned kMaxStreams = 64;

  const char* name;
  u32 phandle;       // how the device tree refers to it
  unsigned streams;  // devices it can tell apart, at most kMaxStreams
  // Its driver's. All act at once; they may be called with interrupts off.
  // The device reaches what `table` maps, by entries tagged `id`; a null table: nothing at all.
  void (*attach)(iommu_unit* unit, unsigned stream, unsigned id, const memio::PageTable* table);
  // The IOMMU forgets the page at `iova`, or all pages, of the address space tagged `id`.
  void (*forget_page)(iommu_unit* unit, unsigned id, unsigned long iova);
  void (*forget_all)(iommu_unit* unit, unsigned id);
  // The core's.
  device* attached[kMaxStreams];
  list_head node;
};

struct iommu_domain {
  memio::PageTable table;
  unsigned id;       // its tag, from 1
  iommu_unit* unit;  // of its devices; null: none yet
  unsigned devices;
  memio::IovaSpace iova;  // what the DMA functions use of it
  spinlock_t lock;
  iommu_fault_handler_t fault_handler;
  void* fault_token;
};

namespace memio {

// dma/iommu.cpp
void iommu_init();
// A driver's IOMMU is ready: from now on devices can be attached to it.
void iommu_register(iommu_unit* unit);
// The unit with this phandle, or null.
iommu_unit* iommu_find(u32 phandle);
// An access was refused; called in the unit's interrupt.
void iommu_fault(iommu_unit* unit, unsigned stream, u64 iova, bool write, const char* why);

}  // namespace memio
