// Cache blocks made clean or forgotten for devices that do not see the caches (RISC-V CMO specification 1.0,
// Zicbom).
#pragma once

#include <linux/types.h>

namespace memio {

class Fdt;

enum class CacheOperation {
  kClean,       // written back
  kInvalidate,  // forgotten, also what was not written back
  kFlush,       // both
};

// arch/riscv/cache_maintenance.cpp
// Reads the block size from the device tree.
void cache_maintenance_init(const Fdt& tree);
// Bytes of a block; 0 when the hart has no such instructions.
unsigned cache_block_size();
// All blocks that [start, start + size) touches, in order with the accesses before and after. Does nothing
// without the instructions.
void cache_maintain(CacheOperation operation, const void* start, size_t size);

}  // namespace memio
