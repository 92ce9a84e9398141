// A host bridge that shows port space in a window of memory space: the byte at offset n of the window
// is port n. It forwards accesses of 1, 2 and 4 bytes, refuses others with a burst error, adds its
// own latency and gives no direct memory pointers: every access of a port may have an effect.
#pragma once

#include <string>

#include "bus/bus.h"
#include "core/bus_master.h"
#include "core/clock.h"
#include "core/stats.h"

namespace memio {

class PortWindow : public sc_core::sc_module {
 public:
  /// Bytes of the window.
  static constexpr std::uint64_t size = 0x10000;

  /// Becomes an initiator in the port space of `bus`, named as the module is. `latency` in cycles of
  /// `clock` is charged for each access.
  PortWindow(const sc_core::sc_module_name& name, Bus& bus, const Clock& clock, Cycles latency);

  /// To be mapped in memory space.
  tlm_utils::simple_target_socket<PortWindow> socket{"socket"};

  void register_stats(StatGroup& group) const;

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);
  unsigned transport_dbg(tlm::tlm_generic_payload& payload);

  BusMaster ports_;
  Clock clock_;
  Cycles latency_;
  std::uint64_t accesses_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t cycles_ = 0;
};

}  // namespace memio
