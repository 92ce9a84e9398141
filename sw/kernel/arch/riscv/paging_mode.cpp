// What the hart can do with page tables: the number of levels (option `paging=`) and memory attributes.
#include <asm/pgtable.h>
#include <linux/kernel.h>

#include "fdt.h"
#include "kernel/command_line.h"
#include "kernel/memory.h"
#include "string.h"

namespace memio {
namespace {

#if BITS_PER_LONG == 64
// The tables of head.S are Sv39's.
void choose_levels(const char* wanted) {
  if (wanted != nullptr && strcmp(wanted, "sv48") == 0) {
    if (!enter_sv48()) printk("paging: the hart has no Sv48; taking sv39\n");
  } else if (wanted != nullptr && strcmp(wanted, "sv39") != 0) {
    printk("paging: unknown paging=%s; sv39 and sv48 are allowed; taking sv39\n", wanted);
  }
  printk("paging: Sv%u\n", 9 * pgtable_levels + 12);
}

// The firmware has switched on what the tree names (menvcfg.PBMTE).
void find_attributes(const Fdt& tree) {
  pgtable_has_svpbmt =
      tree.for_each([&](const FdtNode& node) { return tree.has_isa_extension(node.offset, "svpbmt"); });
  if (pgtable_has_svpbmt) printk("paging: memory attributes in page tables (Svpbmt)\n");
}
#else
void choose_levels(const char* wanted) {
  if (wanted != nullptr && strcmp(wanted, "sv32") != 0) {
    printk("paging: unknown paging=%s; sv32 is all RV32 has\n", wanted);
  }
  printk("paging: Sv32\n");
}

// Sv32's entries have no room for attributes.
void find_attributes(const Fdt&) {}
#endif

}  // namespace

const char* translation_name() { return BITS_PER_LONG == 64 ? "Sv39" : "Sv32"; }

void paging_mode_init(const Fdt& tree) {
  char value[16];
  choose_levels(command_line_value("paging", value, sizeof value) ? value : nullptr);
  find_attributes(tree);
}

}  // namespace memio
