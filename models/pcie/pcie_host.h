// A PCI Express host bridge with one bus: configuration space by ECAM, I/O transactions from a range of
// port space, memory transactions from a range of memory space, interrupts INTA# to INTD#.
//
// Follows the PCI Express Base Specification 3.0, section 7.2.2 (ECAM), and QEMU's generic host of its
// `virt` machine: the bridge itself is function 00:00.0, and the INTA# of device d is line d mod 4. A device
// of memio becomes a PCI device by being bound to `registers(d)`: they lie where the guest puts the base
// address.
// What nobody answers (configuration space of a function that is not there, I/O and memory accesses that
// nobody decodes) reads as ones, and writes to it are lost, as a root complex does that reports no errors
// (PCI Express 3.0, 2.3.2). I/O takes 1, 2 or 4 bytes, configuration space also 8, as two words, and wants
// alignment; the rest are burst errors.
// Not modelled: devices with a base address in memory space, bridges and further buses, message-signalled
// interrupts, devices as initiators.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <memory>
#include <systemc>
#include <vector>

#include "core/irq_ports.h"
#include "core/stats.h"
#include "pcie/pci_header.h"

namespace memio {

/// A device on bus 0, with one function.
struct PcieDevice {
  unsigned number = 1;  ///< 1..31
  PciIdentity identity;
};

struct PcieHostConfig {
  std::uint64_t io_base = 0x1000;   ///< bus address of the first port of the range bound to `io`
  std::vector<PcieDevice> devices;  ///< beside the bridge, each number once
  sc_core::sc_time config_latency = sc_core::SC_ZERO_TIME;  ///< of an access to configuration space
  sc_core::sc_time io_latency = sc_core::SC_ZERO_TIME;      ///< of the bridge, beside the device's own
  sc_core::sc_time memory_latency = sc_core::SC_ZERO_TIME;  ///< of a memory transaction
};

class PcieHost : public sc_core::sc_module {
 public:
  static constexpr std::uint64_t ecam_size = 0x10000000;  ///< 256 buses
  static constexpr unsigned devices_per_bus = 32, interrupt_lines = 4;

  tlm_utils::simple_target_socket<PcieHost> ecam{"ecam"};  ///< to be mapped in memory space
  tlm_utils::simple_target_socket_optional<PcieHost> io{
      "io"};  ///< to be mapped in port space; may stay unbound
  tlm_utils::simple_target_socket_optional<PcieHost> memory{
      "memory"};  ///< to be mapped in memory space; may stay unbound
  sc_core::sc_vector<IrqOutput> interrupts{"interrupts", interrupt_lines};

  /// Throws std::invalid_argument for device numbers out of range or taken.
  PcieHost(const sc_core::sc_module_name& name, const PcieHostConfig& config);

  using RegistersSocket = tlm_utils::simple_initiator_socket<PcieHost>;
  /// To be bound to what serves base address register 0 of device `number`, which must be there.
  RegistersSocket& registers(unsigned number) { return function(number).registers; }
  /// To be bound to the device's interrupt line; may stay unbound.
  IrqInput& interrupt(unsigned number) { return function(number).interrupt; }

  void reset();
  void register_stats(StatGroup& group) const;

 private:
  struct Function {
    Function(unsigned number, const PciIdentity& identity);

    unsigned number;  ///< of its device
    PciHeader header;
    RegistersSocket registers;
    IrqInput interrupt;
  };

  Function& function(unsigned number);

  void access_config(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned debug_config(tlm::tlm_generic_payload& payload);
  void access_io(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned debug_io(tlm::tlm_generic_payload& payload);
  void access_memory(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  /// Gives the payload its response status; false, and counted, if it is an error.
  bool accept(tlm::tlm_generic_payload& payload, bool size_fits);
  /// Answers where nobody does.
  void leave_unclaimed(tlm::tlm_generic_payload& payload);
  unsigned debug_unclaimed(tlm::tlm_generic_payload& payload);
  bool refuse_direct(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);
  /// The function at an address of configuration space; null if there is none.
  PciHeader* header_at(std::uint64_t ecam_offset);
  /// The function that decodes the payload's address, which is then an offset in its registers.
  Function* route_io(tlm::tlm_generic_payload& payload);
  void update_interrupts();

  PcieHostConfig config_;
  PciHeader bridge_;
  std::vector<std::unique_ptr<Function>> functions_;
  std::uint64_t config_reads_ = 0, config_writes_ = 0, io_accesses_ = 0, memory_accesses_ = 0, unclaimed_ = 0,
                refused_ = 0;
};

}  // namespace memio
