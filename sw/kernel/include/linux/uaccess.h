// Copies between kernel and user memory: a bad user address is an error, not a panic. They may sleep, because
// the pages of user memory are made on demand; interrupts and holders of spinlocks must not call them.
#pragma once

#include <asm/page.h>
#include <linux/errno.h>
#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VERIFY_READ 0
#define VERIFY_WRITE 1

// Whether [addr, addr + size) lies in the user half. That something is mapped there only the copy finds out.
#define access_ok(type, addr, size) user_range_ok_((unsigned long)(addr), (size))
static inline bool user_range_ok_(unsigned long addr, unsigned long size) {
  return size <= TASK_SIZE && addr <= TASK_SIZE - size;
}

// Copy `n` bytes; both return the number of bytes that could not be copied. What copy_from_user could not
// read is zeroed.
unsigned long copy_from_user(void* to, const void __user* from, unsigned long n);
unsigned long copy_to_user(void __user* to, const void* from, unsigned long n);
// The same for a caller who has asked access_ok() and is allowed to sleep.
unsigned long __copy_from_user(void* to, const void __user* from, unsigned long n);
unsigned long __copy_to_user(void __user* to, const void* from, unsigned long n);
// The same page by page with memcpy(), each page held in place by pin_page_for_write(): for large copies.
unsigned long __copy_to_user_memcpy(void __user* to, const void* from, unsigned long n);
// Fills with zeroes; the number of bytes that could not be.
unsigned long clear_user(void __user* to, unsigned long n);
// Copies a text with its final zero, at most `count` bytes: its length, `count` if the zero is not among
// them, -EFAULT.
long strncpy_from_user(char* to, const char __user* from, long count);

// x = *ptr and *ptr = x for numbers and pointers in user memory: 0 or -EFAULT; x is 0 then.
#define get_user(x, ptr)                                                                               \
  ({                                                                                                   \
    typedef __typeof__(*(ptr)) __attribute__((may_alias)) user_type_;                                  \
    unsigned long long user_value_ = 0;                                                                \
    const unsigned long user_left_ = copy_from_user(&user_value_, (const void*)(ptr), sizeof(*(ptr))); \
    (x) = *(user_type_*)&user_value_;                                                                  \
    user_left_ == 0 ? 0 : -EFAULT;                                                                     \
  })
#define put_user(x, ptr)                                                             \
  ({                                                                                 \
    __typeof__(*(ptr)) user_value_ = (x);                                            \
    copy_to_user((void*)(ptr), &user_value_, sizeof user_value_) == 0 ? 0 : -EFAULT; \
  })
#define __get_user(x, ptr) get_user((x), (ptr))
#define __put_user(x, ptr) put_user((x), (ptr))

#ifdef __cplusplus
}
#endif
