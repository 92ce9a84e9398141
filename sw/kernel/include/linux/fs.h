// Open files, as far as this kernel has any: those of /proc, which are read only, those of devices under /dev
// (linux/miscdevice.h), and the console. There are no inodes, folders or file systems.
#pragma once

#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef long long loff_t;

struct file;

struct file_operations {
  // Reads at most `size` bytes at *position into kernel memory and moves it on: the number of bytes, 0 at the
  // end, or a negative error number. May sleep.
  long (*read)(struct file* file, char* buffer, size_t size, loff_t* position);
  // Called when the last reference goes; may be null.
  void (*release)(struct file* file);
  // Device files; each may be null. A new file: 0 or a negative error number. Its private_data is the
  // struct miscdevice until this function sets another.
  int (*open)(struct file* file);
  // A command of the device's own; `arg` is a number or a user address. Runs in the caller's context and may
  // sleep. A negative result is an error number.
  long (*unlocked_ioctl)(struct file* file, unsigned command, unsigned long arg);
};

struct file {
  const struct file_operations* f_op;
  void* private_data;
  loff_t f_pos;
  unsigned f_flags;
  int f_count;
};

#define O_RDONLY 0
#define O_RDWR 2
#define O_ACCMODE 3

// Opens "/proc/NAME" or "/dev/NAME": an ERR_PTR with -ENOENT, -EACCES (/proc for writing), -ENOMEM or what
// the device's `open` gives on failure.
struct file* filp_open(const char* path, int flags, int mode);
// Drops a reference; the second argument is ignored. 0.
int filp_close(struct file* file, void* id);
struct file* get_file(struct file* file);
// Reads from file->f_pos on, as file_operations.read.
long vfs_read(struct file* file, char* buffer, size_t size);
// As file_operations.unlocked_ioctl; -ENOTTY if the file has no commands.
long vfs_ioctl(struct file* file, unsigned command, unsigned long arg);
// Makes the slab cache; once.
void files_init(void);

#ifdef __cplusplus
}
#endif
