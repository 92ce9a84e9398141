// 16550A UART.
//
// Follows the National Semiconductor PC16550D data sheet; registers are 8 bits wide and adjacent, so
// one class serves memory space and port space (0x3F8). Transmission takes no time: a character goes
// to the backend when it is written, so THR is always empty. Input is sampled from the backend at
// modelled times, every `sample_interval`, and only while there is room. The far end has perfect flow
// control: input overruns occur in loopback only, and characters that the guest discards unread, by
// clearing the receiver or by a reset, are sent again from the next sample on, so that a driver that sets
// the UART up loses none of a script. Where nothing is left to send, the far end learns of it.
// Not modelled: line speed and format, parity, framing and break errors, the trigger levels of DMA mode 1,
// the gating of the interrupt by OUT2, the auto-flow control of later types.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "core/irq_ports.h"
#include "core/register_target.h"
#include "serial/serial_backend.h"

namespace memio {

struct UartConfig {
  std::uint64_t clock = 3'686'400;  ///< Hz; with the divisor it gives the character timeout
  sc_core::sc_time sample_interval{100, sc_core::SC_US};  ///< of the input; above zero
  sc_core::sc_time latency = sc_core::SC_ZERO_TIME;
};

class Uart16550 : public RegisterTarget {
 public:
  IrqOutput irq{"irq"};
  IrqOutput rx_ready{"rx_ready"};  ///< RXRDY, active high: a character was received
  IrqOutput tx_ready{"tx_ready"};  ///< TXRDY, active high: there is room to send, always

  explicit Uart16550(const sc_core::sc_module_name& name, const UartConfig& config = {});

  /// Connects the far end, which must outlive the run. Without one, output is lost.
  void attach(SerialBackend& backend);

  void start_of_simulation() override { tx_ready.set(true); }
  void reset() override;
  void register_stats(StatGroup& group) override;

 private:
  struct Received {
    std::uint8_t character;
    bool from_line;  ///< false: looped back
  };

  void transmit(std::uint8_t character);
  void receive(Received received);
  void clear_receiver();
  std::optional<std::uint8_t> next_from_line();
  std::uint64_t read_rbr();
  std::uint64_t read_iir();
  std::uint64_t read_lsr();
  std::uint64_t read_msr();
  void write_ier(std::uint64_t value);
  void write_fcr(std::uint64_t value);
  void write_mcr(std::uint64_t value);

  bool divisor_latch() const;
  bool loopback() const;
  bool fifos() const { return (fcr_ & 1) != 0; }
  std::size_t capacity() const { return fifos() ? 16 : 1; }
  std::size_t trigger_level() const;
  std::uint64_t modem_inputs() const;
  std::uint64_t lsr() const;
  std::uint64_t iir() const;
  void update_irq();
  void restart_timeout();
  void on_timeout();
  void sample_input();
  bool line_has_input() const { return !discarded_.empty() || (backend_ && backend_->has_input()); }

  UartConfig config_;
  SerialBackend* backend_ = nullptr;

  /// As QEMU's, like MCR's reset value (OUT2); the data sheet has MCR zero and the divisor undefined.
  static constexpr std::uint64_t reset_divisor = 12;

  // State behind the registers.
  std::deque<Received> received_;
  std::deque<std::uint8_t> discarded_;     ///< to be sent again by the far end
  std::uint64_t fcr_ = 0;                  ///< bits 0 and 7:6
  std::uint64_t divisor_ = reset_divisor;  ///< DLM:DLL
  std::uint64_t modem_deltas_ = 0;         ///< MSR bits 3:0
  bool overrun_ = false;
  bool thr_interrupt_ = false;  ///< "THR empty" was not yet seen in IIR
  bool character_timeout_ = false;

  Register data_{registers_, {"RBR/THR/DLL", 0, 1, 0x00, 0xFF, 1 | 2 | 4}};
  Register ier_{registers_, {"IER/DLM", 1, 1, 0x00, 0xFF, 1 | 2 | 4}};
  Register iir_fcr_{registers_, {"IIR/FCR", 2, 1, 0x01, 0xFF, 1 | 2 | 4}};
  Register lcr_{registers_, {"LCR", 3, 1, 0x00, 0xFF, 1 | 2 | 4}};
  Register mcr_{registers_, {"MCR", 4, 1, 0x08, 0x1F, 1 | 2 | 4}};
  Register lsr_{registers_, {"LSR", 5, 1, 0x60, 0x00, 1 | 2 | 4}};
  Register msr_{registers_, {"MSR", 6, 1, 0xB0, 0x00, 1 | 2 | 4}};
  Register scr_{registers_, {"SCR", 7, 1, 0x00, 0xFF, 1 | 2 | 4}};

  sc_core::sc_event timeout_, sample_;
  bool sampling_ = false;  ///< the next sample is due
  std::uint64_t sent_ = 0, taken_ = 0, overruns_ = 0;
};

}  // namespace memio
