// The control and status registers of the mode the kernel runs in: supervisor mode, or machine mode in the
// build without an MMU (RISC-V privileged specification, chapters 3 and 4).
#pragma once

#include "memio/asm.h"

#ifdef CONFIG_MMU
#define CSR_STATUS sstatus
#define CSR_IE sie
#define CSR_TVEC stvec
#define CSR_SCRATCH sscratch
#define CSR_EPC sepc
#define CSR_CAUSE scause
#define CSR_TVAL stval
#define STATUS_IE 2     /* SIE */
#define STATUS_PIE 32   /* SPIE */
#define STATUS_PP 0x100 /* SPP: the trap came from supervisor mode */
#define IRQ_TIMER 5
#define IRQ_EXTERNAL 9
#define TRAP_RETURN sret
#else
#define CSR_STATUS mstatus
#define CSR_IE mie
#define CSR_TVEC mtvec
#define CSR_SCRATCH mscratch
#define CSR_EPC mepc
#define CSR_CAUSE mcause
#define CSR_TVAL mtval
#define STATUS_IE 8      /* MIE */
#define STATUS_PIE 0x80  /* MPIE */
#define STATUS_PP 0x1800 /* MPP */
#define IRQ_TIMER 7
#define IRQ_EXTERNAL 11
#define TRAP_RETURN mret
#endif
#define STATUS_FS 0x6000 /* floating point: 0 off, all ones dirty */
#define STATUS_FS_CLEAN 0x4000
#define IRQ_BIT(number) (1 << (number))

#define CSR_NAME_(csr) #csr
#define CSR_NAME(csr) CSR_NAME_(csr)
