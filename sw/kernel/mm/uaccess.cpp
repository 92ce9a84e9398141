// The checks around copies from and to user memory. The copy itself is arch/riscv's copy_user_bytes().
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "string.h"

extern "C" unsigned long copy_user_bytes(void* to, const void* from, unsigned long count);

namespace memio {

extern "C" unsigned long __copy_from_user(void* to, const void __user* from, unsigned long n) {
  const unsigned long left = copy_user_bytes(to, from, n);
  memset(static_cast<char*>(to) + (n - left), 0, left);
  return left;
}

extern "C" unsigned long __copy_to_user(void __user* to, const void* from, unsigned long n) {
  return copy_user_bytes(to, from, n);
}

extern "C" unsigned long copy_from_user(void* to, const void __user* from, unsigned long n) {
  might_sleep();
  if (access_ok(VERIFY_READ, from, n)) return __copy_from_user(to, from, n);
  memset(to, 0, n);
  return n;
}

extern "C" unsigned long copy_to_user(void __user* to, const void* from, unsigned long n) {
  // From here on the walk through the page table pays.
  constexpr unsigned long kLarge = 64;
  might_sleep();
  if (!access_ok(VERIFY_WRITE, to, n)) return n;
  return n < kLarge || get_current()->mm == nullptr ? __copy_to_user(to, from, n)
                                                    : __copy_to_user_memcpy(to, from, n);
}

extern "C" unsigned long clear_user(void __user* to, unsigned long n) {
  static const char kZeroes[64] = {};
  char* at = static_cast<char*>(to);
  while (n > 0) {
    const unsigned long count = n < sizeof kZeroes ? n : sizeof kZeroes;
    const unsigned long left = copy_to_user(at, kZeroes, count);
    at += count - left;
    n -= count - left;
    if (left != 0) break;
  }
  return n;
}

// In pieces that do not cross a page, so that a text before the end of an area is not read beyond it.
extern "C" long strncpy_from_user(char* to, const char __user* from, long count) {
  long done = 0;
  while (done < count) {
    const unsigned long rest = PAGE_SIZE - (reinterpret_cast<unsigned long>(from + done) & (PAGE_SIZE - 1));
    const unsigned long wanted = static_cast<unsigned long>(count - done);
    const unsigned long part = wanted < rest ? wanted : rest;
    if (copy_from_user(to + done, from + done, part) != 0) return -EFAULT;
    const size_t length = strnlen(to + done, part);
    done += static_cast<long>(length);
    if (length < part) break;
  }
  return done;
}

}  // namespace memio
