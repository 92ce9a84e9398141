// Protections of kernel mappings.
#pragma once

#include <asm/pgtable_types.h>

#define pgprot_val(protection) ((protection).pgprot)
#define __pgprot(bits) ((pgprot_t){(bits)})

#define PAGE_KERNEL \
  __pgprot(_PAGE_PRESENT | _PAGE_READ | _PAGE_WRITE | _PAGE_GLOBAL | _PAGE_ACCESSED | _PAGE_DIRTY)

// Memory attributes of device registers, and of memory whose writes may be combined. Entries without Svpbmt
// have no bits for them.
#define pgprot_noncached(protection) (protection)
#define pgprot_writecombine(protection) (protection)
