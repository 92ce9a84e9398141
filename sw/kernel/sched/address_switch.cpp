// Which page table is active. Switching is lazy: a kernel thread goes on with the address space of the task
// before it, so that a user program that is interrupted by one keeps its translations.
#include <asm/page.h>
#include <asm/tlbflush.h>

#include "kernel/address_space.h"
#include "kernel/memory.h"
#include "kernel/task.h"
#include "memio/asm.h"

namespace memio {
namespace {

AddressSpace* active;  // null: the kernel's own table

}  // namespace

AddressSpace* space_of(const task_struct* task) { return static_cast<AddressSpace*>(task->mm); }

void switch_address_space(const task_struct* next) {
  AddressSpace* space = space_of(next);
  if (space == nullptr || space == active) return;
  active = space;
  space->activate();
}

void leave_address_space(const AddressSpace* space) {
  if (space != active) return;
  active = nullptr;
  CSR_WRITE(satp, kernel_page_table().satp());
  flush_tlb_all();
}

unsigned long* active_root() {
  return active == nullptr ? kernel_page_table().root() : active->table().root();
}

}  // namespace memio
