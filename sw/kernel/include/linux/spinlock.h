// Spinlocks of the one hart: they hold off preemption, and with _irq, _irqsave and _bh interrupts or
// tasklets. A lock that is held when it is asked for can never be released here, so that is reported at once.
#pragma once

#include <asm/this_ip.h>
#include <linux/preempt.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct spinlock {
  volatile unsigned long locked;  // the code that took it; 0: free
} spinlock_t;

#define SPIN_LOCK_UNLOCKED \
  { 0 }
#define DEFINE_SPINLOCK(name) spinlock_t name = SPIN_LOCK_UNLOCKED

// Panic, naming the lock, the code that asks and the code that took it.
void spin_lock_failed(spinlock_t* lock) __attribute__((noreturn, cold));
void spin_unlock_failed(spinlock_t* lock) __attribute__((noreturn, cold));

static inline void spin_lock_init(spinlock_t* lock) { lock->locked = 0; }
static inline bool spin_is_locked(const spinlock_t* lock) { return lock->locked != 0; }

static inline void spin_lock(spinlock_t* lock) {
  preempt_disable();
  if (unlikely(lock->locked)) spin_lock_failed(lock);
  lock->locked = _THIS_IP_;
}
static inline bool spin_trylock(spinlock_t* lock) {
  if (lock->locked) return false;
  spin_lock(lock);
  return true;
}
static inline void spin_unlock(spinlock_t* lock) {
  if (unlikely(!lock->locked)) spin_unlock_failed(lock);
  lock->locked = 0;
  preempt_enable();
}

static inline void spin_lock_irq(spinlock_t* lock) {
  local_irq_disable();
  spin_lock(lock);
}
static inline void spin_unlock_irq(spinlock_t* lock) {
  if (unlikely(!lock->locked)) spin_unlock_failed(lock);
  lock->locked = 0;
  local_irq_enable();
  preempt_enable();
}
static inline unsigned long spin_lock_irqsave_(spinlock_t* lock) {
  const unsigned long flags = arch_local_irq_save();
  spin_lock(lock);
  return flags;
}
#define spin_lock_irqsave(lock, flags) ((flags) = spin_lock_irqsave_(lock))
static inline void spin_unlock_irqrestore(spinlock_t* lock, unsigned long flags) {
  if (unlikely(!lock->locked)) spin_unlock_failed(lock);
  lock->locked = 0;
  arch_local_irq_restore(flags);
  preempt_enable();
}
// Holds off tasklets and timers, not interrupts.
static inline void spin_lock_bh(spinlock_t* lock) {
  local_bh_disable();
  spin_lock(lock);
}
static inline void spin_unlock_bh(spinlock_t* lock) {
  spin_unlock(lock);
  local_bh_enable();
}

#ifdef __cplusplus
}
#endif
