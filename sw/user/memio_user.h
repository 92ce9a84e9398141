// The user-space library of memio's kernel: system calls, formatted output, counters. Semantics follow POSIX
// where a name is POSIX's; errors are returned as negative numbers, there is no errno.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct timespec {
  int64_t tv_sec;
  long tv_nsec;
};

void exit(int status) __attribute__((noreturn));
long write(int file, const void* data, size_t count);
int getpid(void);
// Clock 0 or 1: time since power-on.
int clock_gettime(int clock, struct timespec* time);
// Moves the end of the heap by `increment` bytes; its old end, or (void*)-1 when memory or room is out.
void* sbrk(intptr_t increment);

// Prints to the console through common/format.h; at most 255 characters a call.
int printf(const char* format, ...) __attribute__((format(printf, 1, 2)));

// Cycles of this hart; on RV32 the low half, which is enough for differences below 2^32.
static inline unsigned long read_cycles(void) {
  unsigned long value;
  __asm__ volatile("rdcycle %0" : "=r"(value)::"memory");
  return value;
}

// Ticks of the platform's timer (10 MHz on the default machine); low half on RV32.
static inline unsigned long read_time(void) {
  unsigned long value;
  __asm__ volatile("rdtime %0" : "=r"(value)::"memory");
  return value;
}
