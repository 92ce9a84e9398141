// Device files, in a list; see linux/miscdevice.h.
#include <linux/errno.h>
#include <linux/miscdevice.h>

#include "string.h"

namespace memio {
namespace {

miscdevice* first;

}  // namespace

extern "C" miscdevice* misc_find(const char* name) {
  miscdevice* misc = first;
  while (misc != nullptr && strcmp(misc->name, name) != 0) misc = misc->next;
  return misc;
}

extern "C" int misc_register(miscdevice* misc) {
  if (misc->name == nullptr || misc->fops == nullptr) return -EINVAL;
  if (misc_find(misc->name) != nullptr) return -EEXIST;
  misc->next = first;
  first = misc;
  return 0;
}

extern "C" int misc_deregister(miscdevice* misc) {
  miscdevice** link = &first;
  while (*link != nullptr && *link != misc) link = &(*link)->next;
  if (*link == nullptr) return -EINVAL;
  *link = misc->next;
  return 0;
}

}  // namespace memio
