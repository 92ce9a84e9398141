// Where the areas of the kernel's address space lie. They depend on RAM and kernel options, so they are
// variables: kernel/layout.h computes them, memory_init() sets them.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

// Addresses; an end is the first address behind its area. An area the layout does not have is 0 .. 0.
struct memory_layout {
  unsigned long task_size;    // user addresses lie below
  unsigned long lowmem_size;  // bytes of RAM in the direct map, which starts at PAGE_OFFSET
  unsigned long vmalloc_start;
  unsigned long vmalloc_end;
  unsigned long pkmap_base;
  unsigned long last_pkmap;     // pages kmap() can map at a time
  unsigned long fixaddr_start;  // fixed addresses that stay
  unsigned long fixaddr_top;
  unsigned long fixaddr_boot_start;  // and those used only during start, below them
  unsigned long modules_start;
  unsigned long modules_end;
  unsigned long dma_start;  // window for coherent DMA buffers
  unsigned long dma_end;
  unsigned long vectors_start;  // page of exception vectors
  unsigned long vectors_end;
};
extern struct memory_layout kernel_layout;

#define TASK_SIZE (kernel_layout.task_size)
#define VMALLOC_START (kernel_layout.vmalloc_start)
#define VMALLOC_END (kernel_layout.vmalloc_end)
#define PKMAP_BASE (kernel_layout.pkmap_base)
#define LAST_PKMAP (kernel_layout.last_pkmap)
#define FIXADDR_TOP (kernel_layout.fixaddr_top)
#define FIXADDR_START (kernel_layout.fixaddr_start)
#define FIXADDR_BOOT_START (kernel_layout.fixaddr_boot_start)
#define MODULES_VADDR (kernel_layout.modules_start)
#define MODULES_END (kernel_layout.modules_end)

// Least distance of the vmalloc area from the direct map: stray accesses behind its end must fault.
#define VMALLOC_OFFSET (8 * 1024 * 1024)

#ifdef __cplusplus
}
#endif
