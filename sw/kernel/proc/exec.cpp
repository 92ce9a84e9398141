// Starts the user program: /init of the initrd, in an address space of its own.
#include <asm/page.h>
#include <linux/kernel.h>

#include "kernel/address_space.h"
#include "kernel/memory.h"
#include "kernel/process.h"
#include "kernel/task.h"

namespace memio {
namespace {

constexpr unsigned long kStackSize = 64 * 1024;
constexpr unsigned long kStackTop = TASK_SIZE - PAGE_SIZE;  // the last page stays free as a guard

AddressSpace init_space;

}  // namespace

bool run_init(const Fdt& tree) {
  const PhysicalRange range = initrd_range(tree);
  if (range.start >= range.end) {
    printk("init: no initrd\n");
    return true;
  }
  ByteRange archive;
  archive.size = static_cast<unsigned long>(range.end - range.start);
  archive.data = static_cast<const u8*>(map_ram(range.start, archive.size));
  const ByteRange file = archive.data == nullptr ? ByteRange{} : initrd_file(archive, "init");
  if (file.data == nullptr) {
    printk("init: no file init in the initrd\n");
    return false;
  }
  AddressSpace& space = init_space;
  if (!space.init()) panic("no memory for an address space");
  const unsigned long entry = elf_load(file, &space);
  if (entry == 0) return false;
  if (!space.add_area(kStackTop - kStackSize, kStackTop, kPteRead | kPteWrite))
    panic("no room for the user stack");
  printk("init: %lu bytes, entry 0x%lx\n", file.size, entry);
  task_run_user("init", &space, entry, kStackTop);
}

}  // namespace memio
