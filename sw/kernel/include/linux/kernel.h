// Messages, last resorts, and small helpers every source uses.
#pragma once

#include <linux/types.h>
#include <stdarg.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define container_of(pointer, type, member) ((type*)((char*)(pointer) - __builtin_offsetof(type, member)))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define ALIGN(x, a) (((x) + (a)-1) & ~((__typeof__(x))(a)-1))
#define DIV_ROUND_UP(n, d) (((n) + (d)-1) / (d))
// C++ sources take constexpr functions instead: these names would break the standard headers.
#ifndef __cplusplus
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#endif

// The instruction behind the call of the function this stands in, for messages that name who asked.
#define _RET_IP_ ((unsigned long)__builtin_return_address(0))

// Prints to the console; formats as in common/format.h. At most 255 characters a call are kept.
int printk(const char* format, ...) __attribute__((format(printf, 1, 2)));
// The same into `out`, at most `size` bytes with the final zero; the number of characters stored without it.
int scnprintf(char* out, size_t size, const char* format, ...) __attribute__((format(printf, 3, 4)));
int vscnprintf(char* out, size_t size, const char* format, va_list arguments);
#if __STDC_HOSTED__
#include <stdio.h>
#else
// As in ISO C: the length the whole text has, also when it was cut.
int snprintf(char* out, size_t size, const char* format, ...) __attribute__((format(printf, 3, 4)));
int vsnprintf(char* out, size_t size, const char* format, va_list arguments);
int sprintf(char* out, const char* format, ...) __attribute__((format(printf, 2, 3)));
#endif
#define KERN_ERR ""
#define KERN_WARNING ""
#define KERN_INFO ""
#define KERN_DEBUG ""

// The number at `text`, decimal or hexadecimal (0x), times 2^10, 2^20 or 2^30 for the suffix K, M or G
// (either case); too large ones give the largest. `end` is set behind what was read: to `text` when there is
// no number.
unsigned long long memparse(const char* text, char** end);

// Prints the message, the registers if a trap led here, and a backtrace; then ends the run with a failure.
void panic(const char* format, ...) __attribute__((format(printf, 1, 2), noreturn));

// Prints the chain of calls that led here, by name.
void dump_stack(void);

// A mistake of a caller that the kernel survives: prints "BUG: " with the message and task, then a backtrace.
// Counted in bug_count.
void report_bug(const char* format, ...) __attribute__((format(printf, 1, 2)));
extern unsigned long bug_count;

// Name and offset of the kernel function that contains `address`, as "name+0x1c", or the bare number.
// `size` bytes at `text`; returns `text`.
char* symbol_text(unsigned long address, char* text, size_t size);

#define BUG_ON(condition)                                                                              \
  do {                                                                                                 \
    if (__builtin_expect(!!(condition), 0)) panic("BUG: %s at %s:%d", #condition, __FILE__, __LINE__); \
  } while (0)
#define BUG() panic("BUG at %s:%d", __FILE__, __LINE__)
#define WARN_ON(condition)                                                          \
  ({                                                                                \
    const bool warn_ = (condition);                                                 \
    if (unlikely(warn_)) report_bug("%s at %s:%d", #condition, __FILE__, __LINE__); \
    unlikely(warn_);                                                                \
  })

// The number that `text` spells, as a whole (one newline may end it), in base 2..16, or by its prefix (0x, 0)
// if `base` is 0: 0, or -EINVAL for what is not a number, -ERANGE for one that does not fit.
int kstrtoul(const char* text, unsigned base, unsigned long* result);
int kstrtol(const char* text, unsigned base, long* result);
int kstrtouint(const char* text, unsigned base, unsigned* result);
int kstrtoint(const char* text, unsigned base, int* result);
// The number that `text` begins with, and in `*end` (if not null) where it stops; what does not fit wraps.
unsigned long simple_strtoul(const char* text, char** end, unsigned base);

// Checks that only debug builds make.
#ifdef CONFIG_DEBUG_VM
#define VM_BUG_ON(condition) BUG_ON(condition)
#else
#define VM_BUG_ON(condition) ((void)sizeof(condition))
#endif

// Reports a bug when the caller may not sleep: in an interrupt, tasklet or timer, with a spinlock held or
// interrupts off.
void might_sleep(void);

#ifdef __cplusplus
}
#endif
