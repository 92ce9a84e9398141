// System calls about files: those of /proc and /dev can be opened; 0 is the console's input, 1 and 2 its
// output.
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "kernel/console.h"
#include "kernel/driver.h"
#include "kernel/process.h"

namespace memio {
namespace {

constexpr unsigned long kFirstFile = 3;  // below: the console
constexpr unsigned long kMostFiles = 16;
constexpr unsigned long kMaxPath = 64;
constexpr unsigned long kPiece = 128;

file* file_at(unsigned long fd) {
  file** files = get_current()->files;
  if (files == nullptr || fd < kFirstFile || fd - kFirstFile >= kMostFiles) return nullptr;
  return files[fd - kFirstFile];
}

// As a terminal in its simplest mode: waits for one character, and gives a line at most.
long read_console(char* data, unsigned long count) {
  unsigned long done = 0;
  while (done < count) {
    constexpr int kEndOfInput = 4;
    const int read = console_getc();
    if (read == kEndOfInput) break;
    const char c = static_cast<char>(read);
    if (put_user(c, data + done) != 0) return -EFAULT;
    done++;
    if (c == '\n') break;
  }
  return static_cast<long>(done);
}

}  // namespace

long sys_openat(const char* path, unsigned long flags) {
  char name[kMaxPath];
  const long length = strncpy_from_user(name, path, sizeof name);
  if (length < 0) return length;
  if (length == static_cast<long>(sizeof name)) return -ENOENT;
  task_struct* task = get_current();
  if (task->files == nullptr) {
    task->files = static_cast<file**>(kcalloc(kMostFiles, sizeof(file*), GFP_KERNEL));
    if (task->files == nullptr) return -ENOMEM;
  }
  unsigned long place = 0;
  while (place < kMostFiles && task->files[place] != nullptr) place++;
  if (place == kMostFiles) return -EMFILE;
  file* opened = filp_open(name, static_cast<int>(flags), 0);
  if (IS_ERR(opened)) return PTR_ERR(opened);
  task->files[place] = opened;
  return static_cast<long>(kFirstFile + place);
}

long sys_close(unsigned long fd) {
  file* opened = file_at(fd);
  if (opened == nullptr) return -EBADF;
  get_current()->files[fd - kFirstFile] = nullptr;
  return filp_close(opened, nullptr);
}

long sys_read(unsigned long fd, char* data, unsigned long count) {
  if (fd == 0) return read_console(data, count);
  file* opened = file_at(fd);
  if (opened == nullptr) return -EBADF;
  unsigned long done = 0;
  while (done < count) {
    char buffer[kPiece];
    const unsigned long wanted = count - done < sizeof buffer ? count - done : sizeof buffer;
    const long got = vfs_read(opened, buffer, wanted);
    if (got < 0) return done == 0 ? got : static_cast<long>(done);
    if (got == 0) break;
    if (copy_to_user(data + done, buffer, static_cast<unsigned long>(got)) != 0) return -EFAULT;
    done += static_cast<unsigned long>(got);
  }
  return static_cast<long>(done);
}

long sys_write(unsigned long fd, const char* data, unsigned long count) {
  if (fd != 1 && fd != 2) return -EBADF;
  unsigned long done = 0;
  while (done < count) {
    char buffer[kPiece];
    const unsigned long wanted = count - done < sizeof buffer ? count - done : sizeof buffer;
    const unsigned long copied = wanted - copy_from_user(buffer, data + done, wanted);
    console_write(buffer, copied);
    done += copied;
    if (copied < wanted) break;
  }
  return done == 0 && count != 0 ? -EFAULT : static_cast<long>(done);
}

long sys_ioctl(unsigned long fd, unsigned long command, unsigned long arg) {
  file* opened = file_at(fd);
  return opened == nullptr ? -EBADF : vfs_ioctl(opened, static_cast<unsigned>(command), arg);
}

void close_files(task_struct* task) {
  if (task->files == nullptr) return;
  for (unsigned long i = 0; i < kMostFiles; i++) {
    if (task->files[i] != nullptr) filp_close(task->files[i], nullptr);
  }
  kfree(task->files);
  task->files = nullptr;
}

}  // namespace memio
