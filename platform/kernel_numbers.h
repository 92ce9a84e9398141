// Where the numbers of memio's kernel lie that a trace shows: the free blocks of each order in each zone.
//
// Found in the kernel's ELF file: its table .memory_info (sw/kernel/lib/memory_info.cpp) has the shapes, its
// symbols the places. The kernel's image is mapped as it lies in its segments, with paging or without.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/elf_image.h"
#include "platform/symbols.h"

namespace memio {

struct KernelNumber {
  std::string name;       ///< "free.Normal.order3": free blocks of 2^3 pages; "free.Normal.pages"
  std::uint64_t address;  ///< physical
  unsigned size;          ///< bytes, little endian
};

/// Empty for an image that is not such a kernel.
std::vector<KernelNumber> find_kernel_numbers(const ElfImage& image, const SymbolTable& symbols,
                                              unsigned xlen);

}  // namespace memio
