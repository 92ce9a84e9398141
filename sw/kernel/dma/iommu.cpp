// Address spaces of devices behind IOMMUs. Their page tables have the format of the hart's; they are the
// domain's alone and go with it. Pages are mapped in 4 KiB, as user pages, which is what the IOMMU wants.
#include "kernel/iommu.h"

#include <asm/page.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "kernel/cache_maintenance.h"
#include "kernel/iommu_dma.h"

namespace memio {
namespace {

// Unmapping more pages than this makes the IOMMU forget all of the domain.
constexpr unsigned long kMostSingle = 16;
constexpr unsigned kMaxDomains = 64;

list_head units;
u64 ids_in_use;  // bit n: the tag n

// The walker may not see the caches, so tables are always written back; where there are none to write back,
// that is nothing.
Pte* new_table() {
  page* page = alloc_page(GFP_ATOMIC | __GFP_ZERO | __GFP_NOWARN);
  if (page == nullptr) return nullptr;
  auto* table = static_cast<Pte*>(page_to_virt(page));
  cache_maintain(CacheOperation::kClean, table, PAGE_SIZE);
  return table;
}

void give_table(Pte* table) { free_page(reinterpret_cast<unsigned long>(table)); }

void write_back_entries(PageTable* table, unsigned long iova, size_t size) {
  if (cache_block_size() == 0) return;
  for (unsigned long at = iova; at - iova < size; at += PAGE_SIZE) {
    for (unsigned level = 0; level < pgtable_levels; level++) {
      const Pte* entry = table->entry(at, level);
      if (entry != nullptr) cache_maintain(CacheOperation::kClean, entry, sizeof *entry);
    }
  }
}

// The last address of a domain: half of what the format has where addresses are sign-extended.
u64 last_address() {
  return BITS_PER_LONG == 32 ? 0xffffffffull : (1ull << (12 + 9 * pgtable_levels - 1)) - 1;
}

bool range_valid(unsigned long iova, phys_addr_t address, size_t size) {
  return size != 0 && ((iova | address | size) & (PAGE_SIZE - 1)) == 0 && iova <= last_address() &&
         size - 1 <= last_address() - iova;
}

Pte entry_bits(int prot) {
  // A page that can be written can be read, in these tables.
  return kPteUser | kPteRead | ((prot & IOMMU_WRITE) != 0 ? kPteWrite : 0);
}

// The bytes that were mapped.
size_t unmap(iommu_domain* domain, unsigned long iova, size_t size) {
  size_t mapped = 0;
  for (size_t at = 0; at < size; at += PAGE_SIZE) {
    if (domain->table.find(iova + at) != nullptr) mapped += PAGE_SIZE;
  }
  domain->table.unmap(iova, size);
  return mapped;
}

void attach(iommu_domain* domain, device* dev) {
  iommu_unit& unit = *dev->iommu;
  dev->iommu_domain = domain;
  unit.attached[dev->iommu_stream] = domain == nullptr ? nullptr : dev;
  if (domain != nullptr) {
    domain->unit = &unit;
    domain->devices++;
    // What an earlier domain with this tag left behind.
    unit.forget_all(&unit, domain->id);
  }
  unit.attach(&unit, dev->iommu_stream, domain == nullptr ? 0 : domain->id,
              domain == nullptr ? nullptr : &domain->table);
}

}  // namespace

void iommu_init() {
#if BITS_PER_LONG == 64
  // Without an MMU nobody has chosen a format.
  if (pgtable_levels == 0) pgtable_levels = 3;
#endif
  INIT_LIST_HEAD(&units);
  ids_in_use = 1;
}

void iommu_register(iommu_unit* unit) { list_add_tail(&unit->node, &units); }

iommu_unit* iommu_find(u32 phandle) {
  iommu_unit* unit;
  list_for_each_entry(unit, &units, node) {
    if (unit->phandle == phandle) return unit;
  }
  return nullptr;
}

void iommu_fault(iommu_unit* unit, unsigned stream, u64 iova, bool write, const char* why) {
  device* dev = stream < iommu_unit::kMaxStreams ? unit->attached[stream] : nullptr;
  iommu_domain* domain = dev == nullptr ? nullptr : dev->iommu_domain;
  if (domain != nullptr && domain->fault_handler != nullptr &&
      domain->fault_handler(domain, dev, static_cast<unsigned long>(iova),
                            write ? IOMMU_FAULT_WRITE : IOMMU_FAULT_READ, domain->fault_token) == 0) {
    return;
  }
  printk("%s: %s of %s at 0x%llx refused: %s\n", unit->name, write ? "write" : "read",
         dev == nullptr ? "a device that is not attached" : dev_name(dev), iova, why);
}

extern "C" {

bool iommu_present() { return !list_empty(&units); }

iommu_domain* iommu_domain_alloc() {
  const unsigned id = static_cast<unsigned>(__builtin_ctzll(~ids_in_use));
  if (~ids_in_use == 0 || id >= kMaxDomains) return nullptr;
  auto* domain = static_cast<iommu_domain*>(kzalloc(sizeof(iommu_domain), GFP_KERNEL));
  if (domain == nullptr) return nullptr;
  Pte* root = new_table();
  if (root == nullptr) {
    kfree(domain);
    return nullptr;
  }
  domain->table = PageTable(root, PAGE_OFFSET - MEMORY_START, new_table);
  domain->id = id;
  ids_in_use |= 1ull << id;
  spin_lock_init(&domain->lock);
  domain->iova.init(kIovaStart, last_address());
  return domain;
}

void iommu_domain_free(iommu_domain* domain) {
  if (domain == nullptr) return;
  if (domain->devices != 0) {
    char by[64];
    report_bug("iommu_domain_free by %s: %u devices are attached; the domain stays",
               symbol_text(_RET_IP_, by, sizeof by), domain->devices);
    return;
  }
  if (domain->unit != nullptr) domain->unit->forget_all(domain->unit, domain->id);
  domain->iova.clear();
  domain->table.free_tables(PageTable::kEntries - 1, give_table);
  ids_in_use &= ~(1ull << domain->id);
  kfree(domain);
}

int iommu_attach_device(iommu_domain* domain, device* dev) {
  if (dev->iommu == nullptr) return -ENODEV;
  if (domain->unit != nullptr && domain->unit != dev->iommu) return -EINVAL;
  if (dev->iommu_domain != nullptr) dev->iommu_domain->devices--;
  attach(domain, dev);
  return 0;
}

void iommu_detach_device(iommu_domain* domain, device* dev) {
  if (dev->iommu_domain != domain) {
    char by[64];
    report_bug("iommu_detach_device(%s) by %s: attached to another domain", dev_name(dev),
               symbol_text(_RET_IP_, by, sizeof by));
    return;
  }
  domain->devices--;
  attach(domain == dev->iommu_dma_domain ? nullptr : dev->iommu_dma_domain, dev);
}

iommu_domain* iommu_get_domain_for_dev(device* dev) { return dev->iommu_domain; }

int iommu_map(iommu_domain* domain, unsigned long iova, phys_addr_t address, size_t size, int prot) {
  const bool rights = (prot & ~(IOMMU_READ | IOMMU_WRITE)) == 0 && prot != 0;
  if (!rights || !range_valid(iova, address, size)) return -EINVAL;
  unsigned long flags;
  spin_lock_irqsave(&domain->lock, flags);
  int error = 0;
  for (size_t at = 0; at < size && error == 0; at += PAGE_SIZE) {
    if (domain->table.find(iova + at) != nullptr) error = -EEXIST;
  }
  if (error == 0 && !domain->table.map(iova, address, size, entry_bits(prot), 0)) {
    unmap(domain, iova, size);
    error = -ENOMEM;
  }
  if (error == 0) write_back_entries(&domain->table, iova, size);
  spin_unlock_irqrestore(&domain->lock, flags);
  return error;
}

size_t iommu_unmap(iommu_domain* domain, unsigned long iova, size_t size) {
  if (!range_valid(iova, 0, size)) return 0;
  unsigned long flags;
  spin_lock_irqsave(&domain->lock, flags);
  const size_t mapped = unmap(domain, iova, size);
  if (mapped != 0) write_back_entries(&domain->table, iova, size);
  iommu_unit* unit = domain->unit;
  if (mapped != 0 && unit != nullptr) {
    if (size / PAGE_SIZE > kMostSingle) {
      unit->forget_all(unit, domain->id);
    } else {
      for (size_t at = 0; at < size; at += PAGE_SIZE) unit->forget_page(unit, domain->id, iova + at);
    }
  }
  spin_unlock_irqrestore(&domain->lock, flags);
  return mapped;
}

phys_addr_t iommu_iova_to_phys(iommu_domain* domain, unsigned long iova) {
  const Pte* entry = iova <= last_address() ? domain->table.find(iova) : nullptr;
  return entry == nullptr ? 0 : pte_address(*entry) + (iova & (PAGE_SIZE - 1));
}

void iommu_set_fault_handler(iommu_domain* domain, iommu_fault_handler_t handler, void* token) {
  domain->fault_token = token;
  domain->fault_handler = handler;
}

}  // extern "C"

}  // namespace memio
