// What the DMA functions see of the machine in the host tests: properties of devices, and cache blocks, of
// which each operation is noted.
#pragma once

#include <linux/types.h>

#include <map>
#include <string>
#include <vector>

namespace memio {

struct FakeDma {
  // Cells of properties by the offset of the device's node and their name.
  std::map<std::pair<u32, std::string>, std::vector<u32>> properties;
  unsigned block_size = 0;  // of the cache; 0: no instructions
  // "clean 0x80001000 64", one for each range, by physical address.
  std::vector<std::string> maintained;
};

extern FakeDma fake_dma;

}  // namespace memio
