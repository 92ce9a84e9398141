// Strings and memory: the functions of ISO C 7.24 that the kernel has, and copies on the heap.
#pragma once

#include <linux/types.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

// A copy of `text` from kmalloc, or of `size` bytes; null when memory is out or the source is null.
char* kstrdup(const char* text, gfp_t flags);
void* kmemdup(const void* bytes, size_t size, gfp_t flags);

#ifdef __cplusplus
}
#endif
