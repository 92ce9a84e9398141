// Copies on the heap (linux/string.h).
#include <linux/slab.h>
#include <linux/string.h>

extern "C" void* kmemdup(const void* bytes, size_t size, gfp_t flags) {
  void* copy = bytes == nullptr ? nullptr : kmalloc(size, flags);
  if (copy != nullptr) memcpy(copy, bytes, size);
  return copy;
}

extern "C" char* kstrdup(const char* text, gfp_t flags) {
  return text == nullptr ? nullptr : static_cast<char*>(kmemdup(text, strlen(text) + 1, flags));
}
