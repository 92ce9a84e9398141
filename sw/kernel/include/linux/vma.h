// The user half of an address space: areas of equal rights, and the pages in them, made on demand. Bodies:
// mm/vma.cpp (list of areas), mm/mmap.cpp (system calls), mm/memory.cpp (pages). Only private anonymous
// memory: no files, no sharing, no fork, no swap. The caller holds mm->mmap_sem wherever an `mm` is given, or
// is the only one who knows it.
#pragma once

#include <linux/mm_types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct file;
struct task_struct;

// Rights and kinds of an area.
#define VM_READ 0x1ul
#define VM_WRITE 0x2ul
#define VM_EXEC 0x4ul
#define VM_LOCKED 0x2000ul  // populated as a whole when it is made

struct vm_area_struct {
  struct mm_struct* vm_mm;
  unsigned long vm_start;
  unsigned long vm_end;  // of the first byte behind it
  unsigned long vm_flags;
  pgprot_t vm_page_prot;  // of the entries of its own pages
  struct vm_area_struct* vm_next;
  struct vm_area_struct* vm_prev;
};

// An empty address space with the kernel's upper half; null when memory is out.
struct mm_struct* mm_alloc(void);
// Frees all its pages, areas and tables. It must not be the active one.
void mmput(struct mm_struct* mm);
// Makes the slab caches; once.
void vma_init(void);

// The first area that ends above `addr`; it need not contain it. Null behind the last one.
struct vm_area_struct* find_vma(struct mm_struct* mm, unsigned long addr);
// The first area that has a byte of [start, end), or null.
struct vm_area_struct* find_vma_intersection(struct mm_struct* mm, unsigned long start, unsigned long end);

// Maps `len` bytes in the current task's address space, at `addr` if that is free or MAP_FIXED is given, else
// where there is room. `file` must be null. Neighbours of equal rights become one area. The address, or a
// negative error number: EINVAL, ENOMEM, ENODEV.
unsigned long do_mmap(struct file* file, unsigned long addr, unsigned long len, unsigned long prot,
                      unsigned long flags, unsigned long offset);
// The same in any address space.
unsigned long do_mmap_in(struct mm_struct* mm, unsigned long addr, unsigned long len, unsigned long prot,
                         unsigned long flags);
// Takes [start, start + len) away, with its pages; areas that reach out of it are cut. 0, -EINVAL or -ENOMEM.
int do_munmap(struct mm_struct* mm, unsigned long start, unsigned long len);
#define do_ummap(mm, start, len) do_munmap((mm), (start), (len))
// Changes the rights of a range without gaps. 0, -EINVAL or -ENOMEM.
int do_mprotect(struct mm_struct* mm, unsigned long start, unsigned long len, unsigned long prot);
// Moves the end of the heap, which began at mm->start_brk; the end it has then, the old one on failure.
unsigned long do_brk(struct mm_struct* mm, unsigned long end);
// Populates what is there (MCL_CURRENT) and all that will be (MCL_FUTURE). 0, -EINVAL or -ENOMEM.
int do_mlockall(struct mm_struct* mm, unsigned long flags);

// What handle_mm_fault says.
#define VM_FAULT_OOM (-1)
#define VM_FAULT_SIGBUS 0
#define VM_FAULT_MINOR 1
// Makes `address`, in `vma`, readable or writable as the area allows: a read maps the page of zeroes
// read-only, a write allocates a page.
int handle_mm_fault(struct mm_struct* mm, struct vm_area_struct* vma, unsigned long address,
                    int write_access);

// The pages of `len` pages of `mm` from `start` on, each with one more reference, made if they are missing:
// for writing if `write`. `force` ignores the area's rights. `tsk` may be null; `pages` and `vmas` too, if
// they are not wanted. How many there are, or -EFAULT or -ENOMEM if the first cannot be had. put_page() each.
int get_user_pages(struct task_struct* tsk, struct mm_struct* mm, unsigned long start, int len, int write,
                   int force, struct page** pages, struct vm_area_struct** vmas);
// Copies from (`write`: to) another address space, whatever the rights there; the number of bytes done.
int access_process_vm(struct mm_struct* mm, unsigned long addr, void* buffer, int len, int write);

#ifdef __cplusplus
}
#endif
