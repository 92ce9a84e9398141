// What a user program may ask of memory: areas, demand paging with the page of zeroes, locked memory, and the
// copies between user memory and the kernel. Pages in use are read from /proc/meminfo. The exit status is the
// number of wrong results.
#include "memio_user.h"
#include "string.h"

#define PAGE 4096ul
#define PAGES 256ul
#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)
#define READ_WRITE (PROT_READ | PROT_WRITE)

#define ENOENT 2
#define EBADF 9
#define ENOMEM 12
#define EACCES 13
#define EFAULT 14
#define EINVAL 22

static int failures;
static int checks;

static void check_equal(const char* what, long value, long expected) {
  checks++;
  if (value == expected) return;
  printf("memory: %s: got %ld, expected %ld\n", what, value, expected);
  failures++;
}
static void check(const char* what, int holds) { check_equal(what, holds != 0, 1); }

static char text[8192];

// Reads a whole file of /proc into `text`; its length or a negative error number.
static long read_file(const char* path) {
  const int file = open(path, 0);
  if (file < 0) return file;
  long length = 0;
  long count;
  while ((count = read(file, text + length, sizeof text - 1 - (size_t)length)) > 0) length += count;
  text[length] = 0;
  close(file);
  return count < 0 ? count : length;
}

static long free_kib(void) {
  if (read_file("/proc/meminfo") < 0) return -1;
  const char* at = strstr(text, "MemFree:");
  if (at == NULL) return -1;
  long value = 0;
  for (at += 8; *at == ' '; at++) continue;
  for (; *at >= '0' && *at <= '9'; at++) value = value * 10 + (*at - '0');
  return value;
}

static void demand_paging(void) {
  volatile char* area = mmap(NULL, PAGES * PAGE, READ_WRITE, ANONYMOUS, -1, 0);
  check("mmap gives a page address", (long)area > 0 && (long)area % PAGE == 0);
  area[0] = area[PAGES * PAGE / 2] = 0;
  const long before = free_kib();
  long sum = 0;
  for (unsigned long page = 0; page < PAGES; page++) sum += area[page * PAGE];
  check_equal("untouched memory reads as zero", sum, 0);
  const long after_reads = free_kib();
  // Tables of pages may be needed, pages are not.
  check("reads allocate no pages", before - after_reads <= 8);
  for (unsigned long page = 0; page < PAGES; page++) area[page * PAGE + 7] = (char)page;
  const long after_writes = free_kib();
  const long taken = (after_reads - after_writes) / 4;
  check("each write allocates a page", taken >= (long)PAGES - 2 && taken <= (long)PAGES + 2);
  for (unsigned long page = 0; page < PAGES; page++) sum += area[page * PAGE + 7] != (char)page;
  check_equal("writes stay", sum, 0);
  check_equal("munmap", munmap((void*)area, PAGES * PAGE), 0);
  const long given_back = (free_kib() - after_writes) / 4;
  check("munmap gives the pages back", given_back >= (long)PAGES - 2);
}

static void areas(void) {
  char* const base = mmap((void*)0x20000000, 4 * PAGE, READ_WRITE, ANONYMOUS | MAP_FIXED, -1, 0);
  check_equal("fixed address", (long)base, 0x20000000);
  base[0] = 1;
  base[3 * PAGE] = 4;
  check_equal("a hole in the middle", munmap(base + PAGE, 2 * PAGE), 0);
  check_equal("mprotect over the hole", mprotect(base, 4 * PAGE, PROT_READ), -ENOMEM);
  check_equal("the hole filled again",
              (long)mmap(base + PAGE, 2 * PAGE, READ_WRITE, ANONYMOUS | MAP_FIXED, -1, 0),
              (long)(base + PAGE));
  check("the ends kept their contents", base[0] == 1 && base[3 * PAGE] == 4 && base[PAGE] == 0);
  check_equal("mprotect", mprotect(base, 4 * PAGE, PROT_READ), 0);
  check_equal("read-only memory is no place to read into", read(open("/proc/version", 0), base, 8), -EFAULT);
  check_equal("mprotect back", mprotect(base, 4 * PAGE, READ_WRITE), 0);
  base[0] = 2;
  check("what was read-only holds its contents", base[0] == 2 && base[3 * PAGE] == 4);
  check_equal("munmap at an odd address", munmap(base + 1, PAGE), -EINVAL);
  check_equal("mmap of nothing", (long)mmap(NULL, 0, READ_WRITE, ANONYMOUS, -1, 0), -EINVAL);
  check_equal("mmap beyond user memory",
              (long)mmap((void*)-PAGE, PAGE, READ_WRITE, ANONYMOUS | MAP_FIXED, -1, 0), -ENOMEM);
  check_equal("munmap all", munmap(base, 4 * PAGE), 0);
}

static void heap(void) {
  char* const start = sbrk(10 * PAGE);
  check("sbrk", start != (void*)-1);
  memset(start, 0x5a, 10 * PAGE);
  sbrk(-(intptr_t)(9 * PAGE));
  char* const again = sbrk(9 * PAGE);
  check("a heap that shrank and grew is zeroed", again == start + PAGE && start[0] == 0x5a && again[0] == 0);
  char* const obstacle = mmap((void*)0x20000000, PAGE, PROT_READ, ANONYMOUS | MAP_FIXED, -1, 0);
  check("a heap does not grow over areas", sbrk(0x20000000) == (void*)-1);
  munmap(obstacle, PAGE);
}

static void copies(void) {
  check("read of /proc/version", read_file("/proc/version") > 0 && strstr(text, "memio kernel") != NULL);
  check("read of /proc/buddyinfo", read_file("/proc/buddyinfo") > 0 && strstr(text, "zone") != NULL);
  check_equal("no such file", open("/proc/nix", 0), -ENOENT);
  check_equal("files are read only", open("/proc/version", 1), -EACCES);
  check_equal("no such number", read(9, text, 1), -EBADF);
  check_equal("close of no such number", close(9), -EBADF);
  check_equal("write from nowhere", write(1, (const void*)8, 4), -EFAULT);
  check_equal("write from the kernel's half", write(1, (const void*)-64, 4), -EFAULT);
  const int file = open("/proc/version", 0);
  check_equal("read to nowhere", read(file, (void*)8, 4), -EFAULT);
  check_equal("a path that is nowhere", open((const char*)8, 0), -EFAULT);
  // A large copy to pages that are not there yet, from an odd address on.
  char* const area = mmap(NULL, 4 * PAGE, READ_WRITE, ANONYMOUS, -1, 0);
  const int slabs = open("/proc/slabinfo", 0);
  const long length = read(slabs, area + PAGE - 5, 2 * PAGE);
  check("a copy into fresh pages", length > 1000 && memcmp(area + PAGE - 5, "slabinfo", 8) == 0);
  check_equal("and nothing behind it", area[PAGE - 5 + length], 0);
  close(slabs);
  close(file);
  munmap(area, 4 * PAGE);
}

static void locked(void) {
  check_equal("mlockall of nothing", mlockall(0), -EINVAL);
  check_equal("mlockall", mlockall(MCL_CURRENT | MCL_FUTURE), 0);
  const long before = free_kib();
  char* const area = mmap(NULL, PAGES * PAGE, READ_WRITE, ANONYMOUS, -1, 0);
  const long taken = (before - free_kib()) / 4;
  check("locked memory has its pages at once", taken >= (long)PAGES - 2);
  munmap(area, PAGES * PAGE);
}

int main(void) {
  demand_paging();
  areas();
  heap();
  copies();
  locked();
  printf("memory: %d checks, %d wrong\n", checks, failures);
  return failures;
}
