// What the sources of the slab caches and of kmalloc() share.
#pragma once

namespace memio {

// kmalloc.cpp: the size caches.
void kmalloc_init();
// slab.cpp: reports that `function` was given something it cannot free.
void report_bad_free(const char* function, const void* object, const char* why, unsigned long caller);

}  // namespace memio
