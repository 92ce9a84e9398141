// Loader of static executables (System V gABI, chapter 5; RISC-V ELF psABI for the machine number). No
// interpreter, no relocation.
#include <asm/page.h>
#include <linux/kernel.h>
#include <linux/mman.h>
#include <linux/vma.h>

#include "kernel/process.h"
#include "string.h"

namespace memio {
namespace {

struct ElfHeader {
  u8 ident[16];
  u16 type;
  u16 machine;
  u32 version;
  unsigned long entry;
  unsigned long program_headers;
  unsigned long section_headers;
  u32 flags;
  u16 header_size;
  u16 program_header_size;
  u16 program_header_count;
};

#if __riscv_xlen == 64
struct ProgramHeader {
  u32 type;
  u32 flags;
  u64 offset, vaddr, paddr, file_size, memory_size, align;
};
#else
struct ProgramHeader {
  u32 type;
  u32 offset, vaddr, paddr, file_size, memory_size;
  u32 flags;
  u32 align;
};
#endif

constexpr u8 kClass = __riscv_xlen == 64 ? 2 : 1;
constexpr u16 kExecutable = 2;
constexpr u16 kMachineRiscv = 243;
constexpr u32 kLoad = 1;
constexpr u32 kFlagExecute = 1;
constexpr u32 kFlagWrite = 2;

unsigned long rights_of(const ProgramHeader& header) {
  unsigned long rights = PROT_READ;
  if ((header.flags & kFlagExecute) != 0) rights |= PROT_EXEC;
  if ((header.flags & kFlagWrite) != 0) rights |= PROT_WRITE;
  return rights;
}

bool is_executable(const ElfHeader& header) {
  return memcmp(header.ident, "\177ELF", 4) == 0 && header.ident[4] == kClass && header.type == kExecutable &&
         header.machine == kMachineRiscv && header.program_header_size == sizeof(ProgramHeader);
}

bool load_segment(ByteRange file, const ProgramHeader& header, mm_struct* mm) {
  if (header.offset > file.size || header.file_size > file.size - header.offset) return false;
  if (header.file_size > header.memory_size || header.memory_size > ~header.vaddr) return false;
  const unsigned long start = header.vaddr & PAGE_MASK;
  const unsigned long end = header.vaddr + header.memory_size;
  if (find_vma_intersection(mm, start, end) != nullptr) return false;
  if (do_mmap_in(mm, start, end - start, rights_of(header), MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED) !=
      start) {
    return false;
  }
  const int size = static_cast<int>(header.file_size);
  return access_process_vm(mm, header.vaddr, const_cast<u8*>(file.data) + header.offset, size, 1) == size;
}

unsigned long reject(const char* reason) {
  printk("elf: %s\n", reason);
  return 0;
}

}  // namespace

unsigned long elf_load(ByteRange file, mm_struct* mm) {
  ElfHeader header;
  if (file.size < sizeof header) return reject("file too short");
  memcpy(&header, file.data, sizeof header);
  if (!is_executable(header)) return reject("not an executable of this machine");
  const unsigned long table_size =
      static_cast<unsigned long>(header.program_header_count) * sizeof(ProgramHeader);
  if (header.program_headers > file.size || table_size > file.size - header.program_headers) {
    return reject("program headers outside the file");
  }
  unsigned long end = 0;
  for (unsigned i = 0; i < header.program_header_count; i++) {
    ProgramHeader program;
    memcpy(&program, file.data + header.program_headers + i * sizeof program, sizeof program);
    if (program.type != kLoad || program.memory_size == 0) continue;
    if (!load_segment(file, program, mm)) return reject("segment outside file or user space, or no memory");
    if (program.vaddr + program.memory_size > end) end = program.vaddr + program.memory_size;
  }
  mm->start_brk = mm->brk = PAGE_ALIGN(end);
  __asm__ volatile("fence.i" ::: "memory");
  return header.entry;
}

}  // namespace memio
