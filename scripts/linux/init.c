// The only user program of the small Linux: prints what the kernel knows of memory and interrupts, then works
// the machine from user space (disk, floating point, signals, timers, processes) and powers off. Freestanding
// and static, for RV32 and RV64; calls the kernel by the generic numbers of its asm-generic/unistd.h, of
// which RV32 has only those with 64-bit time. Each check prints "NAME: ok" or "NAME: FAILED"; the last line
// counts the failures. An argument `console` on the kernel's command line adds a loop that prints files by
// name.
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

enum {
  SYS_ioctl = 29,
  SYS_mkdirat = 34,
  SYS_umount2 = 39,
  SYS_mount = 40,
  SYS_openat = 56,
  SYS_close = 57,
  SYS_read = 63,
  SYS_write = 64,
  SYS_fsync = 82,
  SYS_exit = 93,
  SYS_waitid = 95,
  SYS_setitimer = 103,
  SYS_kill = 129,
  SYS_rt_sigaction = 134,
  SYS_reboot = 142,
  SYS_getpid = 172,
  SYS_munmap = 215,
  SYS_clone = 220,
  SYS_mmap = 222,
  SYS_clock_gettime = __riscv_xlen == 64 ? 113 : 403,
  SYS_clock_nanosleep = __riscv_xlen == 64 ? 115 : 407,
};
enum {
  O_RDONLY = 0,
  O_WRONLY = 1,
  O_RDWR = 2,
  O_CREAT = 0100,
  O_TRUNC = 01000,
  O_NOCTTY = 0400,
  O_NONBLOCK = 04000
};
enum { AT_FDCWD = -100, MS_RDONLY = 1, ENODEV = 19 };
enum {
  TCSETS = 0x5402,
  TCSBRK = 0x5409,
  TIOCMBIS = 0x5416,
  TIOCMBIC = 0x5417,
  TIOCGSERIAL = 0x541e,
  TIOCM_LOOP = 0x8000
};
enum { BLKROGET = 0x125e, BLKDISCARD = 0x1277, BLKZEROOUT = 0x127f };
enum { SIGUSR1 = 10, SIGSEGV = 11, SIGALRM = 14, SIGCHLD = 17 };
enum { CLOCK_REALTIME = 0, CLOCK_MONOTONIC = 1 };

static long call(long number, long a, long b, long c, long d, long e, long f) {
  register long a0 __asm__("a0") = a;
  register long a1 __asm__("a1") = b;
  register long a2 __asm__("a2") = c;
  register long a3 __asm__("a3") = d;
  register long a4 __asm__("a4") = e;
  register long a5 __asm__("a5") = f;
  register long a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7) : "memory");
  return a0;
}
#define CALL(number, a, b, c) call(number, (long)(a), (long)(b), (long)(c), 0, 0, 0)

struct Time {
  int64_t seconds;
  int64_t nanoseconds;
};

static unsigned failures;
static int disk_mounted;

void* memcpy(void* to, const void* from, size_t size) {
  for (size_t i = 0; i < size; i++) ((char*)to)[i] = ((const char*)from)[i];
  return to;
}

void* memset(void* to, int value, size_t size) {
  for (size_t i = 0; i < size; i++) ((char*)to)[i] = (char)value;
  return to;
}

static size_t length(const char* text) {
  size_t size = 0;
  while (text[size]) size++;
  return size;
}

