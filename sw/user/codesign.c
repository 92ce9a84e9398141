// Two jobs, each done in three ways: by this program, by the accelerator with the CPU moving every word, and
// by the accelerator with DMA and an interrupt. Prints the cycles of each from the program's side, system
// calls and copies included; the exit status is the number of wrong results.
#include "memio/accelerator.h"
#include "memio_user.h"

#define CRC_BYTES 65536u
#define ROWS 32u

static const char* const kWays[] = {"software", "device, polled", "device, DMA + irq"};
static const unsigned kModes[] = {0, ACCEL_POLLED, ACCEL_DMA};
enum { kWayCount = 3 };

static uint8_t text[CRC_BYTES];
static uint32_t left[ROWS * ROWS], right[ROWS * ROWS], product[ROWS * ROWS], expected[ROWS * ROWS];
static int failures;

static void report(const char* job, unsigned way, unsigned long cycles, unsigned long in_software) {
  const unsigned long tenths = (in_software * 10 + cycles / 2) / cycles;
  printf("  %-20s %-18s %10lu  %3lu.%lu\n", job, kWays[way], cycles, tenths / 10, tenths % 10);
}

static void fail(const char* job, unsigned way, int result) {
  printf("codesign: %s, %s: wrong (%d)\n", job, kWays[way], result);
  failures++;
}

// A byte at a time with a table, as in most programs.
static uint32_t software_crc(const uint8_t* data, unsigned bytes) {
  static uint32_t table[256];
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t entry = i;
    for (int bit = 0; bit < 8; bit++) entry = entry & 1 ? entry >> 1 ^ 0xEDB88320u : entry >> 1;
    table[i] = entry;
  }
  uint32_t crc = ~0u;
  while (bytes-- > 0) crc = table[(crc ^ *data++) & 255] ^ crc >> 8;
  return ~crc;
}

static void software_multiply(uint32_t* to) {
  for (unsigned row = 0; row < ROWS; row++) {
    for (unsigned column = 0; column < ROWS; column++) {
      uint32_t sum = 0;
      for (unsigned k = 0; k < ROWS; k++) sum += left[row * ROWS + k] * right[k * ROWS + column];
      to[row * ROWS + column] = sum;
    }
  }
}

static void crc_jobs(int device) {
  unsigned long in_software = 0;
  const uint32_t wanted = software_crc(text, CRC_BYTES);  // also touches all pages
  for (unsigned way = 0; way < kWayCount; way++) {
    struct accel_crc32 job = {kModes[way], CRC_BYTES, text, 0};
    const unsigned long start = read_cycles();
    int result = 0;
    if (way == 0)
      job.result = software_crc(text, CRC_BYTES);
    else
      result = ioctl(device, ACCEL_CRC32, &job);
    const unsigned long cycles = read_cycles() - start;
    if (way == 0) in_software = cycles;
    if (result != 0 || job.result != wanted)
      fail("CRC-32", way, result);
    else
      report("CRC-32 of 64 KiB", way, cycles, in_software);
  }
}

static void multiply_jobs(int device) {
  unsigned long in_software = 0;
  software_multiply(expected);
  for (unsigned way = 0; way < kWayCount; way++) {
    struct accel_multiply job = {kModes[way], ROWS, left, right, product};
    int result = 0;
    for (unsigned i = 0; i < ROWS * ROWS; i++) product[i] = 0;
    const unsigned long start = read_cycles();
    if (way == 0)
      software_multiply(product);
    else
      result = ioctl(device, ACCEL_MULTIPLY, &job);
    const unsigned long cycles = read_cycles() - start;
    if (way == 0) in_software = cycles;
    unsigned wrong = 0;
    for (unsigned i = 0; i < ROWS * ROWS; i++) wrong += product[i] != expected[i];
    if (result != 0 || wrong != 0)
      fail("matrix product", way, result);
    else
      report("32 x 32 product", way, cycles, in_software);
  }
}

int main(void) {
  uint32_t seed = 1;
  for (unsigned i = 0; i < CRC_BYTES; i++) text[i] = (uint8_t)((seed = seed * 1664525u + 1013904223u) >> 24);
  for (unsigned i = 0; i < ROWS * ROWS; i++) {
    left[i] = (seed = seed * 1664525u + 1013904223u) >> 8;
    right[i] = (seed = seed * 1664525u + 1013904223u) >> 8;
  }
  const int device = open("/dev/accel0", O_RDWR);
  if (device < 0) {
    printf("codesign: no /dev/accel0 (%d)\n", device);
    return 100;
  }
  printf("  %-20s %-18s %10s  %5s\n", "job", "done by", "cycles", "gain");
  crc_jobs(device);
  multiply_jobs(device);
  close(device);
  printf("codesign: %d wrong\n", failures);
  return failures;
}
