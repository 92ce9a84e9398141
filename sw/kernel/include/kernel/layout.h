// The layouts of the kernel's address space as functions of RAM and options, with nothing else read.
#pragma once

#include <asm/layout.h>
#include <linux/types.h>

namespace memio {

enum class LayoutKind {
  kX86,  // direct map, gap, vmalloc area, gap, PKMAP, FIXMAP, reserved top
  kArm,  // modules, PKMAP, direct map, gap, vmalloc area, reserved, DMA window, FIXMAP, vector page
};

struct LayoutRequest {
  LayoutKind kind = LayoutKind::kX86;
  bool high_memory = true;  // CONFIG_HIGHMEM: there is a PKMAP area
  u32 page_offset = 0;      // start of the direct map, a multiple of 1 GiB
  u64 ram_size = 0;         // bytes
  // Bytes kept for the vmalloc area, from smallest_vmalloc() to largest_vmalloc(); 0: default_vmalloc().
  // x86: what the direct map leaves of the kernel's address space, areas above and gaps included.
  // ARM: the vmalloc area alone.
  u64 vmalloc_size = 0;
};

u32 default_vmalloc(LayoutKind kind);
u32 smallest_vmalloc();
// Leaves a direct map of 64 MiB.
u32 largest_vmalloc(LayoutKind kind, u32 page_offset);

memory_layout layout_rv32(const LayoutRequest& request);
#if BITS_PER_LONG == 64
// Sv39 (3 levels) or Sv48 (4): the kernel's half is the same, so that one image serves both.
memory_layout layout_rv64(u64 ram_size, unsigned levels);
#endif

// Enters the values of the kernel options `layout=` and `vmalloc=` (null: not given) into `request`, whose
// page_offset is set. A value that is not allowed is reported and the default taken.
void read_layout_options(LayoutRequest* request, const char* layout, const char* vmalloc);

// A line of the table in the boot log. Empty areas are left out.
struct LayoutArea {
  const char* name;
  unsigned long start;
  unsigned long end;
};
void print_areas(const LayoutArea* areas, unsigned count);
// The areas of `layout`, from high addresses to low ones.
void print_layout(const memory_layout& layout, unsigned long page_offset);

}  // namespace memio
