// Part of asm/pgtable.h on a hart without an MMU: what callers of vmap() and ioremap() ask for. There is no
// entry to put it into; the machine's physical memory attributes decide.
#pragma once

#include <asm/pgtable_types.h>

#define pgprot_val(x) ((x).pgprot)
#ifdef __cplusplus
#define __pgprot(x) (pgprot_t{x})
#else
#define __pgprot(x) ((pgprot_t){x})
#endif

#define PAGE_KERNEL __pgprot(0)
#define PAGE_KERNEL_EXEC PAGE_KERNEL
#define PAGE_KERNEL_RO PAGE_KERNEL
#define pgprot_noncached(protection) (protection)
#define pgprot_writecombine(protection) (protection)
