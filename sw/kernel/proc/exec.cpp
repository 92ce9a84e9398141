// Starts the user program: /init of the initrd, as a process with an address space of its own.
#include <asm/page.h>
#include <linux/kernel.h>
#include <linux/mman.h>
#include <linux/vma.h>

#include "kernel/memory.h"
#include "kernel/platform.h"
#include "kernel/process.h"
#include "kernel/task.h"

namespace memio {
namespace {

constexpr unsigned long kStackSize = 64 * 1024;

// Exit status of a run whose initrd has no program that can be started.
constexpr int kNoProgramStatus = 1;

// Becomes the user program.
int start_program(void* data) {
  const ByteRange& file = *static_cast<const ByteRange*>(data);
  mm_struct* mm = mm_alloc();
  if (mm == nullptr) panic("no memory for an address space");
  const unsigned long entry = elf_load(file, mm);
  if (entry == 0) {
    mmput(mm);
    return kNoProgramStatus;
  }
  const unsigned long stack_top = TASK_SIZE - PAGE_SIZE;  // the last page stays free as a guard
  const unsigned long stack = do_mmap_in(mm, stack_top - kStackSize, kStackSize, PROT_READ | PROT_WRITE,
                                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED);
  if (stack != stack_top - kStackSize) panic("no room for the user stack");
  printk("init: %lu bytes, entry 0x%lx\n", file.size, entry);
  task_enter_user(mm, entry, stack_top);
}

ByteRange find_program(PhysicalRange range) {
  ByteRange archive;
  archive.size = static_cast<unsigned long>(range.end - range.start);
  archive.data = static_cast<const u8*>(map_ram(range.start, archive.size));
  return archive.data == nullptr ? ByteRange{} : initrd_file(archive, "init");
}

}  // namespace

int run_init(const Fdt& tree) {
  const PhysicalRange range = initrd_range(tree);
  if (range.start >= range.end) {
    printk("init: no initrd\n");
    return 0;
  }
  ByteRange file = find_program(range);
  if (file.data == nullptr) {
    printk("init: no file init in the initrd\n");
    return kNoProgramStatus;
  }
  task_struct* task = task_create(start_program, &file, "init", kInitPid);
  if (task == nullptr) panic("no memory for the task of init");
  return task_run_to_end(task);
}

}  // namespace memio
