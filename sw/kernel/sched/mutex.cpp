// Mutexes, semaphores and read-write semaphores.
#include <linux/errno.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/semaphore.h>

namespace memio {
namespace {

void report_mutex(const mutex* lock, const char* function, unsigned long caller) {
  char asking[64];
  char taking[64];
  symbol_text(caller, asking, sizeof asking);
  const unsigned long address = reinterpret_cast<unsigned long>(lock);
  if (lock->owner == nullptr)
    return report_bug("%s at %s of mutex 0x%lx, which is free", function, asking, address);
  report_bug("%s at %s of mutex 0x%lx, which task %s[%d] holds, taken at %s", function, asking, address,
             lock->owner->comm, lock->owner->pid, symbol_text(lock->taken_at, taking, sizeof taking));
}

// Inline, so that a report of might_sleep() names the caller.
inline __attribute__((always_inline)) void take(mutex* lock, unsigned long caller) {
  might_sleep();
  if (lock->owner == get_current()) return report_mutex(lock, "mutex_lock", caller);
  // A free mutex is taken here, one that was held is handed over by mutex_unlock().
  if (mutex_trylock(lock) == 0) {
    wait_event(lock->wait, mutex_trylock(lock) != 0 || lock->owner == get_current());
  }
  lock->taken_at = caller;
}

}  // namespace

extern "C" void mutex_init(mutex* lock) {
  lock->owner = nullptr;
  init_waitqueue_head(&lock->wait);
}

extern "C" void mutex_lock(mutex* lock) { take(lock, _RET_IP_); }

extern "C" int mutex_lock_interruptible(mutex* lock) {
  take(lock, _RET_IP_);
  return 0;
}

extern "C" int mutex_trylock(mutex* lock) {
  const unsigned long flags = arch_local_irq_save();
  const bool free = lock->owner == nullptr;
  if (free) {
    lock->owner = get_current();
    lock->taken_at = _RET_IP_;
  }
  arch_local_irq_restore(flags);
  return free;
}

extern "C" void mutex_unlock(mutex* lock) {
  if (lock->owner != get_current()) return report_mutex(lock, "mutex_unlock", _RET_IP_);
  unsigned long flags;
  spin_lock_irqsave(&lock->wait.lock, flags);
  lock->owner = nullptr;
  if (waitqueue_active(&lock->wait)) {
    lock->owner = list_first_entry(&lock->wait.task_list, wait_queue_entry_t, task_list)->task;
    wake_up_process(lock->owner);
  }
  spin_unlock_irqrestore(&lock->wait.lock, flags);
}

extern "C" int down_trylock(semaphore* semaphore) {
  const unsigned long flags = arch_local_irq_save();
  const bool taken = semaphore->count != 0;
  if (taken) semaphore->count--;
  arch_local_irq_restore(flags);
  return !taken;
}

extern "C" void down(semaphore* semaphore) { wait_event(semaphore->wait, down_trylock(semaphore) == 0); }

extern "C" int down_interruptible(semaphore* semaphore) {
  return wait_event_interruptible(semaphore->wait, down_trylock(semaphore) == 0);
}

extern "C" int down_timeout(semaphore* semaphore, long ticks) {
  return wait_event_timeout(semaphore->wait, down_trylock(semaphore) == 0, ticks) != 0 ? 0 : -ETIMEDOUT;
}

// As with a completion, the one who gets it may free it.
extern "C" void up(semaphore* semaphore) {
  const unsigned long flags = arch_local_irq_save();
  semaphore->count++;
  wake_up(&semaphore->wait);
  arch_local_irq_restore(flags);
}

namespace {

// Adds `change` to the holders if there are none that exclude it.
bool try_hold(rw_semaphore* semaphore, int change) {
  const unsigned long flags = arch_local_irq_save();
  const bool possible = change > 0 ? semaphore->holders >= 0 : semaphore->holders == 0;
  if (possible) semaphore->holders += change;
  arch_local_irq_restore(flags);
  return possible;
}

void release(rw_semaphore* semaphore, int change) {
  const unsigned long flags = arch_local_irq_save();
  const bool held = change > 0 ? semaphore->holders > 0 : semaphore->holders == -1;
  if (held) {
    semaphore->holders -= change;
    wake_up(&semaphore->wait);
  }
  arch_local_irq_restore(flags);
  if (!held) report_bug("up_%s of a semaphore not held so", change > 0 ? "read" : "write");
}

}  // namespace

extern "C" void down_read(rw_semaphore* semaphore) { wait_event(semaphore->wait, try_hold(semaphore, 1)); }
extern "C" void up_read(rw_semaphore* semaphore) { release(semaphore, 1); }
extern "C" void down_write(rw_semaphore* semaphore) { wait_event(semaphore->wait, try_hold(semaphore, -1)); }
extern "C" void up_write(rw_semaphore* semaphore) { release(semaphore, -1); }

}  // namespace memio