static int same(const char* a, const char* b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

static void put(const char* text) { CALL(SYS_write, 1, text, length(text)); }

static void put_number(uint64_t value, unsigned base) {
  char digits[24];
  char* at = digits + sizeof digits - 1;
  *at = 0;
  do *--at = "0123456789abcdef"[value % base];
  while (value /= base);
  put(at);
}

static void sleep_for(int64_t nanoseconds) {
  const struct Time nap = {0, nanoseconds};
  call(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, (long)&nap, 0, 0, 0);
}

static void check(const char* name, int good) {
  put(name);
  put(good ? ": ok\n" : ": FAILED\n");
  if (!good) failures++;
}

static struct Time now(int clock) {
  struct Time time = {0, 0};
  CALL(SYS_clock_gettime, clock, &time, 0);
  return time;
}

// Into the kernel's log, so that the console shows it with the kernel's time.
static void phase(const char* name) {
  static char line[80];
  const long file = CALL(SYS_openat, AT_FDCWD, "/dev/kmsg", O_WRONLY);
  const size_t size = length(name);
  memcpy(line, "<5>phase ", 9);
  memcpy(line + 9, name, size);
  CALL(SYS_write, file, line, 9 + size);
  CALL(SYS_close, file, 0, 0);
}

static int print_file(const char* path) {
  static char buffer[4096];
  const long file = CALL(SYS_openat, AT_FDCWD, path, O_RDONLY);
  if (file < 0) return 0;
  for (long got; (got = CALL(SYS_read, file, buffer, sizeof buffer)) > 0;) CALL(SYS_write, 1, buffer, got);
  CALL(SYS_close, file, 0, 0);
  return 1;
}

static void show(const char* path) { check(path, print_file(path)); }

static int mount(const char* device, const char* place, const char* type, long flags) {
  CALL(SYS_mkdirat, AT_FDCWD, place, 0755);
  return call(SYS_mount, (long)device, (long)place, (long)type, flags, 0, 0) == 0;
}

// Zeroes written by the device, and a discard, on a disk without a file system.
static void try_clearing(long file) {
  enum { kSize = 64 << 10 };
  static uint8_t bytes[kSize];
  const uint64_t zeroed[2] = {0, kSize}, discarded[2] = {kSize, kSize};
  int good = CALL(SYS_ioctl, file, BLKZEROOUT, zeroed) == 0 && CALL(SYS_read, file, bytes, kSize) == kSize;
  for (int i = 0; good && i < kSize; i++) good = bytes[i] == 0;
  check("disk zeroes", good);
  check("disk discard", CALL(SYS_ioctl, file, BLKDISCARD, discarded) == 0);
}

// Writes and reads back a quarter of a megabyte, past the page cache in between.
static void try_disk(void) {
  enum { kBlock = 4096, kBlocks = 64 };
  static uint32_t block[kBlock / 4];
  int read_only = 0;
  long file = CALL(SYS_openat, AT_FDCWD, "/dev/vda", O_RDONLY);
  if (file < 0) return put("disk: none\n");
  CALL(SYS_ioctl, file, BLKROGET, &read_only);
  CALL(SYS_close, file, 0, 0);
  if (read_only) {
    put("disk: can only be read\n");
    disk_mounted = mount("/dev/vda", "/disk", "ext4", MS_RDONLY);
    check("disk mount", disk_mounted && print_file("/disk/text"));
    return;
  }
  disk_mounted = mount("/dev/vda", "/disk", "ext4", 0);
  const char* const path = disk_mounted ? "/disk/memio" : "/dev/vda";
  put(disk_mounted ? "disk: a file of its file system\n" : "disk: raw\n");
  file = CALL(SYS_openat, AT_FDCWD, path, disk_mounted ? O_WRONLY | O_CREAT | O_TRUNC : O_WRONLY);
  int good = file >= 0;
  for (uint32_t i = 0; good && i < kBlocks; i++) {
    for (uint32_t k = 0; k < kBlock / 4; k++) block[k] = i << 16 | k;
    good = CALL(SYS_write, file, block, kBlock) == kBlock;
  }
  check("disk write", good && CALL(SYS_fsync, file, 0, 0) == 0);
  CALL(SYS_close, file, 0, 0);
  file = CALL(SYS_openat, AT_FDCWD, "/proc/sys/vm/drop_caches", O_WRONLY);
  CALL(SYS_write, file, "3\n", 2);
  CALL(SYS_close, file, 0, 0);
  file = CALL(SYS_openat, AT_FDCWD, path, O_RDONLY);
  good = file >= 0;
  for (uint32_t i = 0; good && i < kBlocks; i++) {
    good = CALL(SYS_read, file, block, kBlock) == kBlock;
    for (uint32_t k = 0; good && k < kBlock / 4; k++) good = block[k] == (i << 16 | k);
  }
  check("disk read", good);
  CALL(SYS_close, file, 0, 0);
  if (disk_mounted) return;
  file = CALL(SYS_openat, AT_FDCWD, path, O_RDWR);
  try_clearing(file);
  CALL(SYS_close, file, 0, 0);
}

// The first serial port that the kernel works by inb and outb; negative if there is none.
static long open_port_serial(void) {
  static char path[] = "/dev/ttyS0";
  struct {
    int type, line;
    unsigned port;
    int rest[32];
  } serial = {0};
  for (char number = '0'; number < '4'; number++) {
    path[sizeof path - 2] = number;
    const long file = CALL(SYS_openat, AT_FDCWD, path, O_RDWR | O_NOCTTY | O_NONBLOCK);
    if (file < 0) continue;
    if (CALL(SYS_ioctl, file, TIOCGSERIAL, &serial) == 0 && serial.type != 0 && serial.port != 0) return file;
    CALL(SYS_close, file, 0, 0);
  }
  return -ENODEV;
}

// The serial port behind the PCI bridge, whose registers are in port space: says a line, and hears itself
// while the port is looped back.
static void try_pci_serial(void) {
  static const struct {
    uint32_t input, output, control, local;
    uint8_t line, characters[19];
  } raw = {0, 0, 0x18b2, 0, 0, {0}};  // 115200 baud, 8 bits, no modem lines; reads do not wait
  static const char spoken[] = "through port space\n";
  char heard[4];
  const int loop = TIOCM_LOOP;
  const long file = open_port_serial();
  if (file < 0) return put("pci serial: none\n");
  CALL(SYS_ioctl, file, TCSETS, &raw);
  int good = CALL(SYS_write, file, spoken, sizeof spoken - 1) == sizeof spoken - 1;
  good &= CALL(SYS_ioctl, file, TCSBRK, 1) == 0;  // waits until all is sent
  good &= CALL(SYS_ioctl, file, TIOCMBIS, &loop) == 0;
  good &= CALL(SYS_write, file, "loop", 4) == 4;
  unsigned size = 0;
  for (int i = 0; i < 100 && size < sizeof heard; i++) {
    const long got = CALL(SYS_read, file, heard + size, sizeof heard - size);
    if (got > 0) size += (unsigned)got;
    if (got <= 0) sleep_for(1000000);
  }
  for (unsigned i = 0; i < sizeof heard; i++) good &= size == sizeof heard && heard[i] == "loop"[i];
  CALL(SYS_ioctl, file, TIOCMBIC, &loop);
  CALL(SYS_close, file, 0, 0);
  check("pci serial", good);
}

static void try_random(void) {
  uint8_t bytes[8] = {0};
  const long file = CALL(SYS_openat, AT_FDCWD, "/dev/hwrng", O_RDONLY);
  if (file < 0) return put("rng: none\n");
  const long got = CALL(SYS_read, file, bytes, sizeof bytes);
  CALL(SYS_close, file, 0, 0);
  if (got == -ENODEV) return put("rng: none\n");
  check("rng", got > 0);
}

// The sum of 1/n^2 for n from 1 to 20000 in this order has this value and no other in IEEE 754 doubles.
static int sum_is_right(void) {
  double sum = 0;
  for (int n = 1; n <= 20000; n++) sum += 1.0 / ((double)n * n);
  double back = sum * sum;
  uint64_t bits;
  memcpy(&bits, &sum, sizeof bits);
#ifdef __riscv_flen
  __asm__ volatile("fsqrt.d %0, %1" : "=f"(back) : "f"(back));
#else
  back = sum;
#endif
  return bits == 0x3ffa5171f4e31786 && back == sum;
}

static volatile unsigned usr1, alarms;

static void on_signal(int number) {
  if (number == SIGUSR1) usr1++;
  if (number == SIGALRM) alarms++;
}

static void handle(int number, void (*handler)(int)) {
  struct {
    void (*handler)(int);
    unsigned long flags;
    uint64_t mask;
  } action = {handler, 0, 0};
  call(SYS_rt_sigaction, number, (long)&action, 0, sizeof action.mask, 0, 0);
}

static void set_interval(long microseconds) {
  const long timer[4] = {0, microseconds, 0, microseconds};
  CALL(SYS_setitimer, 0, timer, 0);
}

static long fork(void) { return CALL(SYS_clone, SIGCHLD, 0, 0); }

// How a child ended: its status, or 256 and the signal.
static int wait_for(long child) {
  int info[32] = {0};
  call(SYS_waitid, 1, child, (long)info, 4, 0, 0);
  const int at = __riscv_xlen == 64 ? 6 : 5;  // si_status, behind si_pid and si_uid
  return info[2] == 1 ? info[at] : 256 + info[at];
}

static void try_signals(void) {
  handle(SIGUSR1, on_signal);
  CALL(SYS_kill, CALL(SYS_getpid, 0, 0, 0), SIGUSR1, 0);
  check("signal", usr1 == 1);

  handle(SIGALRM, on_signal);
  set_interval(2000);
  int right = 1;
  while (alarms < 3) right &= sum_is_right();
  set_interval(0);
  check("timer signals in floating point", right);

  struct Time before = now(CLOCK_MONOTONIC);
  sleep_for(5000000);
  const struct Time after = now(CLOCK_MONOTONIC);
  const int64_t slept =
      (after.seconds - before.seconds) * 1000000000 + after.nanoseconds - before.nanoseconds;
  check("sleep", slept >= 5000000 && slept < 100000000);
}

static void try_processes(void) {
  const long bad = fork();
  if (bad == 0) {
    __asm__ volatile("sw zero, 16(zero)" ::: "memory");
    CALL(SYS_exit, 0, 0, 0);
  }
  check("segmentation fault", wait_for(bad) == 256 + SIGSEGV);
  long children[4];
  for (int i = 0; i < 4; i++) {
    children[i] = fork();
    if (children[i] == 0) CALL(SYS_exit, sum_is_right() ? 40 + i : 1, 0, 0);
  }
  int good = 1;
  for (int i = 0; i < 4; i++) good &= wait_for(children[i]) == 40 + i;
  check("processes", good);
}

// Touches 4 MiB page by page: demand paging.
static void try_memory(void) {
  enum { kSize = 4 << 20, kPage = 4096 };
  volatile uint32_t* const words = (volatile uint32_t*)call(SYS_mmap, 0, kSize, 3, 0x22, -1, 0);
  int good = (unsigned long)words < -4095UL;
  for (uint32_t i = 0; good && i < kSize / 4; i += kPage / 4) words[i] = i;
  for (uint32_t i = 0; good && i < kSize / 4; i += kPage / 4) good = words[i] == i && words[i + 1] == 0;
  check("demand paging", good && CALL(SYS_munmap, words, kSize, 0) == 0);
}

static void console_loop(void) {
  static char line[128];
  put("a file's name prints it, `off` ends\n");
  for (;;) {
    put("> ");
    long size = CALL(SYS_read, 0, line, sizeof line - 1);
    if (size <= 0) return;
    while (size > 0 && (line[size - 1] == '\n' || line[size - 1] == '\r')) size--;
    line[size] = 0;
    if (same(line, "off")) return;
    if (size > 0 && !print_file(line)) put("cannot open it\n");
  }
}

static void power_off(void) { call(SYS_reboot, (long)0xfee1dead, 0x28121969, 0x4321fedc, 0, 0, 0); }

__attribute__((used)) static void begin(const long* stack) {
  char* const* const arguments = (char* const*)(stack + 1);
  mount("proc", "/proc", "proc", 0);
  mount("sys", "/sys", "sysfs", 0);
  mount("dev", "/dev", "devtmpfs", 0);
  phase("files of /proc");
  show("/proc/cpuinfo");
  show("/proc/meminfo");
  show("/proc/buddyinfo");
  show("/proc/iomem");
  show("/proc/ioports");
  phase("memory and processes");
  put("seconds since 1970: ");
  put_number((uint64_t)now(CLOCK_REALTIME).seconds, 10);
  put("\n");
  check("floating point", sum_is_right());
  try_memory();
  try_signals();
  try_processes();
  try_random();
  try_pci_serial();
  phase("disk");
  try_disk();
  show("/proc/interrupts");
  phase("end");
  for (int i = 1; i < stack[0]; i++)
    if (same(arguments[i], "console")) console_loop();
  // Closes its journal, so that the disk can be mounted anew without being written to.
  if (disk_mounted) check("disk unmount", CALL(SYS_umount2, "/disk", 0, 0) == 0);
  put("init: ");
  put_number(failures, 10);
  put(" failed\n");
  power_off();
  for (;;) CALL(SYS_exit, 1, 0, 0);
}

__asm__(
    ".globl _start\n_start:\n"
    ".option push\n.option norelax\n  la gp, __global_pointer$\n.option pop\n"
    "  mv a0, sp\n  andi sp, sp, -16\n  tail begin\n");
