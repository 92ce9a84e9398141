// The cache-block instructions of Zicbom (RISC-V CMO specification 1.0, section 2.4). The firmware lets the
// kernel use them (menvcfg.CBIE, CBCFE) where the device tree names the extension.
#include "kernel/cache_maintenance.h"

#include <asm/barrier.h>
#include <linux/kernel.h>

#include "fdt.h"

namespace memio {
namespace {

unsigned block_size;

// By their encodings, so that the assembler need not know them: MISC-MEM, funct3 2, operation in the
// immediate.
#define CACHE_BLOCK_INSTRUCTION(operation, address) \
  __asm__ volatile(".insn i 0x0f, 2, x0, %0, " #operation ::"r"(address) : "memory")

void maintain_block(CacheOperation operation, unsigned long address) {
  switch (operation) {
    case CacheOperation::kInvalidate:
      CACHE_BLOCK_INSTRUCTION(0, address);
      break;
    case CacheOperation::kClean:
      CACHE_BLOCK_INSTRUCTION(1, address);
      break;
    case CacheOperation::kFlush:
      CACHE_BLOCK_INSTRUCTION(2, address);
      break;
  }
}

}  // namespace

void cache_maintenance_init(const Fdt& tree) {
  tree.for_each([&](const FdtNode& node) {
    if (!tree.has_isa_extension(node.offset, "zicbom")) return false;
    const FdtProperty size = tree.property(node, "riscv,cbom-block-size");
    block_size = size ? size.cell(0) : 64;
    return true;
  });
  if (block_size == 0) return;
  if ((block_size & (block_size - 1)) != 0) panic("cache blocks of %u bytes", block_size);
  printk("cache: blocks of %u bytes can be cleaned and invalidated (Zicbom)\n", block_size);
}

unsigned cache_block_size() { return block_size; }

void cache_maintain(CacheOperation operation, const void* start, size_t size) {
  if (block_size == 0 || size == 0) return;
  mb();
  const unsigned long first = reinterpret_cast<unsigned long>(start) & ~(block_size - 1ul);
  const unsigned long last = (reinterpret_cast<unsigned long>(start) + size - 1) & ~(block_size - 1ul);
  for (unsigned long at = first;; at += block_size) {
    maintain_block(operation, at);
    if (at == last) break;
  }
  mb();
}

}  // namespace memio
