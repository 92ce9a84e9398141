// System calls (numbers as in Linux for RISC-V) and output of user programs.
#include "memio_user.h"

#include <stdarg.h>

#include "format.h"

enum {
  kIoctl = 29,
  kOpenat = 56,
  kClose = 57,
  kRead = 63,
  kWrite = 64,
  kExit = 93,
  kClockGettime = 113,
  kGetpid = 172,
  kBrk = 214,
  kMunmap = 215,
  kMmap = 222,
  kMprotect = 226,
  kMlockall = 230,
};

static const int kCurrentFolder = -100;

static long system_call4(long number, long first, long second, long third, long fourth) {
  register long a0 __asm__("a0") = first;
  register long a1 __asm__("a1") = second;
  register long a2 __asm__("a2") = third;
  register long a3 __asm__("a3") = fourth;
  register long a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a7) : "memory");
  return a0;
}

static long system_call(long number, long first, long second, long third) {
  return system_call4(number, first, second, third, 0);
}

void exit(int status) {
  for (;;) system_call(kExit, status, 0, 0);
}

long write(int file, const void* data, size_t count) {
  return system_call(kWrite, file, (long)data, (long)count);
}

int open(const char* path, int flags) { return (int)system_call(kOpenat, kCurrentFolder, (long)path, flags); }
int close(int file) { return (int)system_call(kClose, file, 0, 0); }
long read(int file, void* data, size_t count) { return system_call(kRead, file, (long)data, (long)count); }
int ioctl(int file, unsigned command, void* argument) {
  return (int)system_call(kIoctl, file, (long)command, (long)argument);
}

int getpid(void) { return (int)system_call(kGetpid, 0, 0, 0); }

int clock_gettime(int clock, struct timespec* time) {
  return (int)system_call(kClockGettime, clock, (long)time, 0);
}

void* sbrk(intptr_t increment) {
  const long old_end = system_call(kBrk, 0, 0, 0);
  if (increment != 0 && system_call(kBrk, old_end + increment, 0, 0) != old_end + increment) return (void*)-1;
  return (void*)old_end;
}

// The kernel looks at neither file nor offset, which matter to files only.
void* mmap(void* address, size_t length, int protection, int flags, int file, long offset) {
  (void)file;
  (void)offset;
  return (void*)system_call4(kMmap, (long)address, (long)length, protection, flags);
}
int munmap(void* address, size_t length) { return (int)system_call(kMunmap, (long)address, (long)length, 0); }
int mprotect(void* address, size_t length, int protection) {
  return (int)system_call(kMprotect, (long)address, (long)length, protection);
}
int mlockall(int flags) { return (int)system_call(kMlockall, flags, 0, 0); }

int printf(const char* format, ...) {
  char line[256];
  va_list arguments;
  va_start(arguments, format);
  const size_t length = format_text(line, sizeof line, format, arguments);
  va_end(arguments);
  return (int)write(1, line, length);
}
