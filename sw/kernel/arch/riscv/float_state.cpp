// Floating point of user programs (privileged specification, section 3.1.6.6: sstatus.FS). A program starts
// with it off; its first such instruction traps, and gives it registers of its own, all zero. At a switch
// they are saved if they are dirty. The kernel itself uses none. A hart that has F must have D.
#include <asm/csr.h>
#include <linux/slab.h>

#include "kernel/task.h"
#include "memio/asm.h"

struct float_state {
  u64 f[32];
  u32 fcsr;
};

extern "C" void float_save(float_state* state);
extern "C" void float_load(const float_state* state);

namespace memio {
namespace {

constexpr unsigned long kIllegalInstruction = 2;

// Whether the hart has floating point; it is on afterwards.
bool enable_float() {
  CSR_SET(sstatus, STATUS_FS_CLEAN);
  return (CSR_READ(sstatus) & STATUS_FS) != 0;
}

void load_float(const task_struct* task) {
  CSR_SET(sstatus, STATUS_FS_CLEAN);
  float_load(task->float_state);
}

}  // namespace

bool float_first_use(pt_regs* regs) {
  task_struct* const task = get_current();
  if (regs->cause != kIllegalInstruction || task->float_state != nullptr || !enable_float()) return false;
  task->float_state = static_cast<float_state*>(kzalloc(sizeof(float_state), GFP_KERNEL));
  if (task->float_state == nullptr) return false;
  const unsigned long flags = arch_local_irq_save();
  load_float(task);
  regs->status |= STATUS_FS_CLEAN;
  arch_local_irq_restore(flags);
  return true;
}

void switch_float(task_struct* previous, const task_struct* next) {
  if (previous->float_state != nullptr) {
    unsigned long& status = user_regs(previous)->status;
    if ((status & STATUS_FS) == STATUS_FS) {
      CSR_SET(sstatus, STATUS_FS_CLEAN);
      float_save(previous->float_state);
      status = (status & ~static_cast<unsigned long>(STATUS_FS)) | STATUS_FS_CLEAN;
    }
  }
  if (next->float_state != nullptr) load_float(next);
}

void drop_float(task_struct* task) {
  kfree(task->float_state);
  task->float_state = nullptr;
}

}  // namespace memio
