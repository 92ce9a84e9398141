// A register bank behind a TLM-2.0 target socket: the base of every register peripheral.
//
// Blocking transport only; no DMI, as registers have side effects. Byte enables and streaming are
// refused with the TLM error for them. Debug transport reads without side effects (and writes only
// registers that have no write handler). Refusals become TLM responses by the rule in extension.h.
#pragma once

#include <tlm_utils/simple_target_socket.h>

#include <systemc>
#include <tlm>

#include "core/register_bank.h"
#include "core/stats.h"

namespace memio {

class RegisterTarget : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<RegisterTarget> socket;

  /// Each access, also a refused one, adds `latency` to its delay.
  RegisterTarget(const sc_core::sc_module_name& name, const sc_core::sc_time& latency,
                 RegisterBank::Alignment alignment = RegisterBank::Alignment::natural);

  /// Puts registers and hidden state to what they are after power-on (a device with a battery says
  /// what it keeps) and lowers the interrupt lines.
  virtual void reset() { registers_.reset(); }

  /// Registers the device's counters in `group`; the accesses are counted here.
  virtual void register_stats(StatGroup& group);

  const RegisterBank& registers() const { return registers_; }

 protected:
  /// Modelled time in picoseconds. An access happens at its start plus its delay on arrival, which may
  /// lie a bus latency after the kernel's time; a device never sees time go back from there.
  std::uint64_t now() const;
  static std::uint64_t picoseconds(const sc_core::sc_time& time);
  static sc_core::sc_time time_of(std::uint64_t picoseconds);
  /// Notifies `event` at modelled time `at`, never if TickRate::never, in place of an earlier notice.
  static void notify_at(sc_core::sc_event& event, std::uint64_t at);

  RegisterBank registers_;

 private:
  void b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& trans);
  Status transfer(tlm::tlm_generic_payload& trans);

  sc_core::sc_time latency_;
  sc_core::sc_time latest_ = sc_core::SC_ZERO_TIME;  ///< arrival of the latest access
  std::uint64_t reads_ = 0, writes_ = 0, errors_ = 0;
};

}  // namespace memio
