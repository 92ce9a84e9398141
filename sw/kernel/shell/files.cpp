// The commands about files of /proc.
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/proc_fs.h>

#include "command.h"
#include "kernel/console.h"
#include "string.h"

namespace memio {
namespace {

bool print_file(const char* path) {
  char full[64];
  scnprintf(full, sizeof full, "%s%s", path[0] == '/' ? "" : "/proc/", path);
  file* opened = filp_open(full, O_RDONLY, 0);
  if (IS_ERR(opened)) {
    printk("cat: no file %s, try ls\n", full);
    return false;
  }
  char piece[256];
  long count;
  while ((count = vfs_read(opened, piece, sizeof piece)) > 0) {
    console_write(piece, static_cast<unsigned long>(count));
  }
  if (count < 0) printk("cat: %s: error %ld\n", full, count);
  filp_close(opened, nullptr);
  return count == 0;
}

}  // namespace

bool command_cat(const Words& words) {
  if (words.count() == 1) {
    printk("cat: no file named, try ls\n");
    return false;
  }
  bool good = true;
  for (unsigned i = 1; i < words.count(); i++) good = print_file(words[i]) && good;
  return good;
}

bool command_list(const Words&) {
  for (const proc_dir_entry* entry = proc_entries(); entry != nullptr; entry = entry->next) {
    printk("/proc/%s\n", entry->name);
  }
  return true;
}

}  // namespace memio
