// RAM before the page allocator: where it is, and what is in it already, by the device tree.
#include <asm/page.h>
#include <linux/kernel.h>

#include "fdt.h"
#include "kernel/memory.h"

extern "C" char __kernel_end[];

namespace memio {

PhysicalRange find_ram(const Fdt& tree, phys_addr_t limit) {
  FdtNode node;
  FdtReg reg;
  if (!tree.find_top("memory", &node) || !tree.reg(node, 0, &reg)) {
    panic("no memory node in the device tree");
  }
  phys_addr_t end = reg.address + reg.size;
  if (end > limit) {
    printk("memory: RAM from 0x%llx on is out of reach, not used\n", limit);
    end = limit;
  }
  return {MEMORY_START, end & ~static_cast<phys_addr_t>(PAGE_SIZE - 1)};
}

PhysicalRange initrd_range(const Fdt& tree) {
  FdtNode chosen;
  if (!tree.find_top("chosen", &chosen)) return {};
  const FdtProperty start = tree.property(chosen, "linux,initrd-start");
  const FdtProperty end = tree.property(chosen, "linux,initrd-end");
  if (!start || !end) return {};
  return {start.number(0, start.size / 4), end.number(0, end.size / 4)};
}

void reserve_used(const Fdt& tree, phys_addr_t tree_address, BootMemory* memory) {
  memory->reserve({tree_address, tree_address + tree.size()});
  memory->reserve({MEMORY_START, __pa(__kernel_end)});
  memory->reserve(initrd_range(tree));
  FdtNode reserved;
  if (!tree.find_top("reserved-memory", &reserved)) return;
  tree.for_each([&](const FdtNode& node) {
    FdtReg reg;
    if (node.parent == reserved.offset && node.offset != reserved.offset && tree.reg(node, 0, &reg)) {
      memory->reserve({reg.address, reg.address + reg.size});
    }
    return false;
  });
}

}  // namespace memio
