// The user program: where it comes from and how it is started.
#pragma once

#include <asm/ptrace.h>
#include <linux/sched.h>
#include <linux/types.h>

namespace memio {

class Fdt;

// proc/initrd.cpp: the file `name` in a cpio archive of the "newc" format; null when it is not there.
struct ByteRange {
  const u8* data = nullptr;
  unsigned long size = 0;
};
ByteRange initrd_file(ByteRange archive, const char* name);

// proc/elf.cpp: loads an executable of this XLEN; 0 and a message on any defect, else the entry address.
unsigned long elf_load(ByteRange file, mm_struct* mm);

// proc/exec.cpp: runs /init of the initrd as process 1 and waits for its end. Its exit status; with a
// message, 0 when there is no initrd and 1 when there is one without a program that can be started.
int run_init(const Fdt& tree);

// proc/proc_files.cpp: enters the files of /proc that belong to no other part.
void proc_files_init();

// proc/syscall.cpp: numbers as in Linux for RISC-V, number in a7, result in a0.
void system_call(pt_regs* regs);

// proc/syscall_file.cpp: the calls about files; negative error numbers.
long sys_openat(const char* path, unsigned long flags);
long sys_close(unsigned long fd);
long sys_read(unsigned long fd, char* data, unsigned long count);
long sys_write(unsigned long fd, const char* data, unsigned long count);
long sys_ioctl(unsigned long fd, unsigned long command, unsigned long arg);
// Closes what the task has open, at its end.
void close_files(task_struct* task);

}  // namespace memio
