// Names of kernel functions, from the table that tools/ksyms.py writes for the second link.
#include "kernel/platform.h"

extern "C" {
extern char _start[];
extern char __text_start[];
extern char __text_end[];

struct SymbolEntry {
  uint32_t address;  // offset from _start
  uint32_t name;     // offset into ksyms_names
};
extern const uint32_t ksyms_count;
extern const SymbolEntry ksyms_entries[];
extern const char ksyms_names[];
}

namespace memio {

bool is_kernel_text(unsigned long address) {
  return address >= reinterpret_cast<unsigned long>(__text_start) &&
         address < reinterpret_cast<unsigned long>(__text_end);
}

Symbol find_symbol(unsigned long address) {
  if (!is_kernel_text(address) || ksyms_count == 0) return {nullptr, 0};
  const unsigned long offset = address - reinterpret_cast<unsigned long>(_start);
  // The last entry not above `offset`; the first one is _start itself.
  const SymbolEntry* entries = ksyms_entries;
  uint32_t low = 0;
  uint32_t high = ksyms_count;
  while (high - low > 1) {
    const uint32_t middle = low + (high - low) / 2;
    if (entries[middle].address <= offset) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return {ksyms_names + entries[low].name, offset - entries[low].address};
}

}  // namespace memio
