// General-purpose I/O; see gpio.h.
#include "gpio/gpio.h"

namespace memio {

Gpio::Gpio(const sc_core::sc_module_name& name, const sc_core::sc_time& latency)
    : RegisterTarget(name, latency) {
  data_in_.on_peek([this] { return inputs(); });
  for (Register* reg : {&data_out_, &dir_, &irq_enable_, &loopback_})
    reg->on_write([this, reg](std::uint64_t value) {
      reg->set(value);
      update();
    });
  irq_status_.on_write([this](std::uint64_t value) {
    irq_status_.set(irq_status_.value() & ~value);
    update();
  });

  SC_HAS_PROCESS(Gpio);
  SC_METHOD(update);
  sensitive << pins_in;
}

void Gpio::reset() {
  RegisterTarget::reset();
  seen_ = inputs();
  update();
}

std::uint64_t Gpio::inputs() const {
  const std::uint64_t pins = pins_in.size() > 0 ? pins_in->read() : 0;
  return (pins & ~loopback_.value()) | (data_out_.value() & loopback_.value());
}

void Gpio::update() {
  const std::uint64_t levels = inputs();
  const std::uint64_t rose = levels & ~seen_, fell = seen_ & ~levels;
  seen_ = levels;
  irq_status_.set(irq_status_.value() | (rose & irq_edge_rise_.value()) | (fell & irq_edge_fall_.value()));
  irq.set((irq_status_.value() & irq_enable_.value()) != 0);
  if (pins_out.size() > 0) pins_out->write(static_cast<std::uint32_t>(data_out_.value() & dir_.value()));
}

}  // namespace memio
