/*
 * Runtime of a generated program, common part: what a chunk record holds, devices, masks. The runtime is
 * written against the RISC-V privileged specification 1.12, chapters 3 and 4.
 *
 * A chunk is described by one record of `chunk_table` (see DESC_* below). start.S sets the CSRs, loads
 * x1..x31 and enters the chunk with mret; traps.S logs every trap and goes on behind it; report.S prints what
 * the chunk left. With FLOATING the f registers belong to the state. Not modelled: more than one hart,
 * interrupts that arrive by themselves.
 */
#pragma once

#if XLEN == 64
#define LX ld
#define SX sd
#define WORD .dword
#define MENVCFG_UPPER 0x30a /* the register that holds bit 63 of menvcfg */
#define SHIFT 3
#else
#define LX lw
#define SX sw
#define WORD .word
#define MENVCFG_UPPER 0x31a
#define SHIFT 2
#endif
#define W (XLEN / 8)

#define UART 0x10000000
#define UART_LSR 5
#define FINISHER 0x100000
#define FINISHER_PASS 0x5555
#define FINISHER_FAIL 0x13333
#define CLINT_MSIP 0x2000000
#define HOLE 0x1f000000
#define CLINT_MTIMECMP 0x2004000

/* Fields of a chunk record, in words of XLEN bits; layout.py has the same list. */
#define DESC_ENTRY 0
#define DESC_END 1
#define DESC_MSTATUS 2
#define DESC_SATP 3
#define DESC_MEDELEG 4
#define DESC_MIDELEG 5
#define DESC_MIE 6
#define DESC_OFFSET 7
#define DESC_FLAGS 8
#define DESC_PMPCFG 9
#define DESC_PMPADDR 10
#define DESC_PTE_LIST 14
#define DESC_PTE_COUNT 15
#define DESC_COUNTEREN 16
#define DESC_FLOATS 17
#define DESC_FCSR 18
#define DESC_NESTED 19
#define DESC_SCOUNTEREN 20
#define DESC_X1 21
#define DESC_WORDS 52

#define FLAG_FENCE 1
#define FLAG_MTVEC_VECTORED 2
#define FLAG_STVEC_VECTORED 4
#define FLAG_SSTC 8

#define LOG_WORDS 5
#define LOG_ENTRIES 96

/* SIE MIE SPIE MPIE SPP MPP FS MPRV SUM MXR TVM TW TSR: what a chunk may change and the log shows. */
#define MSTATUS_FS 0x6000
#define MSTATUS_MASK 0x7e79aa
#define MSTATUS_MPRV_BIT 17
#define SSTATUS_MASK 0xc6122

#define STATE_WORDS 9
#define MIP_MASK 0x22a

#define LOCK_BASE 0x8040d000 /* pages that locked PMP entries cover */

#define DATA_WINDOW (0x80401000 - 64)
#define DATA_BOUNDARIES 9
#define WINDOW_BYTES 128

/* Register numbers for .irp. */
#define X1_TO_X29 \
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
#define X1_TO_X31 X1_TO_X29, 30, 31
#define X0_TO_X31 0, X1_TO_X31

// clang-format off
.option norelax
.option norvc
