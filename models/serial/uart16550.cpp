// 16550A UART; bit names as in the PC16550D data sheet, section 8.
#include "serial/uart16550.h"

#include "core/tick_rate.h"

namespace memio {

namespace {

constexpr std::uint64_t ier_received = 0x01, ier_thr_empty = 0x02, ier_line_status = 0x04, ier_modem = 0x08;
constexpr std::uint64_t iir_none = 0x01, iir_modem = 0x00, iir_thr_empty = 0x02, iir_received = 0x04,
                        iir_line_status = 0x06, iir_timeout = 0x0C, iir_id = 0x0F, iir_fifos = 0xC0;
constexpr std::uint64_t lsr_data_ready = 0x01, lsr_overrun = 0x02, lsr_idle = 0x60;
constexpr std::uint64_t mcr_dtr = 0x01, mcr_rts = 0x02, mcr_out1 = 0x04, mcr_out2 = 0x08, mcr_loop = 0x10;
constexpr std::uint64_t msr_cts = 0x10, msr_dsr = 0x20, msr_ri = 0x40, msr_dcd = 0x80;
constexpr std::uint64_t msr_trailing_ri = 0x04;

}  // namespace

Uart16550::Uart16550(const sc_core::sc_module_name& name, const UartConfig& config)
    : RegisterTarget(name, config.latency, RegisterBank::Alignment::any), config_(config) {
  data_
      .on_peek([this]() -> std::uint64_t {
        if (divisor_latch()) return divisor_ & 0xFF;
        return received_.empty() ? 0 : received_.front().character;
      })
      .on_read([this] { return divisor_latch() ? divisor_ & 0xFF : read_rbr(); })
      .on_write([this](std::uint64_t value) {
        if (divisor_latch())
          divisor_ = (divisor_ & 0xFF00) | value;
        else
          transmit(static_cast<std::uint8_t>(value));
      });
  ier_.on_peek([this] { return divisor_latch() ? divisor_ >> 8 : ier_.value(); })
      .on_write([this](std::uint64_t value) {
        if (divisor_latch())
          divisor_ = (divisor_ & 0xFF) | value << 8;
        else
          write_ier(value & 0x0F);
      });
  iir_fcr_.on_peek([this] { return iir(); })
      .on_read([this] { return read_iir(); })
      .on_write([this](std::uint64_t value) { write_fcr(value); });
  mcr_.on_write([this](std::uint64_t value) { write_mcr(value); });
  lsr_.on_peek([this] { return lsr(); }).on_read([this] { return read_lsr(); });
  msr_.on_peek([this] { return modem_inputs() | modem_deltas_; }).on_read([this] { return read_msr(); });

  SC_HAS_PROCESS(Uart16550);
  SC_METHOD(on_timeout);
  dont_initialize();
  sensitive << timeout_;
  SC_METHOD(sample_input);
  dont_initialize();
  sensitive << sample_;
}

void Uart16550::attach(SerialBackend& backend) {
  backend_ = &backend;
  sampling_ = true;
  sample_.notify(sc_core::SC_ZERO_TIME);
}

void Uart16550::reset() {
  RegisterTarget::reset();
  clear_receiver();
  fcr_ = modem_deltas_ = 0;
  divisor_ = reset_divisor;
  overrun_ = thr_interrupt_ = character_timeout_ = false;
  timeout_.cancel();
  update_irq();
}

void Uart16550::register_stats(StatGroup& group) {
  RegisterTarget::register_stats(group);
  group.add("sent", "characters", "characters transmitted to the backend", &sent_);
  group.add("received", "characters", "characters taken from the backend", &taken_);
  group.add("overruns", "characters", "characters lost because the receiver was full", &overruns_);
}

bool Uart16550::divisor_latch() const { return (lcr_.value() & 0x80) != 0; }
bool Uart16550::loopback() const { return (mcr_.value() & mcr_loop) != 0; }

std::size_t Uart16550::trigger_level() const {
  constexpr std::size_t levels[] = {1, 4, 8, 14};
  return fifos() ? levels[fcr_ >> 6] : 1;
}

void Uart16550::transmit(std::uint8_t character) {
  if (loopback()) {
    receive({character, false});
  } else if (backend_) {
    backend_->put(character);
    ++sent_;
  }
  thr_interrupt_ = true;
  update_irq();
}

void Uart16550::receive(Received received) {
  if (received_.size() == capacity()) {
    overrun_ = true;
    ++overruns_;
    if (!fifos()) received_.front() = received;  // RBR is overwritten; a full FIFO keeps what it has
  } else {
    received_.push_back(received);
  }
  restart_timeout();
  update_irq();
}

void Uart16550::clear_receiver() {
  for (; !received_.empty(); received_.pop_back())
    if (received_.back().from_line) discarded_.push_front(received_.back().character);
  restart_timeout();
  if (backend_ && !line_has_input()) backend_->restart();
  if (sampling_ || !line_has_input()) return;
  sampling_ = true;
  notify_at(sample_, now() + picoseconds(config_.sample_interval));
}

std::uint64_t Uart16550::read_rbr() {
  if (received_.empty()) return 0;
  const std::uint64_t character = received_.front().character;
  received_.pop_front();
  restart_timeout();
  update_irq();
  return character;
}

/// The interrupt of highest priority, PC16550D table III.
std::uint64_t Uart16550::iir() const {
  const std::uint64_t enabled = ier_.value();
  std::uint64_t id = iir_none;
  if ((enabled & ier_line_status) && overrun_)
    id = iir_line_status;
  else if ((enabled & ier_received) && received_.size() >= trigger_level())
    id = iir_received;
  else if ((enabled & ier_received) && character_timeout_)
    id = iir_timeout;
  else if ((enabled & ier_thr_empty) && thr_interrupt_)
    id = iir_thr_empty;
  else if ((enabled & ier_modem) && modem_deltas_)
    id = iir_modem;
  return id | (fifos() ? iir_fifos : 0);
}

std::uint64_t Uart16550::read_iir() {
  const std::uint64_t value = iir();
  if ((value & iir_id) == iir_thr_empty) {
    thr_interrupt_ = false;
    update_irq();
  }
  return value;
}

std::uint64_t Uart16550::lsr() const {
  return lsr_idle | (received_.empty() ? 0 : lsr_data_ready) | (overrun_ ? lsr_overrun : 0);
}

std::uint64_t Uart16550::read_lsr() {
  const std::uint64_t value = lsr();
  overrun_ = false;
  update_irq();
  return value;
}

std::uint64_t Uart16550::modem_inputs() const {
  const std::uint64_t mcr = mcr_.value();
  if ((mcr & mcr_loop) == 0) return msr_cts | msr_dsr | msr_dcd;
  return (mcr & mcr_rts ? msr_cts : 0) | (mcr & mcr_dtr ? msr_dsr : 0) | (mcr & mcr_out1 ? msr_ri : 0) |
         (mcr & mcr_out2 ? msr_dcd : 0);
}

std::uint64_t Uart16550::read_msr() {
  const std::uint64_t value = modem_inputs() | modem_deltas_;
  modem_deltas_ = 0;
  update_irq();
  return value;
}

void Uart16550::write_ier(std::uint64_t value) {
  const bool asks_for_thr = (value & ier_thr_empty) && !(ier_.value() & ier_thr_empty);
  if (asks_for_thr) thr_interrupt_ = true;  // THR is empty: enabling the interrupt raises it
  ier_.set(value);
  update_irq();
}

void Uart16550::write_fcr(std::uint64_t value) {
  const bool toggles = ((value ^ fcr_) & 0x01) != 0;
  fcr_ = value & 0x01 ? value & 0xC1 : 0;  // the other bits are programmed only while bit 0 is 1
  if (toggles || (value & 0x02)) clear_receiver();
  update_irq();
}

void Uart16550::write_mcr(std::uint64_t value) {
  const std::uint64_t before = modem_inputs();
  mcr_.set(value);
  const std::uint64_t after = modem_inputs();
  modem_deltas_ |= ((before ^ after) & (msr_cts | msr_dsr | msr_dcd)) >> 4;
  if ((before & msr_ri) && !(after & msr_ri)) modem_deltas_ |= msr_trailing_ri;
  update_irq();
}

void Uart16550::update_irq() {
  irq.set((iir() & iir_none) == 0);
  rx_ready.set(!received_.empty());
}

/// The timeout interrupt comes four character times after the last character came or was read.
void Uart16550::restart_timeout() {
  character_timeout_ = false;
  if (!fifos() || received_.empty()) {
    timeout_.cancel();
    return;
  }
  const std::uint64_t lcr = lcr_.value();
  const std::uint64_t bits = 1 + 5 + (lcr & 3) + (lcr >> 3 & 1) + 1 + (lcr >> 2 & 1);
  const std::uint64_t clocks = 4 * bits * 16 * (divisor_ == 0 ? 1 : divisor_);
  const TickRate rate(config_.clock);
  notify_at(timeout_, now() + rate.begin_of(clocks));
}

void Uart16550::on_timeout() {
  character_timeout_ = true;
  update_irq();
}

std::optional<std::uint8_t> Uart16550::next_from_line() {
  if (discarded_.empty()) {
    const std::optional<std::uint8_t> character = backend_->get();
    if (character) ++taken_;
    return character;
  }
  const std::uint8_t character = discarded_.front();
  discarded_.pop_front();
  return character;
}

void Uart16550::sample_input() {
  sampling_ = line_has_input();
  if (!sampling_) return;
  while (!loopback() && received_.size() < capacity()) {
    const std::optional<std::uint8_t> character = next_from_line();
    if (!character) break;
    receive({*character, true});
  }
  sample_.notify(config_.sample_interval);
}

}  // namespace memio
