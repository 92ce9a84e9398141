// Kernel threads that work in a user address space. Bodies: sched/address_switch.cpp.
#pragma once

#include <linux/mm_types.h>

#ifdef __cplusplus
extern "C" {
#endif

// Makes `mm` the address space of the current kernel thread, which must have none, until unuse_mm(). The
// thread must end neither before that nor before the last use of `mm`.
void use_mm(struct mm_struct* mm);
void unuse_mm(struct mm_struct* mm);

#ifdef __cplusplus
}
#endif
