// Open files. The text of a file of /proc is made as a whole at the first read, so that it is of one moment,
// and read from a buffer. Printing may happen with locks held, so the buffer is not made larger on the way:
// if it was too small, the text is made again into one twice as large.
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>

#include "string.h"

namespace memio {
namespace {

constexpr char kProc[] = "/proc/";
constexpr char kDevices[] = "/dev/";
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

const file_operations kProcOperations = {read_proc, release_proc, nullptr, nullptr};

// What stands behind `folder` in `path`; null if it is elsewhere.
template <size_t size>
const char* name_in(const char* path, const char (&folder)[size]) {
  return strncmp(path, folder, size - 1) == 0 ? path + (size - 1) : nullptr;
}

int open_proc(file* file, const char* name) {
  if ((file->f_flags & O_ACCMODE) != O_RDONLY) return -EACCES;
  const proc_dir_entry* entry = proc_find(name);
  if (entry == nullptr) return -ENOENT;
  ProcText* text = static_cast<ProcText*>(kzalloc(sizeof(ProcText), GFP_KERNEL));
  if (text == nullptr) return -ENOMEM;
  text->show = entry->show;
  text->data = entry->data;
  file->f_op = &kProcOperations;
  file->private_data = text;
  return 0;
}

int open_device(file* file, const char* name) {
  miscdevice* misc = misc_find(name);
  if (misc == nullptr) return -ENOENT;
  file->f_op = misc->fops;
  file->private_data = misc;
  return misc->fops->open == nullptr ? 0 : misc->fops->open(file);
}

int open_path(file* file, const char* path) {
  if (const char* name = name_in(path, kProc)) return open_proc(file, name);
  if (const char* name = name_in(path, kDevices)) return open_device(file, name);
  return -ENOENT;
}

}  // namespace

extern "C" void files_init() {
  file_cache = kmem_cache_create("filp", sizeof(file), 0, SLAB_HWCACHE_ALIGN | SLAB_PANIC, nullptr, nullptr);
}

extern "C" file* filp_open(const char* path, int flags, int) {
  file* opened = static_cast<file*>(kmem_cache_alloc(file_cache, GFP_KERNEL));
  if (opened == nullptr) return static_cast<file*>(ERR_PTR(-ENOMEM));
  *opened = {nullptr, nullptr, 0, static_cast<unsigned>(flags), 1};
  const int error = open_path(opened, path);
  if (error == 0) return opened;
  kmem_cache_free(file_cache, opened);
  return static_cast<file*>(ERR_PTR(error));
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
  if (file->f_op->read == nullptr) return -EINVAL;
  return file->f_op->read(file, buffer, size, &file->f_pos);
}

extern "C" long vfs_ioctl(file* file, unsigned command, unsigned long arg) {
  if (file->f_op->unlocked_ioctl == nullptr) return -ENOTTY;
  return file->f_op->unlocked_ioctl(file, command, arg);
}

}  // namespace memio
