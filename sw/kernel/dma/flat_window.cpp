// Coherent memory without an MMU: for devices that do not see the caches the uncached alias of RAM, which is
// at addresses of its own anyway. Takes the place of dma/window.cpp.
#include <linux/kernel.h>

#include "kernel/dma.h"

namespace memio {

phys_addr_t dma_alias_offset;

bool dma_window_needed(const device* dev) { return dev->dma_noncoherent; }

void dma_window_init(bool) {}

void* dma_window_map(const DmaCall& call, phys_addr_t memory, size_t size, gfp_t) {
  if (dma_alias_offset != 0) {
    return reinterpret_cast<void*>(static_cast<unsigned long>(memory + dma_alias_offset));
  }
  char by[64];
  printk("%s(%s, %zu bytes) by %s: the machine has no uncached alias of RAM\n", call.function,
         dev_name(call.dev), size, symbol_text(call.caller, by, sizeof by));
  return nullptr;
}

bool dma_window_unmap(const void*, unsigned long) { return true; }

}  // namespace memio
