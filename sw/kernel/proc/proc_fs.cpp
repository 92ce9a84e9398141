// The files of /proc, in a table kept in order of name.
#include <linux/proc_fs.h>

#include "string.h"

namespace memio {
namespace {

constexpr unsigned kMaxEntries = 32;

proc_dir_entry entries[kMaxEntries];  // free where name is null
proc_dir_entry* first;

}  // namespace

extern "C" proc_dir_entry* proc_create_single_data(const char* name, proc_show_t show, void* data) {
  proc_dir_entry* entry = entries;
  while (entry != entries + kMaxEntries && entry->name != nullptr) entry++;
  if (entry == entries + kMaxEntries) return nullptr;
  proc_dir_entry** link = &first;
  while (*link != nullptr && strcmp((*link)->name, name) < 0) link = &(*link)->next;
  *entry = {name, show, data, *link};
  *link = entry;
  return entry;
}

extern "C" void remove_proc_entry(const char* name, proc_dir_entry*) {
  for (proc_dir_entry** link = &first; *link != nullptr; link = &(*link)->next) {
    if (strcmp((*link)->name, name) != 0) continue;
    proc_dir_entry* entry = *link;
    *link = entry->next;
    *entry = {};
    return;
  }
}

extern "C" proc_dir_entry* proc_entries() { return first; }

extern "C" proc_dir_entry* proc_find(const char* name) {
  proc_dir_entry* entry = first;
  while (entry != nullptr && strcmp(entry->name, name) != 0) entry = entry->next;
  return entry;
}

}  // namespace memio
