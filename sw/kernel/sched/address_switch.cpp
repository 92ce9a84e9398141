// Which page table is active. Switching is lazy: a kernel thread goes on with the address space of the task
// before it, so that a user program that is interrupted by one keeps its translations.
#include <asm/page.h>
#include <asm/tlbflush.h>
#include <linux/kernel.h>
#include <linux/mmu_context.h>
#include <linux/preempt.h>

#include "kernel/memory.h"
#include "kernel/task.h"
#include "memio/asm.h"

namespace memio {
namespace {

const mm_struct* active;  // null: the kernel's own table

PageTable page_table_of(const mm_struct* mm) {
  return PageTable(reinterpret_cast<Pte*>(mm->pgd), PAGE_OFFSET - MEMORY_START, nullptr);
}

// All address spaces have ASID 0, so the translations of the one before must go.
void activate(const PageTable& table) {
  CSR_WRITE(satp, table.satp());
  flush_tlb_all();
}

}  // namespace

void switch_address_space(const task_struct* next) {
  const mm_struct* mm = next->mm;
  if (mm == nullptr || mm == active) return;
  active = mm;
  activate(page_table_of(mm));
}

void leave_address_space(const mm_struct* mm) {
  if (mm != active) return;
  active = nullptr;
  activate(kernel_page_table());
}

unsigned long* active_root() {
  return active == nullptr ? kernel_page_table().root() : page_table_of(active).root();
}

extern "C" void use_mm(mm_struct* mm) {
  task_struct* task = get_current();
  if (task->mm != nullptr) {
    report_bug("use_mm: task %s[%d] has an address space", task->comm, task->pid);
    return;
  }
  preempt_disable();
  task->mm = mm;
  switch_address_space(task);
  preempt_enable();
}

extern "C" void unuse_mm(mm_struct* mm) {
  task_struct* task = get_current();
  if (task->mm != mm) {
    report_bug("unuse_mm: task %s[%d] does not use this address space", task->comm, task->pid);
    return;
  }
  preempt_disable();
  task->mm = nullptr;
  leave_address_space(mm);
  preempt_enable();
}

}  // namespace memio
