// Tables of pieces of memory: see linux/scatterlist.h.
#include <linux/scatterlist.h>

#include "kernel/dma.h"
#include "string.h"

namespace memio {
namespace {

// Calls visit(address, bytes) for the first `size` bytes of the list; how many there were.
template <typename Visit>
size_t for_each_piece(scatterlist* list, unsigned count, size_t size, Visit visit) {
  size_t done = 0;
  for (unsigned i = 0; i < count && list != nullptr && done < size; i++, list = sg_next(list)) {
    const size_t bytes = list->length < size - done ? list->length : size - done;
    for_each_ram_page(sg_phys(list), bytes, visit);
    done += bytes;
  }
  return done;
}

}  // namespace

extern "C" {

void sg_init_table(scatterlist* list, unsigned count) {
  memset(list, 0, count * sizeof *list);
  sg_mark_end(&list[count - 1]);
}

void sg_init_one(scatterlist* sg, const void* buffer, unsigned length) {
  sg_init_table(sg, 1);
  sg_set_buf(sg, buffer, length);
}

int sg_nents(scatterlist* list) {
  int count = 0;
  for (; list != nullptr; list = sg_next(list)) count++;
  return count;
}

size_t sg_copy_from_buffer(scatterlist* list, unsigned count, const void* buffer, size_t size) {
  const char* from = static_cast<const char*>(buffer);
  return for_each_piece(list, count, size, [&from](char* to, size_t bytes) {
    memcpy(to, from, bytes);
    from += bytes;
  });
}

size_t sg_copy_to_buffer(scatterlist* list, unsigned count, void* buffer, size_t size) {
  char* to = static_cast<char*>(buffer);
  return for_each_piece(list, count, size, [&to](const char* from, size_t bytes) {
    memcpy(to, from, bytes);
    to += bytes;
  });
}

}  // extern "C"

}  // namespace memio
