// The layouts of the kernel's address space. The x86 one follows i386 Linux, the ARM one its
// Documentation/arm/memory.txt, both with Sv32's figures: a page table holds 1024 entries and covers 4 MiB.
// Nothing is ever mapped in the ARM layout's DMA window and vector page, and no modules are loaded.
#include "kernel/layout.h"

#include <asm/fixmap.h>
#include <linux/kernel.h>

#include "string.h"

struct memory_layout kernel_layout;

namespace memio {
namespace {

constexpr u32 kMiB = 1u << 20;
constexpr u32 kPageSize = 1u << PAGE_SHIFT;
constexpr u32 kPteCount = 1024;  // PTRS_PER_PTE of Sv32
constexpr u32 kPmdSize = 4 * kMiB;
constexpr u32 kLeastLowmem = 64 * kMiB;

constexpr u32 kX86FixaddrTop = 0xfffff000;

constexpr u32 kArmVmallocEnd = 0xff000000;
constexpr u32 kArmDmaStart = 0xffc00000;
constexpr u32 kArmFixaddrStart = 0xfff00000;
constexpr u32 kArmFixaddrTop = 0xfffe0000;
constexpr u32 kArmVectors = 0xffff0000;
// Below PAGE_OFFSET. PKMAP takes the upper half of the last page table there, as on ARM.
constexpr u32 kArmPkmapSize = 2 * kMiB;
constexpr u32 kArmModulesBelow = 16 * kMiB;

// What is above the vmalloc area's end, as far as the direct map is concerned.
u32 reserved_top(LayoutKind kind) {
  return kind == LayoutKind::kArm ? 0 - kArmVmallocEnd + VMALLOC_OFFSET : 0;
}

u32 lowmem_size(const LayoutRequest& request) {
  const u32 wanted =
      request.vmalloc_size != 0 ? static_cast<u32>(request.vmalloc_size) : default_vmalloc(request.kind);
  // In steps of the gap: so the gap does not eat into the vmalloc area.
  const u32 vmalloc = (wanted + VMALLOC_OFFSET - 1) & ~(VMALLOC_OFFSET - 1u);
  const u32 most = 0 - request.page_offset - reserved_top(request.kind) - vmalloc;
  return request.ram_size < most ? static_cast<u32>(request.ram_size) : most;
}

u32 vmalloc_start(u32 high_memory) {
  constexpr u32 vmalloc_earlyreserve = 0;
  return (high_memory + vmalloc_earlyreserve + 2u * VMALLOC_OFFSET - 1) & ~(VMALLOC_OFFSET - 1u);
}

void place_x86(const LayoutRequest& request, memory_layout* layout) {
  const u32 fixaddr_start = kX86FixaddrTop - static_cast<u32>(__FIXADDR_SIZE);
  const u32 fixaddr_boot_start = kX86FixaddrTop - static_cast<u32>(__FIXADDR_BOOT_SIZE);
  layout->task_size = request.page_offset;
  layout->fixaddr_top = kX86FixaddrTop;
  layout->fixaddr_start = fixaddr_start;
  layout->fixaddr_boot_start = fixaddr_boot_start;
  if (request.high_memory) {
    layout->last_pkmap = kPteCount;
    layout->pkmap_base = (fixaddr_boot_start - kPageSize * (kPteCount + 1)) & ~(kPmdSize - 1);
    layout->vmalloc_end = layout->pkmap_base - 2 * kPageSize;
  } else {
    layout->vmalloc_end = fixaddr_start - 2 * kPageSize;
  }
  // Modules would come from the vmalloc area.
  layout->modules_start = layout->vmalloc_start;
  layout->modules_end = layout->vmalloc_end;
}

void place_arm(const LayoutRequest& request, memory_layout* layout) {
  layout->task_size = request.page_offset - kArmModulesBelow;
  layout->modules_start = request.page_offset - kArmModulesBelow;
  layout->modules_end = request.page_offset - kArmPkmapSize;
  if (request.high_memory) {
    layout->pkmap_base = request.page_offset - kArmPkmapSize;
    layout->last_pkmap = kArmPkmapSize / kPageSize;
  }
  layout->vmalloc_end = kArmVmallocEnd;
  layout->dma_start = kArmDmaStart;
  layout->dma_end = kArmFixaddrStart;
  layout->fixaddr_start = kArmFixaddrStart;
  layout->fixaddr_boot_start = kArmFixaddrStart;
  layout->fixaddr_top = kArmFixaddrTop;
  layout->vectors_start = kArmVectors;
  layout->vectors_end = kArmVectors + kPageSize;
}

}  // namespace

u32 default_vmalloc(LayoutKind kind) { return kind == LayoutKind::kArm ? 240 * kMiB : 128 * kMiB; }

u32 smallest_vmalloc() { return 32 * kMiB; }

u32 largest_vmalloc(LayoutKind kind, u32 page_offset) {
  return 0 - page_offset - reserved_top(kind) - kLeastLowmem;
}

memory_layout layout_rv32(const LayoutRequest& request) {
  memory_layout layout = {};
  const u32 lowmem = lowmem_size(request);
  layout.lowmem_size = lowmem & ~(kPageSize - 1);
  layout.vmalloc_start = vmalloc_start(request.page_offset + lowmem);
  if (request.kind == LayoutKind::kArm) {
    place_arm(request, &layout);
  } else {
    place_x86(request, &layout);
  }
  return layout;
}

#if BITS_PER_LONG == 64
memory_layout layout_rv64(u64 ram_size, unsigned levels) {
  constexpr u64 kMostLowmem = 128ull << 30;
  memory_layout layout = {};
  layout.task_size = levels == 4 ? 0x800000000000 : 0x4000000000;
  layout.lowmem_size = (ram_size < kMostLowmem ? ram_size : kMostLowmem) & ~(kPageSize - 1ull);
  layout.vmalloc_start = 0xffffffe000000000;
  layout.vmalloc_end = 0xfffffff000000000;
  layout.modules_start = layout.vmalloc_start;
  layout.modules_end = layout.vmalloc_end;
  layout.fixaddr_top = 0xfffffffffffff000;
  layout.fixaddr_start = layout.fixaddr_top - __FIXADDR_SIZE;
  layout.fixaddr_boot_start = layout.fixaddr_top - __FIXADDR_BOOT_SIZE;
  return layout;
}
#endif

void read_layout_options(LayoutRequest* request, const char* layout, const char* vmalloc) {
  if (layout != nullptr) {
    if (strcmp(layout, "arm") == 0) {
      request->kind = LayoutKind::kArm;
    } else if (strcmp(layout, "x86") != 0) {
      printk("layout: unknown layout=%s; x86 and arm are allowed; taking x86\n", layout);
    }
  }
  if (vmalloc == nullptr) return;
  char* end;
  const u64 size = memparse(vmalloc, &end);
  const u32 least = smallest_vmalloc();
  const u32 most = largest_vmalloc(request->kind, request->page_offset);
  if (end != vmalloc && *end == 0 && size >= least && size <= most) {
    request->vmalloc_size = size;
    return;
  }
  printk("layout: bad vmalloc=%s; a size from %uM to %uM is allowed; taking %uM\n", vmalloc, least / kMiB,
         most / kMiB, default_vmalloc(request->kind) / kMiB);
}

void print_areas(const LayoutArea* areas, unsigned count) {
  for (unsigned i = 0; i < count; i++) {
    const LayoutArea& area = areas[i];
    if (area.start == area.end) continue;
    // A unit in which most sizes are whole.
    const char* const units[] = {"kB", "MB", "GB"};
    unsigned long size = (area.end - area.start) >> 10;
    unsigned unit = 0;
    for (; size >= 8192 && unit < 2; unit++) size >>= 10;
    const bool wide = area.end >> 16 >> 16 != 0;
    printk(wide ? "  %8s : 0x%016lx - 0x%016lx   (%4lu %s)\n" : "  %8s : 0x%08lx - 0x%08lx   (%4lu %s)\n",
           area.name, area.start, area.end, size, units[unit]);
  }
}

void print_layout(const memory_layout& layout, unsigned long page_offset) {
  const unsigned long pkmap_end = layout.pkmap_base + (layout.last_pkmap << PAGE_SHIFT);
  const LayoutArea pkmap = {"pkmap", layout.pkmap_base, pkmap_end};
  const LayoutArea modules = {"modules", layout.modules_start, layout.modules_end};
  constexpr LayoutArea kNone = {"", 0, 0};
  const bool below = layout.modules_start < page_offset;
  const LayoutArea areas[] = {
      {"vectors", layout.vectors_start, layout.vectors_end},
      {"fixmap", layout.fixaddr_start, layout.fixaddr_top},
      {"DMA", layout.dma_start, layout.dma_end},
      below ? kNone : pkmap,
      {"vmalloc", layout.vmalloc_start, layout.vmalloc_end},
      {"lowmem", page_offset, page_offset + layout.lowmem_size},
      below ? pkmap : kNone,
      below ? modules : kNone,
      {"user", 0, layout.task_size},
  };
  printk("virtual kernel memory layout:\n");
  print_areas(areas, ARRAY_SIZE(areas));
}

}  // namespace memio
