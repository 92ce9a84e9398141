// A device to copy; docs/codesign.md explains it.
#include "example/example_device.h"

namespace memio {

ExampleDevice::ExampleDevice(const sc_core::sc_module_name& name, sc_core::sc_time latency,
                             sc_core::sc_time work)
    : RegisterTarget(name, latency) {
  b_.on_write([this, work](std::uint64_t value) {
    b_.set(value);
    notify_at(ready_, now() + picoseconds(work));
  });
  done_.on_write([this](std::uint64_t) {
    done_.set(0);
    irq.set(false);
  });
  SC_HAS_PROCESS(ExampleDevice);
  SC_METHOD(finish);
  dont_initialize();
  sensitive << ready_;
}

void ExampleDevice::reset() {
  RegisterTarget::reset();
  ready_.cancel();
  irq.set(false);
}

void ExampleDevice::finish() {
  product_.set(a_.value() * b_.value());
  done_.set(1);
  irq.set(true);
}

}  // namespace memio
