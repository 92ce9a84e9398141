// The first user program: bound by memory on purpose. The same number of accesses over the same 2 MiB (512
// pages) in different orders shows in the cycle counts what the TLBs cost: one page for many accesses, then a
// new page for each. Results are checked; the exit status is the number of wrong ones.
#include "memio_user.h"

#define PAGE 4096u
#define BUFFER_BYTES (4u << 20)
#define PAGES (BUFFER_BYTES / PAGE)
#define ACCESSES 32768u
#define SORT_COUNT 8192u

static int failures;

static void check(const char* name, unsigned value, unsigned expected) {
  if (value == expected) return;
  printf("init: %s: got 0x%x, expected 0x%x\n", name, value, expected);
  failures++;
}

static void report(const char* name, unsigned count, unsigned long cycles) {
  // In hundredths, as there is no floating point.
  const unsigned long hundredths = cycles / (count / 64) * 100 / 64;
  printf("  %-32s %6u  %9lu  %3lu.%02lu\n", name, count, cycles, hundredths / 100, hundredths % 100);
}

static uint32_t next_random(uint32_t* state) {
  *state = *state * 1664525u + 1013904223u;
  return *state >> 8;
}

// Writes one word in each page: each is a page fault that the kernel serves.
static void touch_pages(volatile uint32_t* buffer) {
  const unsigned long start = read_cycles();
  for (unsigned page = 0; page < PAGES; page++) buffer[page * (PAGE / 4)] = page;
  report("first touch (page faults)", PAGES, read_cycles() - start);
}

// ACCESSES loads, `stride` bytes apart, round and round in the buffer.
static void walk(const char* name, const uint8_t* buffer, uint32_t stride) {
  uint32_t at = 0;
  uint32_t sum = 0;
  const unsigned long start = read_cycles();
  for (unsigned i = 0; i < ACCESSES; i++) {
    sum += *(const volatile uint32_t*)(buffer + at);
    at = (at + stride) & (BUFFER_BYTES - 1);
  }
  report(name, ACCESSES, read_cycles() - start);
  // Only the first word of each page is not zero: it holds the page's number.
  uint32_t expected = 0;
  for (unsigned i = 0; i < ACCESSES; i++) {
    const uint32_t place = (i * stride) & (BUFFER_BYTES - 1);
    if (place % PAGE == 0) expected += place / PAGE;
  }
  check(name, sum, expected);
}

// Follows a ring of PAGES cells that lie `spacing` bytes apart and are linked in random order.
static void chase(const char* name, uint8_t* buffer, unsigned spacing) {
  static uint16_t order[PAGES];
  uint32_t seed = 1;
  for (unsigned i = 0; i < PAGES; i++) order[i] = (uint16_t)i;
  for (unsigned i = PAGES - 1; i > 0; i--) {
    const unsigned other = next_random(&seed) % (i + 1);
    const uint16_t swap = order[i];
    order[i] = order[other];
    order[other] = swap;
  }
  for (unsigned i = 0; i < PAGES; i++) {
    *(void**)(buffer + order[i] * spacing) = buffer + order[(i + 1) % PAGES] * spacing;
  }
  void* const first = buffer + order[0] * spacing;
  void* cell = first;
  const unsigned long start = read_cycles();
  for (unsigned i = 0; i < ACCESSES; i++) cell = *(void* volatile*)cell;
  report(name, ACCESSES, read_cycles() - start);
  check(name, cell == first, 1);
}

static void sift_down(uint32_t* heap, unsigned root, unsigned count) {
  const uint32_t value = heap[root];
  for (unsigned child; (child = 2 * root + 1) < count; root = child) {
    if (child + 1 < count && heap[child + 1] > heap[child]) child++;
    if (heap[child] <= value) break;
    heap[root] = heap[child];
  }
  heap[root] = value;
}

static void heap_sort(uint32_t* values, unsigned count) {
  for (unsigned i = count / 2; i-- > 0;) sift_down(values, i, count);
  for (unsigned end = count - 1; end > 0; end--) {
    const uint32_t largest = values[0];
    values[0] = values[end];
    values[end] = largest;
    sift_down(values, 0, end);
  }
}

static void sort(uint32_t* values) {
  uint32_t seed = 7;
  for (unsigned i = 0; i < SORT_COUNT; i++) values[i] = next_random(&seed);
  const unsigned long start = read_cycles();
  heap_sort(values, SORT_COUNT);
  report("heap sort of 8192 words", SORT_COUNT, read_cycles() - start);
  uint32_t inversions = 0;
  for (unsigned i = 1; i < SORT_COUNT; i++) inversions += values[i - 1] > values[i];
  check("sort", inversions, 0);
}

int main(void) {
  const unsigned long start = read_time();
  printf("init: pid %d, %u KiB in %u pages\n", getpid(), BUFFER_BYTES >> 10, PAGES);
  uint8_t* heap = sbrk(BUFFER_BYTES + PAGE);
  if (heap == (void*)-1) {
    printf("init: no memory\n");
    return 100;
  }
  uint8_t* const bytes = (uint8_t*)(((uintptr_t)heap + PAGE - 1) & ~(uintptr_t)(PAGE - 1));
  uint32_t* const words = (uint32_t*)bytes;

  printf("  %-32s %6s  %9s  %6s\n", "access pattern", "count", "cycles", "each");
  touch_pages(words);
  walk("stride 4 (1024 to a page)", bytes, 4);
  walk("stride 64 (64 to a page)", bytes, 64);
  walk("stride 4096 (a page each)", bytes, PAGE);
  walk("stride 4096 + 64", bytes, PAGE + 64);
  chase("chase, 1024 cells, 16 pages", bytes, 64);
  chase("chase, 1024 cells, 1024 pages", bytes, PAGE);
  sort(words);

  struct timespec now;
  clock_gettime(1, &now);
  printf("init: %lu timer ticks, %d wrong, now %d.%06ld s\n", read_time() - start, failures, (int)now.tv_sec,
         now.tv_nsec / 1000);
  return failures;
}
