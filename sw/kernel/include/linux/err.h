// Error numbers carried in pointers: the last 4095 addresses are never an object's.
#pragma once

#include <linux/errno.h>
#include <linux/types.h>

#define MAX_ERRNO 4095

static inline void* ERR_PTR(long error) { return (void*)error; }
static inline long PTR_ERR(const void* pointer) { return (long)pointer; }
static inline bool IS_ERR(const void* pointer) { return (unsigned long)pointer >= (unsigned long)-MAX_ERRNO; }
