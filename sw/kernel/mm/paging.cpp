// The kernel's own address space: choice of the layout, the direct map of low memory, hand-over of RAM to the
// page allocator.
#include <asm/fixmap.h>
#include <asm/io.h>
#include <asm/page.h>
#include <asm/tlbflush.h>
#include <linux/kernel.h>
#include <linux/mm.h>

#include "fdt.h"
#include "kernel/command_line.h"
#include "kernel/layout.h"
#include "kernel/memory.h"
#include "kernel/page_allocator.h"
#include "memio/asm.h"
#include "string.h"

extern "C" char __kernel_start[];
extern "C" char __kernel_end[];
extern "C" char __text_end[];
extern "C" char __data_start[];
extern "C" char __data_end[];
extern "C" char __bss_start[];
extern "C" char __bss_end[];

void* high_memory;
mm_struct init_mm;

namespace memio {
namespace {

// Physical addresses end here: Sv32 has 34 bits of them, Sv39 and Sv48 have 56.
constexpr phys_addr_t kPhysicalEnd = 1ull << (BITS_PER_LONG == 32 ? 34 : 56);

__attribute__((section(".bss.page_aligned"), aligned(PAGE_SIZE))) Pte kernel_root[PageTable::kEntries];
PageTable kernel_table;
unsigned long table_pages;  // taken from the page allocator
BootMemory boot_memory;     // until there is mem_map

unsigned long address_of(const char* symbol) { return reinterpret_cast<unsigned long>(symbol); }

#if BITS_PER_LONG == 64
memory_layout choose_layout(u64 ram_size) { return layout_rv64(ram_size, pgtable_levels); }
#else
const char* option(const char* name, char* value, size_t size) {
  return command_line_value(name, value, size) ? value : nullptr;
}

memory_layout choose_layout(u64 ram_size) {
  char kind[16];
  char vmalloc[32];
  LayoutRequest request;
  request.page_offset = PAGE_OFFSET;
  request.ram_size = ram_size;
  read_layout_options(&request, option("layout", kind, sizeof kind),
                      option("vmalloc", vmalloc, sizeof vmalloc));
  return layout_rv32(request);
}
#endif

// Cleared memory for what is needed before the direct map is whole, so from the part mapped by head.S.
void* early_allocate(unsigned long size) {
  const phys_addr_t address = boot_memory.allocate_low(size, PAGE_SIZE);
  if (address == 0 || address + size > memory_start + kEarlyMapSize) {
    panic("no memory in the first %lu MiB of RAM for tables of the kernel", kEarlyMapSize >> 20);
  }
  return memset(__va(address), 0, size);
}

Fdt copy_tree(const Fdt& tree) {
  if (tree.size() > (FIX_FDT_PAGES - 1) * PAGE_SIZE) {
    panic("device tree of %lu bytes; at most %lu are read", static_cast<unsigned long>(tree.size()),
          (FIX_FDT_PAGES - 1) * PAGE_SIZE);
  }
  return Fdt(memcpy(early_allocate(tree.size()), tree.data(), tree.size()));
}

// The last tables for [start, start + size), which may end with the address space.
void make_tables(unsigned long start, unsigned long size) {
  const unsigned long span = 1ul << pgtable_shift(1);
  for (unsigned long done = 0; done < size; done += span) kernel_table.entry(start + done, 0);
  if (size > 0) kernel_table.entry(start + size - 1, 0);
}

void build_kernel_table() {
  kernel_table = PageTable(kernel_root, PAGE_OFFSET - MEMORY_START, allocate_table);
  kernel_table.map(PAGE_OFFSET, memory_start, kernel_layout.lowmem_size, kPteKernelCode);
  // These tables exist from the start, so that mapping there needs no memory, and each address space has
  // them.
  make_tables(FIXADDR_START, FIXADDR_TOP - FIXADDR_START);
  make_tables(PKMAP_BASE, LAST_PKMAP * PAGE_SIZE);
}

void print_memory(PhysicalRange ram) {
  const phys_addr_t low_end = boot_memory.low_end();
  printk("memory: RAM 0x%llx..0x%llx, %lu MiB in the direct map, ", ram.start, ram.end - 1,
         static_cast<unsigned long>((low_end - ram.start) >> 20));
  printk("%lu MiB of high memory\n", static_cast<unsigned long>((ram.end - low_end) >> 20));
}

void print_address_space() {
  print_layout(kernel_layout, PAGE_OFFSET);
  const LayoutArea image[] = {
      {".text", address_of(__kernel_start), address_of(__text_end)},
      {".rodata", address_of(__text_end), address_of(__data_start)},
      {".data", address_of(__data_start), address_of(__data_end)},
      {".bss", address_of(__bss_start), address_of(__kernel_end)},
  };
  print_areas(image, ARRAY_SIZE(image));
}

}  // namespace

PageTable& kernel_page_table() { return kernel_table; }

unsigned long kernel_table_pages() { return table_pages; }

Pte* allocate_table() {
  if (mem_map != nullptr) {
    Pte* table = reinterpret_cast<Pte*>(get_zeroed_page(GFP_KERNEL));
    if (table != nullptr) table_pages++;
    return table;
  }
  const phys_addr_t table = boot_memory.allocate_low(PAGE_SIZE, PAGE_SIZE);
  return table != 0 ? static_cast<Pte*>(memset(__va(table), 0, PAGE_SIZE)) : nullptr;
}

const void* map_ram(phys_addr_t address, unsigned long size) {
  if (address + size <= virt_to_phys(high_memory)) return __va(address);
  return ioremap_cache(address, size);
}

bool sync_kernel_mapping(Pte* root, unsigned long va) {
  const unsigned index = pgtable_index(va, pgtable_levels - 1);
  if ((kernel_root[index] & kPteValid) == 0 || root[index] == kernel_root[index]) return false;
  root[index] = kernel_root[index];
  return true;
}

const void* early_tree_at(unsigned long address) {
  return reinterpret_cast<const void*>(EARLY_FDT_START + (address & (PAGE_SIZE - 1)));
}

Fdt memory_init(const Fdt& tree, phys_addr_t tree_address) {
  paging_mode_init(tree);
  const PhysicalRange ram = find_ram(tree, kPhysicalEnd);
  kernel_layout = choose_layout(ram.end - ram.start);
  const phys_addr_t low_end = memory_start + static_cast<phys_addr_t>(kernel_layout.lowmem_size);
  high_memory = __va(low_end);
  boot_memory = BootMemory(ram, low_end);
  reserve_used(tree, tree_address, &boot_memory);
  const Fdt copy = copy_tree(tree);

  build_kernel_table();
  CSR_WRITE(satp, kernel_table.satp());
  flush_tlb_all();
  init_mm.pgd = reinterpret_cast<pgd_t*>(kernel_root);

  print_memory(ram);
  print_address_space();
  page_allocator_init(boot_memory);
  return copy;
}

}  // namespace memio
