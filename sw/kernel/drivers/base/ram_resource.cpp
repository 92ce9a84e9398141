// RAM in the tree of memory space: busy, so that no driver takes it for registers, with the kernel's own
// parts and what is not the allocator's inside.
#include <asm/page.h>
#include <linux/kernel.h>

#include "fdt.h"
#include "kernel/device.h"
#include "kernel/memory.h"
#include "string.h"

extern "C" {
extern char __kernel_start[];
extern char __text_end[];
extern char __data_start[];
extern char __bss_start[];
extern char __bss_end[];
}

namespace memio {
namespace {

// [start, end), or nothing when it is empty.
resource* claim(resource* parent, phys_addr_t start, phys_addr_t end, const char* name) {
  return start < end ? __request_region(parent, start, end - start, name, 0) : nullptr;
}

phys_addr_t physical(const char* symbol) { return __pa(symbol); }

void claim_kernel(resource* ram) {
  claim(ram, ram->start, physical(__kernel_start), "Reserved");
  claim(ram, physical(__kernel_start), physical(__text_end), "Kernel code");
  claim(ram, physical(__text_end), physical(__data_start), "Kernel rodata");
  claim(ram, physical(__data_start), physical(__bss_start), "Kernel data");
  claim(ram, physical(__bss_start), physical(__bss_end), "Kernel bss");
}

}  // namespace

void claim_ram(const Fdt& tree) {
  const PhysicalRange initrd = initrd_range(tree);
  tree.for_each([&](const FdtNode& node) {
    FdtReg reg;
    const char* type = tree.property(node, "device_type").text();
    if (strcmp(type, "memory") != 0) return false;
    for (u32 i = 0; tree.reg(node, i, &reg); i++) {
      resource* ram = claim(&iomem_resource, reg.address, reg.address + reg.size, "System RAM");
      if (ram == nullptr) continue;
      if (ram->start <= physical(__kernel_start) && physical(__kernel_start) <= ram->end) claim_kernel(ram);
      if (ram->start <= initrd.start && initrd.start <= ram->end) {
        claim(ram, initrd.start, initrd.end, "Reserved");
      }
    }
    return false;
  });
}

}  // namespace memio
