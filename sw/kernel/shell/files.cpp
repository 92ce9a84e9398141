// The commands about files of /proc.
#include <linux/kernel.h>
#include <linux/proc_fs.h>

#include "command.h"
#include "kernel/driver.h"
#include "string.h"

namespace memio {
namespace {

constexpr char kFolder[] = "/proc/";
constexpr size_t kFolderLength = sizeof kFolder - 1;

void write_to_console(seq_file*, const char* text, size_t length) { console_write(text, length); }

bool print_file(const char* path) {
  const char* name = strncmp(path, kFolder, kFolderLength) == 0 ? path + kFolderLength : path;
  const proc_dir_entry* entry = proc_find(name);
  if (entry == nullptr) {
    printk("cat: no file %s, try ls\n", path);
    return false;
  }
  seq_file file = {};
  file.write = write_to_console;
  const int error = entry->show(&file, entry->data);
  if (error != 0) printk("cat: %s: error %d\n", path, error);
  return error == 0;
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
