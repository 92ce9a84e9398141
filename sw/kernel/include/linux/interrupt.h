// Interrupts of devices: handlers by number, several to one line when all of them allow it; and tasklets:
// short functions that an interrupt leaves for the time right after it. Bodies: drivers/base/irq.cpp,
// sched/softirq.cpp.
#pragma once

#include <linux/preempt.h>

#ifdef __cplusplus
extern "C" {
#endif

// What a handler says: whether its device was the one that interrupted.
typedef enum irqreturn { IRQ_NONE = 0, IRQ_HANDLED = 1 } irqreturn_t;
#define IRQ_RETVAL(handled) ((handled) ? IRQ_HANDLED : IRQ_NONE)

// Runs with interrupts off; may not sleep.
typedef irqreturn_t (*irq_handler_t)(int irq, void* dev_id);

#define IRQF_SHARED 0x00000080ul  // other handlers may have the line too
#define SA_SHIRQ IRQF_SHARED      // the older spelling

// Calls handler(irq, dev_id) when line `irq` interrupts, and switches the line on. `name` is kept as a
// pointer. -EINVAL: no such line, no handler, or IRQF_SHARED without a dev_id; -EBUSY, with a message that
// names both: taken, and not shared by both sides; -ENOMEM. Sleeps.
int request_irq(unsigned irq, irq_handler_t handler, unsigned long flags, const char* name, void* dev_id);
// Takes the handler with this `dev_id` off the line, and switches the line off after the last one. A pair
// that was never requested is reported.
void free_irq(unsigned irq, void* dev_id);

// Calls nest: the line is off until each disable_irq() has had its enable_irq(). From task context no handler
// is running when disable_irq() returns: there is one hart.
void disable_irq(unsigned irq);
#define disable_irq_nosync(irq) disable_irq(irq)
void enable_irq(unsigned irq);

// request_irq() for the time a driver is bound to `dev`.
struct device;
int devm_request_irq(struct device* dev, unsigned irq, irq_handler_t handler, unsigned long flags,
                     const char* name, void* dev_id);
void devm_free_irq(struct device* dev, unsigned irq, void* dev_id);

// Runs once for each time it is scheduled while not yet waiting to run; with interrupts on, must not sleep.
struct tasklet_struct {
  struct tasklet_struct* next;
  u8 scheduled;
  u8 running;
  unsigned count;  // above 0: disabled
  void (*func)(unsigned long data);
  unsigned long data;
};

#define DECLARE_TASKLET(name, function, argument) \
  struct tasklet_struct name = {NULL, 0, 0, 0, (function), (argument)}

void tasklet_init(struct tasklet_struct* tasklet, void (*func)(unsigned long data), unsigned long data);
// May be called from interrupts.
void tasklet_schedule(struct tasklet_struct* tasklet);
#define tasklet_hi_schedule(tasklet) tasklet_schedule(tasklet)
// A disabled tasklet waits until it is enabled as often as it was disabled.
void tasklet_disable(struct tasklet_struct* tasklet);
void tasklet_enable(struct tasklet_struct* tasklet);
// Waits until the tasklet has run if it is scheduled. May sleep. A disabled one is taken out unrun.
void tasklet_kill(struct tasklet_struct* tasklet);

#ifdef __cplusplus
}
#endif
