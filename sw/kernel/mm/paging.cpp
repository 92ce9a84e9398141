// The kernel's own address space: the direct map of low memory, from what the device tree says about RAM.
#include <asm/io.h>
#include <asm/page.h>
#include <asm/tlbflush.h>
#include <linux/kernel.h>
#include <linux/mm.h>

#include "fdt.h"
#include "kernel/memory.h"
#include "kernel/page_allocator.h"
#include "memio/asm.h"
#include "string.h"

extern "C" char __kernel_end[];

void* high_memory;
mm_struct init_mm;

namespace memio {
namespace {

__attribute__((section(".bss.page_aligned"), aligned(PAGE_SIZE))) Pte kernel_root[PageTable::kEntries];
PageTable kernel_table;
BootMemory boot_memory;  // until there is mem_map

PhysicalRange find_ram(const Fdt& tree) {
  FdtNode node;
  FdtReg reg;
  if (!tree.find_top("memory", &node) || !tree.reg(node, 0, &reg)) {
    panic("no memory node in the device tree");
  }
  return {reg.address, reg.address + reg.size};
}

Fdt copy_tree(const Fdt& tree) {
  const phys_addr_t copy = boot_memory.allocate_low(PAGE_ALIGN(tree.size()), PAGE_SIZE);
  if (copy == 0) panic("no memory for the device tree");
  memcpy(__va(copy), tree.data(), tree.size());
  return Fdt(__va(copy));
}

void print_layout(PhysicalRange ram, phys_addr_t low_end) {
  printk("memory: RAM 0x%llx..0x%llx, direct map at 0x%lx, %lu MiB", ram.start, ram.end - 1,
         static_cast<unsigned long>(PAGE_OFFSET), static_cast<unsigned long>((low_end - ram.start) >> 20));
  if (low_end < ram.end) {
    printk(", %lu MiB of high memory", static_cast<unsigned long>((ram.end - low_end) >> 20));
  }
  printk("\nmemory: vmalloc area 0x%lx..0x%lx\n", static_cast<unsigned long>(VMALLOC_START),
         static_cast<unsigned long>(VMALLOC_END) - 1);
}

}  // namespace

PageTable& kernel_page_table() { return kernel_table; }

Pte* allocate_table() {
  if (mem_map != nullptr) return reinterpret_cast<Pte*>(get_zeroed_page(GFP_KERNEL));
  const phys_addr_t table = boot_memory.allocate_low(PAGE_SIZE, PAGE_SIZE);
  return table != 0 ? static_cast<Pte*>(memset(__va(table), 0, PAGE_SIZE)) : nullptr;
}

PhysicalRange initrd_range(const Fdt& tree) {
  FdtNode chosen;
  if (!tree.find_top("chosen", &chosen)) return {};
  const FdtProperty start = tree.property(chosen, "linux,initrd-start");
  const FdtProperty end = tree.property(chosen, "linux,initrd-end");
  if (!start || !end) return {};
  return {start.number(0, start.size / 4), end.number(0, end.size / 4)};
}

const void* map_ram(phys_addr_t address, unsigned long size) {
  if (address + size <= virt_to_phys(high_memory)) return __va(address);
  return ioremap(static_cast<unsigned long>(address), size);
}

bool sync_kernel_mapping(Pte* root, unsigned long va) {
  const unsigned index = pgtable_index(va, pgtable_levels - 1);
  if ((kernel_root[index] & kPteValid) == 0 || root[index] == kernel_root[index]) return false;
  root[index] = kernel_root[index];
  return true;
}

Fdt memory_init(const Fdt& tree) {
  const PhysicalRange ram = find_ram(tree);
  phys_addr_t low_end = ram.end;
  if (low_end - memory_start > LOWMEM_MAX) low_end = memory_start + static_cast<phys_addr_t>(LOWMEM_MAX);
  // The direct map takes megapages, so an odd rest at the end of RAM is left out.
  low_end &= ~static_cast<phys_addr_t>(MEGAPAGE_SIZE - 1);
  high_memory = __va(low_end);

  boot_memory = BootMemory({ram.start, ram.end & ~static_cast<phys_addr_t>(PAGE_SIZE - 1)}, low_end);
  boot_memory.reserve({ram.start, __pa(__kernel_end)});
  boot_memory.reserve(initrd_range(tree));
  const Fdt copy = copy_tree(tree);

  kernel_table = PageTable(kernel_root, PAGE_OFFSET - MEMORY_START, allocate_table);
  init_mm.pgd = reinterpret_cast<pgd_t*>(kernel_root);
  const unsigned long size = static_cast<unsigned long>(low_end - memory_start);
  if (!kernel_table.map(PAGE_OFFSET, memory_start, size, kPteKernelCode)) panic("no memory for page tables");
  CSR_WRITE(satp, kernel_table.satp());
  flush_tlb_all();
  print_layout(ram, low_end);
  page_allocator_init(boot_memory);
  return copy;
}

}  // namespace memio
