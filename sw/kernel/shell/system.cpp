// The commands about tasks and devices.
#include <linux/kernel.h>
#include <linux/sched.h>

#include "command.h"
#include "kernel/device.h"

namespace memio {
namespace {

void print_device(const platform_device* device, void*) {
  printk("  %-24s %s\n", device->name, device->dev.driver == nullptr ? "-" : device->dev.driver->name);
}

bool change_driver(const Words& words, int (*change)(const char* name), const char* done) {
  if (words.count() != 2) {
    printk("%s: name one device, as devices lists them\n", words[0]);
    return false;
  }
  const int error = change(words[1]);
  if (error == 0) {
    printk("%s: %s %s\n", words[0], words[1], done);
  } else {
    printk("%s: %s: error %d\n", words[0], words[1], error);
  }
  return error == 0;
}

}  // namespace

bool command_ps(const Words&) {
  printk("  PID S       CYCLES SWITCHES NAME\n");
  task_struct* task;
  for_each_task(task) {
    printk("%5d %c %12llu %8lu %s\n", task->pid, task_state_letter(task), task_cycles(task), task->switches,
           task->comm);
  }
  return true;
}

bool command_devices(const Words&) {
  for_each_device(print_device, nullptr);
  return true;
}

bool command_bind(const Words& words) { return change_driver(words, device_bind, "has a driver"); }
bool command_unbind(const Words& words) {
  return change_driver(words, device_unbind, "has no driver any more");
}

}  // namespace memio
