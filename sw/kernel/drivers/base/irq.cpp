// linux/interrupt.h: the handlers of each line, and /proc/interrupts.
#include <linux/errno.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "kernel/interrupt.h"

namespace memio {
namespace {

struct Action {
  irq_handler_t handler;
  void* dev_id;
  const char* name;
  unsigned long flags;
  Action* next;
};

struct Line {
  Action* actions;
  unsigned disabled;    // depth of disable_irq()
  unsigned unhandled;   // in a row
  unsigned long count;  // interrupts since start
};

DEFINE_SPINLOCK(lines_lock);
Line lines[kMaxIrqLines];
IrqChip chip;
unsigned long spurious;

bool is_line(unsigned irq) { return irq != 0 && irq < chip.lines; }

void update_mask(unsigned irq) {
  const Line& line = lines[irq];
  const bool on = line.actions != nullptr && line.disabled == 0;
  (on ? chip.unmask : chip.mask)(irq);
}

// Links `action` behind the others of its line; the handler that does not allow it, or null.
const Action* link(Line* line, Action* action) {
  const Action* first = line->actions;
  if (first != nullptr && (first->flags & action->flags & IRQF_SHARED) == 0) return first;
  Action** place = &line->actions;
  while (*place != nullptr) place = &(*place)->next;
  *place = action;
  return nullptr;
}

Action* unlink(Line* line, const void* dev_id) {
  for (Action** place = &line->actions; *place != nullptr; place = &(*place)->next) {
    if ((*place)->dev_id != dev_id) continue;
    Action* action = *place;
    *place = action->next;
    return action;
  }
  return nullptr;
}

void change_depth(const char* function, unsigned irq, bool disable) {
  if (!is_line(irq)) return report_bug("%s of interrupt %u; there are 1..%u", function, irq, chip.lines - 1);
  unsigned long flags;
  spin_lock_irqsave(&lines_lock, flags);
  Line& line = lines[irq];
  const bool unbalanced = !disable && line.disabled == 0;
  if (!unbalanced) {
    line.disabled += disable ? 1 : -1;
    update_mask(irq);
  }
  spin_unlock_irqrestore(&lines_lock, flags);
  if (unbalanced) report_bug("Unbalanced enable for IRQ %u", irq);
}

int show_interrupts(seq_file* file, void*) {
  seq_puts(file, "           CPU0\n");
  for (unsigned irq = 1; irq < chip.lines; irq++) {
    // Handlers change only in task context, and this hart is here.
    const Action* action = lines[irq].actions;
    if (action == nullptr) continue;
    seq_printf(file, "%3u: %10lu  %s  %u  %s", irq, lines[irq].count, chip.name, irq, action->name);
    while ((action = action->next) != nullptr) seq_printf(file, ", %s", action->name);
    seq_putc(file, '\n');
  }
  seq_printf(file, "ERR: %10lu\n", spurious);
  return 0;
}

}  // namespace

void irq_chip_set(const IrqChip& new_chip) {
  chip = new_chip;
  if (chip.lines > kMaxIrqLines) chip.lines = kMaxIrqLines;
}

void irq_dispatch(unsigned irq) {
  if (!is_line(irq)) {
    spurious++;
    return;
  }
  Line& line = lines[irq];
  line.count++;
  bool handled = false;
  for (Action *action = line.actions, *next; action != nullptr; action = next) {
    next = action->next;  // the handler may free itself
    if (action->handler(static_cast<int>(irq), action->dev_id) != IRQ_NONE) handled = true;
  }
  if (handled) {
    line.unhandled = 0;
    return;
  }
  spurious++;
  if (++line.unhandled != kMaxUnhandled) return;
  report_bug("irq %u: nobody cared, switched off", irq);
  chip.mask(irq);
}

unsigned long irq_spurious_count() { return spurious; }

void irq_proc_init() { proc_create_single("interrupts", 0, nullptr, show_interrupts); }

extern "C" int request_irq(unsigned irq, irq_handler_t handler, unsigned long flags, const char* name,
                           void* dev_id) {
  might_sleep();
  if (!is_line(irq) || handler == nullptr || ((flags & IRQF_SHARED) != 0 && dev_id == nullptr)) {
    return -EINVAL;
  }
  Action* action = static_cast<Action*>(kmalloc(sizeof(Action), GFP_KERNEL));
  if (action == nullptr) return -ENOMEM;
  *action = {handler, dev_id, name, flags, nullptr};

  unsigned long interrupts;
  spin_lock_irqsave(&lines_lock, interrupts);
  const Action* conflict = link(&lines[irq], action);
  if (conflict == nullptr) {
    lines[irq].unhandled = 0;
    update_mask(irq);
  }
  spin_unlock_irqrestore(&lines_lock, interrupts);
  if (conflict == nullptr) return 0;
  printk("%s: interrupt %u is taken by %s and not shared\n", name, irq, conflict->name);
  kfree(action);
  return -EBUSY;
}

extern "C" void free_irq(unsigned irq, void* dev_id) {
  Action* action = nullptr;
  if (is_line(irq)) {
    unsigned long interrupts;
    spin_lock_irqsave(&lines_lock, interrupts);
    action = unlink(&lines[irq], dev_id);
    if (action != nullptr) update_mask(irq);
    spin_unlock_irqrestore(&lines_lock, interrupts);
  }
  if (action == nullptr) {
    char by[64];
    report_bug("Trying to free already-free IRQ %u, by %s", irq, symbol_text(_RET_IP_, by, sizeof by));
  }
  kfree(action);
}

extern "C" void disable_irq(unsigned irq) { change_depth("disable_irq", irq, true); }
extern "C" void enable_irq(unsigned irq) { change_depth("enable_irq", irq, false); }

}  // namespace memio
