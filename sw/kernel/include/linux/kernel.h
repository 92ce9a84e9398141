// Messages and last resorts.
#pragma once

#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

// Prints to the console; formats as in common/format.h. At most 255 characters a call are kept.
int printk(const char* format, ...) __attribute__((format(printf, 1, 2)));

// Prints the message, the registers if a trap led here, and a backtrace; then ends the run with a failure.
void panic(const char* format, ...) __attribute__((format(printf, 1, 2), noreturn));

// Prints the chain of calls that led here, by name.
void dump_stack(void);

#define BUG_ON(condition)                                                                              \
  do {                                                                                                 \
    if (__builtin_expect(!!(condition), 0)) panic("BUG: %s at %s:%d", #condition, __FILE__, __LINE__); \
  } while (0)

#ifdef __cplusplus
}
#endif
