// What the device tree says of memory and the devices that reach it themselves.
#include <linux/kernel.h>

#include "fdt.h"
#include "kernel/cache_maintenance.h"
#include "kernel/dma.h"

namespace memio {
namespace {

// The uncached alias of RAM, as its distance from RAM.
void find_alias(const Fdt& tree) {
  FdtNode memory;
  FdtReg ram;
  dma_alias_offset = 0;
  if (!tree.find_top("memory", &memory) || !tree.reg(memory, 0, &ram)) return;
  const FdtProperty alias = tree.property(memory, "memio,uncached-alias");
  if (!alias) return;
  dma_alias_offset = alias.number(0, memory.address_cells) - ram.address;
  printk("dma: RAM is uncached at 0x%llx\n", ram.address + dma_alias_offset);
}

}  // namespace

void dma_init(const Fdt& tree) {
  const bool noncoherent = tree.for_each(
      [&](const FdtNode& node) { return static_cast<bool>(tree.property(node, "dma-noncoherent")); });
  find_alias(tree);
  cache_maintenance_init(tree);
  dma_start(noncoherent);
  if (noncoherent && cache_block_size() == 0) {
    printk("dma: devices do not see the caches, and the hart has no Zicbom: mapped data may be stale\n");
  }
}

}  // namespace memio
