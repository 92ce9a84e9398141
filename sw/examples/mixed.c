// A mixed program for measuring: heap sort, CRC-32, matrix product and a chase through a list, ROUNDS times.
// Every part is checked; the exit status is the number of the first that is wrong.
#include "bare.h"

#ifndef ROUNDS
#define ROUNDS 2
#endif
#define SORT_COUNT 4096u
#define CRC_BYTES 16384u
#define MATRIX 32u
#define LIST_CELLS 4096u
#define LIST_STEPS 65536u

static uint32_t random_state;

static uint32_t next_random(void) {
  random_state = random_state * 1664525u + 1013904223u;
  return random_state >> 8;
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

static int sort_part(void) {
  static uint32_t values[SORT_COUNT];
  for (unsigned i = 0; i < SORT_COUNT; i++) values[i] = next_random();
  for (unsigned i = SORT_COUNT / 2; i-- > 0;) sift_down(values, i, SORT_COUNT);
  for (unsigned end = SORT_COUNT - 1; end > 0; end--) {
    const uint32_t largest = values[0];
    values[0] = values[end];
    values[end] = largest;
    sift_down(values, 0, end);
  }
  for (unsigned i = 1; i < SORT_COUNT; i++) {
    if (values[i - 1] > values[i]) return 0;
  }
  return 1;
}

// CRC-32 (IEEE 802.3), bitwise table of 256 entries.
static uint32_t crc32(const uint8_t* bytes, unsigned count) {
  static uint32_t table[256];
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; bit++) value = value >> 1 ^ (value & 1 ? 0xEDB88320u : 0);
    table[i] = value;
  }
  uint32_t crc = ~0u;
  for (unsigned i = 0; i < count; i++) crc = crc >> 8 ^ table[(crc ^ bytes[i]) & 0xff];
  return ~crc;
}

// The check value of the CRC catalogue, and the property that data with its CRC appended gives a constant.
static int crc_part(void) {
  static uint8_t bytes[CRC_BYTES + 4];
  if (crc32((const uint8_t*)"123456789", 9) != 0xCBF43926u) return 0;
  for (unsigned i = 0; i < CRC_BYTES; i++) bytes[i] = (uint8_t)next_random();
  const uint32_t crc = crc32(bytes, CRC_BYTES);
  for (unsigned i = 0; i < 4; i++) bytes[CRC_BYTES + i] = (uint8_t)(crc >> (8 * i));
  return crc32(bytes, CRC_BYTES + 4) == 0x2144DF1Cu;
}

// (A B) x = A (B x)
static int matrix_part(void) {
  static uint32_t a[MATRIX][MATRIX], b[MATRIX][MATRIX], product[MATRIX][MATRIX], x[MATRIX], bx[MATRIX];
  for (unsigned i = 0; i < MATRIX; i++) {
    x[i] = next_random();
    for (unsigned j = 0; j < MATRIX; j++) {
      a[i][j] = next_random();
      b[i][j] = next_random();
    }
  }
  for (unsigned i = 0; i < MATRIX; i++) {
    bx[i] = 0;
    for (unsigned j = 0; j < MATRIX; j++) {
      bx[i] += b[i][j] * x[j];
      uint32_t sum = 0;
      for (unsigned k = 0; k < MATRIX; k++) sum += a[i][k] * b[k][j];
      product[i][j] = sum;
    }
  }
  for (unsigned i = 0; i < MATRIX; i++) {
    uint32_t left = 0;
    uint32_t right = 0;
    for (unsigned j = 0; j < MATRIX; j++) {
      left += product[i][j] * x[j];
      right += a[i][j] * bx[j];
    }
    if (left != right) return 0;
  }
  return 1;
}

typedef struct Cell {
  struct Cell* next;
  uint32_t value;
} Cell;

// A ring of all cells in random order comes back to its first cell after LIST_CELLS steps.
static int list_part(void) {
  static Cell cells[LIST_CELLS];
  static uint16_t order[LIST_CELLS];
  for (unsigned i = 0; i < LIST_CELLS; i++) order[i] = (uint16_t)i;
  for (unsigned i = LIST_CELLS - 1; i > 0; i--) {
    const unsigned other = next_random() % (i + 1);
    const uint16_t swap = order[i];
    order[i] = order[other];
    order[other] = swap;
  }
  for (unsigned i = 0; i < LIST_CELLS; i++) {
    cells[order[i]] = (Cell){&cells[order[(i + 1) % LIST_CELLS]], 1};
  }
  const Cell* cell = cells;
  uint32_t sum = 0;
  for (unsigned i = 0; i < LIST_STEPS; i++) {
    sum += cell->value;
    cell = cell->next;
  }
  return cell == cells && sum == LIST_STEPS;
}

int main(void) {
  random_state = 1;
  for (unsigned round = 0; round < ROUNDS; round++) {
    if (!sort_part()) return 1;
    if (!crc_part()) return 2;
    if (!matrix_part()) return 3;
    if (!list_part()) return 4;
  }
  print("mixed: all parts right\n");
  return 0;
}
