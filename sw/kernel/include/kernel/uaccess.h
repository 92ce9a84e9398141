// Copies between kernel and user memory that survive a bad user address.
#pragma once

#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

// Both return the number of bytes that could not be copied.
unsigned long copy_from_user(void* to, const void __user* from, unsigned long n);
unsigned long copy_to_user(void __user* to, const void* from, unsigned long n);

#ifdef __cplusplus
}
#endif
