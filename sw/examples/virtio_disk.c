// Reads and writes the virtio disk: sector SECTOR is read, changed, written, flushed and read again; a read
// behind the end must fail. Prints what it finds, the same on every machine with the same disk; 0 if all went
// well.
#include "bare_disk.h"

#define SECTOR 3u

int main(void) {
  if (!start()) return 1;
  print_value("sectors", slot[kConfig]);
  if (request(kIn, SECTOR) != 0) return 2;
  print_value("first byte", data[0]);
  print_value("last byte", data[SECTOR_SIZE - 1]);
  for (unsigned i = 0; i < SECTOR_SIZE; i++) data[i] ^= (uint8_t)i;
  if (request(kOut, SECTOR) != 0 || request(kFlush, 0) != 0) return 3;
  for (unsigned i = 0; i < SECTOR_SIZE; i++) data[i] = 0;
  if (request(kIn, SECTOR) != 0) return 4;
  print_value("first byte", data[0]);
  print_value("last byte", data[SECTOR_SIZE - 1]);
  return request(kIn, slot[kConfig]) == 1 ? 0 : 5;
}
