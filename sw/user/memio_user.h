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
#define O_RDONLY 0
#define O_RDWR 2
// Files of /proc, for reading, and of /dev: a file number from 3 on.
int open(const char* path, int flags);
int close(int file);
// A command of a device's own.
int ioctl(int file, unsigned command, void* argument);
// 0 is the console's input; 0 bytes: the end.
long read(int file, void* data, size_t count);
// Moves the end of the heap by `increment` bytes; its old end, or (void*)-1 when memory or room is out.
void* sbrk(intptr_t increment);

#define PROT_NONE 0
#define PROT_READ 1
#define PROT_WRITE 2
#define PROT_EXEC 4
#define MAP_PRIVATE 0x02
#define MAP_FIXED 0x10
#define MAP_ANONYMOUS 0x20
#define MCL_CURRENT 1
#define MCL_FUTURE 2
// Anonymous memory only (file -1); an address from (void*)-4095 on is a negative error number.
void* mmap(void* address, size_t length, int protection, int flags, int file, long offset);
int munmap(void* address, size_t length);
int mprotect(void* address, size_t length, int protection);
int mlockall(int flags);

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
