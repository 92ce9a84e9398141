// Files of /proc, opened: the text is made as a whole at the first read, so that it is of one moment, and
// read from a buffer. Printing may happen with locks held, so the buffer is not made larger on the way: if it
// was too small, the text is made again into one twice as large.
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>

#include "string.h"

namespace memio {
namespace {

constexpr char kFolder[] = "/proc/";
constexpr size_t kFolderLength = sizeof kFolder - 1;
constexpr size_t kFirstRoom = 4096;
constexpr size_t kMostRoom = 128u << 10;

kmem_cache* file_cache;

// What private_data points to.
struct ProcText {
  proc_show_t show;
  void* data;
  char* text;  // null until the first read
  size_t length;
  size_t room;
};

// Counts all of the text but stores what fits.
void store(seq_file* file, const char* piece, size_t length) {
  ProcText* text = static_cast<ProcText*>(file->private_data);
  const size_t free = text->length < text->room ? text->room - text->length : 0;
  memcpy(text->text + text->length, piece, length < free ? length : free);
  text->length += length;
}

int make_text(ProcText* text) {
  for (size_t room = kFirstRoom; room <= kMostRoom; room *= 2) {
    text->text = static_cast<char*>(kmalloc(room, GFP_KERNEL));
    if (text->text == nullptr) return -ENOMEM;
    text->room = room;
    text->length = 0;
    seq_file file = {store, text};
    const int error = text->show(&file, text->data);
    if (error == 0 && text->length <= room) return 0;
    kfree(text->text);
    text->text = nullptr;
    if (error != 0) return error;
  }
  return -ENOMEM;
}

long read_proc(file* file, char* buffer, size_t size, loff_t* position) {
  ProcText* text = static_cast<ProcText*>(file->private_data);
  const int error = text->text == nullptr ? make_text(text) : 0;
  if (error != 0) return error;
  const size_t at = static_cast<size_t>(*position);
  if (at >= text->length) return 0;
  const size_t count = size < text->length - at ? size : text->length - at;
  memcpy(buffer, text->text + at, count);
  *position += static_cast<loff_t>(count);
  return static_cast<long>(count);
}

void release_proc(file* file) {
  ProcText* text = static_cast<ProcText*>(file->private_data);
  kfree(text->text);
  kfree(text);
}

const file_operations kProcOperations = {read_proc, release_proc};

}  // namespace

extern "C" void files_init() {
  file_cache = kmem_cache_create("filp", sizeof(file), 0, SLAB_HWCACHE_ALIGN | SLAB_PANIC, nullptr, nullptr);
}

extern "C" file* filp_open(const char* path, int flags, int) {
  if ((flags & O_ACCMODE) != O_RDONLY) return static_cast<file*>(ERR_PTR(-EACCES));
  if (strncmp(path, kFolder, kFolderLength) != 0) return static_cast<file*>(ERR_PTR(-ENOENT));
  const proc_dir_entry* entry = proc_find(path + kFolderLength);
  if (entry == nullptr) return static_cast<file*>(ERR_PTR(-ENOENT));
  ProcText* text = static_cast<ProcText*>(kzalloc(sizeof(ProcText), GFP_KERNEL));
  file* opened = static_cast<file*>(kmem_cache_alloc(file_cache, GFP_KERNEL));
  if (text == nullptr || opened == nullptr) {
    kfree(text);
    if (opened != nullptr) kmem_cache_free(file_cache, opened);
    return static_cast<file*>(ERR_PTR(-ENOMEM));
  }
  text->show = entry->show;
  text->data = entry->data;
  *opened = {&kProcOperations, text, 0, static_cast<unsigned>(flags), 1};
  return opened;
}

extern "C" file* get_file(file* file) {
  file->f_count++;
  return file;
}

extern "C" int filp_close(file* file, void*) {
  if (--file->f_count != 0) return 0;
  if (file->f_op->release != nullptr) file->f_op->release(file);
  kmem_cache_free(file_cache, file);
  return 0;
}

extern "C" long vfs_read(file* file, char* buffer, size_t size) {
  return file->f_op->read(file, buffer, size, &file->f_pos);
}

}  // namespace memio
