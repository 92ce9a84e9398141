// What is said when a spinlock is used wrongly. The call does not return, so that behind it may lie another
// function: hence the address before.
#include <linux/spinlock.h>

namespace memio {

extern "C" void spin_lock_failed(spinlock_t* lock) {
  char asking[64];
  char taking[64];
  panic("spinlock 0x%lx asked for at %s can never be got: it is held, taken at %s",
        reinterpret_cast<unsigned long>(lock), symbol_text(_RET_IP_ - 1, asking, sizeof asking),
        symbol_text(lock->locked, taking, sizeof taking));
}

extern "C" void spin_unlock_failed(spinlock_t* lock) {
  char caller[64];
  panic("spinlock 0x%lx released at %s is not held", reinterpret_cast<unsigned long>(lock),
        symbol_text(_RET_IP_ - 1, caller, sizeof caller));
}

}  // namespace memio
