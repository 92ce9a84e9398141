// Files of /proc: a name and a function that prints the contents.
#pragma once

#include <linux/seq_file.h>

#ifdef __cplusplus
extern "C" {
#endif

// Prints the file; 0 or a negative error number.
typedef int (*proc_show_t)(struct seq_file* file, void* data);

struct proc_dir_entry {
  const char* name;
  proc_show_t show;
  void* data;
  struct proc_dir_entry* next;
};

// Enters `name` in /proc; works before any allocator does. Null when all 32 places are taken.
struct proc_dir_entry* proc_create_single_data(const char* name, proc_show_t show, void* data);
#define proc_create_single(name, mode, parent, show) proc_create_single_data((name), (show), NULL)
void remove_proc_entry(const char* name, struct proc_dir_entry* parent);
// The entries in order of name, as a list.
struct proc_dir_entry* proc_entries(void);
struct proc_dir_entry* proc_find(const char* name);

#ifdef __cplusplus
}
#endif
