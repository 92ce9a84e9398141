// Start of a user program: the kernel gives a stack and zeroed .bss; main's result is the exit status.
  .section .text.start, "ax"
  .globl _start
_start:
  li s0, 0
  call main
  call exit
