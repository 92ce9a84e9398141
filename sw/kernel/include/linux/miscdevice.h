// Device files: a driver enters a name, and programs open /dev/NAME. Files may stay open after the device has
// been taken out; its operations are called for them still, and say -ENODEV then.
#pragma once

#include <linux/fs.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MISC_DYNAMIC_MINOR 255

struct miscdevice {
  int minor;  // MISC_DYNAMIC_MINOR; there are no numbers of devices here
  const char* name;
  const struct file_operations* fops;
  struct miscdevice* next;  // the core's
};

// Enters the device: 0, -EEXIST when its name is taken, -EINVAL without a name or operations.
int misc_register(struct miscdevice* misc);
// Takes it out: it cannot be opened any more. -EINVAL if it is not there.
int misc_deregister(struct miscdevice* misc);
// The device of that name, or null.
struct miscdevice* misc_find(const char* name);

#ifdef __cplusplus
}
#endif
