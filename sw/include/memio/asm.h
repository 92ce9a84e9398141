// Register-width macros for assembler files, so that RV32 and RV64 are one source, and CSR bits used by all
// guest software. Source: RISC-V privileged specification, chapters 3 and 4.
#pragma once

#if __riscv_xlen == 64
#define REG_S sd
#define REG_L ld
#define REG_BYTES 8
#define REG_WORD .dword
#else
#define REG_S sw
#define REG_L lw
#define REG_BYTES 4
#define REG_WORD .word
#endif

#define MSTATUS_MIE (1 << 3)
#define MSTATUS_MPIE (1 << 7)
#define MSTATUS_SPP (1 << 8)
#define MSTATUS_MPP_S (1 << 11)
#define MSTATUS_MPP_MASK (3 << 11)
#define MSTATUS_MPRV (1 << 17)
#define MSTATUS_MXR (1 << 19)

#define SSTATUS_SIE (1 << 1)
#define SSTATUS_SPIE (1 << 5)
#define SSTATUS_SPP (1 << 8)
#define SSTATUS_SUM (1 << 18)

#define IRQ_BIT_SSOFT (1 << 1)
#define IRQ_BIT_MSOFT (1 << 3)
#define IRQ_BIT_STIMER (1 << 5)
#define IRQ_BIT_MTIMER (1 << 7)
#define IRQ_BIT_SEXT (1 << 9)

#ifndef __ASSEMBLER__
// One level more, so that the register may be a macro that names it.
#define CSR_READ(csr) CSR_READ_(csr)
#define CSR_WRITE(csr, value) CSR_WRITE_(csr, value)
#define CSR_SET(csr, bits) CSR_SET_(csr, bits)
#define CSR_CLEAR(csr, bits) CSR_CLEAR_(csr, bits)
#define CSR_READ_(csr)                                               \
  ({                                                                 \
    unsigned long csr_value_;                                        \
    __asm__ volatile("csrr %0, " #csr : "=r"(csr_value_)::"memory"); \
    csr_value_;                                                      \
  })
#define CSR_WRITE_(csr, value) __asm__ volatile("csrw " #csr ", %0" ::"rK"((unsigned long)(value)) : "memory")
#define CSR_SET_(csr, bits) __asm__ volatile("csrs " #csr ", %0" ::"rK"((unsigned long)(bits)) : "memory")
#define CSR_CLEAR_(csr, bits) __asm__ volatile("csrc " #csr ", %0" ::"rK"((unsigned long)(bits)) : "memory")
#endif
