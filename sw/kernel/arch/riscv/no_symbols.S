// An empty table of functions, for the first of the kernel's two links; tools/ksyms.py writes the real one.
  .section .rodata, "a"
  .balign 4
  .weak ksyms_count
ksyms_count:
  .word 0
  .weak ksyms_entries
ksyms_entries:
  .word 0, 0
  .weak ksyms_names
ksyms_names:
  .word 0
