// See fake_dma.h.
#include "fake_dma.h"

#include <asm/page.h>
#include <errno.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/kernel.h>

#include "kernel/cache_maintenance.h"

namespace memio {

FakeDma fake_dma;

void cache_maintenance_init(const Fdt&) {}
unsigned cache_block_size() { return fake_dma.block_size; }

void cache_maintain(CacheOperation operation, const void* start, size_t size) {
  if (fake_dma.block_size == 0 || size == 0) return;
  static const char* const kNames[] = {"clean", "invalidate", "flush"};
  char text[64];
  scnprintf(text, sizeof text, "%s 0x%llx %zu", kNames[static_cast<int>(operation)], virt_to_phys(start),
            size);
  fake_dma.maintained.push_back(text);
}

extern "C" {

int device_property_read_u32_index(const device* dev, const char* name, unsigned index, u32* value) {
  const auto found = fake_dma.properties.find({dev->tree_node, name});
  if (found == fake_dma.properties.end() || index >= found->second.size()) return -EINVAL;
  *value = found->second[index];
  return 0;
}

bool device_property_present(const device* dev, const char* name) {
  return fake_dma.properties.count({dev->tree_node, name}) != 0;
}

// Lists of strings stand for themselves: the tests name one.
int device_property_match_string(const device* dev, const char* name, const char* wanted) {
  return device_property_present(dev, (std::string(name) + "=" + wanted).c_str()) ? 0 : -EINVAL;
}

void udelay(unsigned long) {}
void tasklet_init(tasklet_struct* tasklet, void (*func)(unsigned long), unsigned long data) {
  *tasklet = {nullptr, 0, 0, 0, func, data};
}
// At once: the tests see what a callback does when the descriptor is done.
void tasklet_schedule(tasklet_struct* tasklet) { tasklet->func(tasklet->data); }
void tasklet_kill(tasklet_struct*) {}
}

}  // namespace memio
