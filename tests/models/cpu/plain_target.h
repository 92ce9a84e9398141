// A TLM-2.0 target that knows nothing of memio: 64 KiB of storage at 0x80000000 with direct memory
// pointers, a device of one register at 0x10000000 that remembers when it was reached, a ROM word at
// 0x10001000 that refuses writes, and address errors elsewhere. Latencies: reads 4 ns, writes 6 ns,
// the device 20 ns.
#pragma once

#include <cstdint>
#include <cstring>
#include <tlm>
#include <vector>

#include "core/extension.h"
#include "tlm_utils/simple_target_socket.h"

namespace memio::test {

class PlainTarget : public sc_core::sc_module {
 public:
  static constexpr std::uint64_t base = 0x80000000, device = 0x10000000, rom = 0x10001000;
  static constexpr std::size_t size = 0x10000;

  explicit PlainTarget(const sc_core::sc_module_name& name) : sc_core::sc_module(name), storage(size) {
    socket.register_b_transport(this, &PlainTarget::b_transport);
    socket.register_get_direct_mem_ptr(this, &PlainTarget::get_direct_mem_ptr);
    socket.register_transport_dbg(this, &PlainTarget::transport_dbg);
  }

  tlm_utils::simple_target_socket<PlainTarget> socket{"socket"};
  std::vector<std::uint8_t> storage;

  /// Of the last access to the device.
  sc_core::sc_time reached;
  AccessKind kind = AccessKind::fetch;
  Privilege privilege = Privilege::machine;
  std::uint32_t value = 0;

  std::uint32_t word(std::uint64_t address) const {
    std::uint32_t result = 0;
    std::memcpy(&result, &storage[address - base], 4);
    return result;
  }
  void put(std::uint64_t address, std::uint32_t bits) { std::memcpy(&storage[address - base], &bits, 4); }

  /// The same contents at another place, as after a remapping.
  void move_storage() {
    std::vector<std::uint8_t> copy = storage;
    storage.swap(copy);
    std::memset(copy.data(), 0, copy.size());
    old_storage_.push_back(std::move(copy));
    socket->invalidate_direct_mem_ptr(base, base + size - 1);
  }

 private:
  using Payload = tlm::tlm_generic_payload;

  static sc_core::sc_time ns(double count) { return {count, sc_core::SC_NS}; }
  static bool in_storage(const Payload& payload) {
    return payload.get_address() >= base && payload.get_address() + payload.get_data_length() <= base + size;
  }

  void copy(Payload& payload, void* at) {
    if (payload.is_write())
      std::memcpy(at, payload.get_data_ptr(), payload.get_data_length());
    else
      std::memcpy(payload.get_data_ptr(), at, payload.get_data_length());
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }

  void b_transport(Payload& payload, sc_core::sc_time& delay) {
    if (in_storage(payload)) {
      copy(payload, &storage[payload.get_address() - base]);
      payload.set_dmi_allowed(true);
      delay += ns(payload.is_write() ? 6 : 4);
    } else if (payload.get_address() == device) {
      reached = sc_core::sc_time_stamp() + delay;
      const auto* extension = payload.get_extension<InitiatorExtension>();
      kind = extension->kind;
      privilege = extension->privilege;
      copy(payload, &value);
      delay += ns(20);
    } else {
      payload.set_response_status(payload.get_address() == rom ? tlm::TLM_COMMAND_ERROR_RESPONSE
                                                               : tlm::TLM_ADDRESS_ERROR_RESPONSE);
      delay += ns(1);
    }
  }

  bool get_direct_mem_ptr(Payload& payload, tlm::tlm_dmi& dmi) {
    if (!in_storage(payload)) return false;
    dmi.set_dmi_ptr(storage.data());
    dmi.set_start_address(base);
    dmi.set_end_address(base + size - 1);
    dmi.allow_read_write();
    dmi.set_read_latency(ns(4));
    dmi.set_write_latency(ns(6));
    return true;
  }

  unsigned transport_dbg(Payload& payload) {
    if (!in_storage(payload)) return 0;
    copy(payload, &storage[payload.get_address() - base]);
    return payload.get_data_length();
  }

  std::vector<std::vector<std::uint8_t>> old_storage_;
};

}  // namespace memio::test
