// The PC's real-time clock and its battery-backed bytes (Motorola MC146818 data sheet) behind an index port
// and a data port.
#include <linux/errno.h>
#include <linux/kernel.h>

#include "kernel/device.h"
#include "kernel/driver.h"
#include "kernel/platform.h"

namespace memio {
namespace {

enum Register : u8 {
  kSeconds = 0x00,
  kMinutes = 0x02,
  kHours = 0x04,
  kDay = 0x07,
  kMonth = 0x08,
  kYear = 0x09,
  kStatusA = 0x0A,
  kStatusB = 0x0B,
};

constexpr const char* kName = "cmos-rtc";
constexpr u8 kUpdateInProgress = 0x80;     // status A
constexpr u8 kBinary = 0x04;               // status B
constexpr unsigned kUpdateFraction = 200;  // an update and its warning take 2.3 ms, less than 1/200 s

unsigned index_port;

unsigned to_binary(u8 value, u8 status_b) {
  return (status_b & kBinary) != 0 ? value : (value >> 4) * 10u + (value & 0xf);
}

bool wait_for_update_end() {
  const u64 deadline = time_now() + time_frequency() / kUpdateFraction;
  while ((cmos_read(kStatusA) & kUpdateInProgress) != 0) {
    if (time_now() > deadline) return false;
  }
  return true;
}

void show_time() {
  const u8 status_b = cmos_read(kStatusB);
  const auto field = [&](Register reg) { return to_binary(cmos_read(reg), status_b); };
  printk("%s: %02u-%02u-%02u %02u:%02u:%02u at ports 0x%x, 0x%x\n", kName, field(kYear), field(kMonth),
         field(kDay), field(kHours), field(kMinutes), field(kSeconds), index_port, index_port + 1);
}

int remove(platform_device*) {
  index_port = 0;
  return 0;
}

int probe(platform_device* pdev) {
  const resource* ports = platform_get_resource(pdev, IORESOURCE_IO, 0);
  if (ports == nullptr) return -ENODEV;
  if (devm_request_region(&pdev->dev, ports->start, resource_size(ports), kName) == nullptr) return -EBUSY;
  index_port = static_cast<unsigned>(ports->start);
  if (!wait_for_update_end()) {
    remove(pdev);
    return -EIO;
  }
  show_time();
  return 0;
}

const of_device_id kMatches[] = {{"motorola,mc146818", nullptr}, {nullptr, nullptr}};
platform_driver cmos_rtc_driver = make_driver(kName, kMatches, probe, remove);
module_platform_driver(cmos_rtc_driver);

}  // namespace

bool cmos_present() { return index_port != 0; }

u8 cmos_read(u8 index) {
  outb(index, index_port);
  return static_cast<u8>(inb(index_port + 1));
}

void cmos_write(u8 index, u8 value) {
  outb(index, index_port);
  outb(value, index_port + 1);
}

}  // namespace memio
