// Floating-point registers to memory and back (struct float_state); sstatus.FS must not be off.
  .option arch, +f, +d
  .text
.macro each_float op
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, \
          18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
  \op f\n, (\n * 8)(a0)
  .endr
.endm

// void float_save(struct float_state*)
  .globl float_save
float_save:
  each_float fsd
  csrr t0, fcsr
  sw t0, (32 * 8)(a0)
  ret

// void float_load(const struct float_state*)
  .globl float_load
float_load:
  each_float fld
  lw t0, (32 * 8)(a0)
  csrw fcsr, t0
  ret
