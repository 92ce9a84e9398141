// RAM and ROM: a TLM-2.0 target with direct memory pointers.
//
// Any length, byte enables and streaming width (IEEE 1666-2011, section 14). Each transaction
// costs the read or write latency, refused ones too; the beats of long transfers are the bus's matter. A ROM
// refuses writes with a command error, but takes them from the debug interface, so that loaders can fill it.
// A reset leaves the contents. With a DeviceView, accesses of kind `dma` go through it and get no direct
// memory pointers. Not modelled: wear; the time of a DRAM is another class (dram.h), which the bus asks.
#pragma once

#include <tlm>
#include <vector>

#include "core/clock.h"
#include "core/coherence.h"
#include "core/write_listener.h"
#include "memory/host_memory.h"
#include "tlm_utils/simple_target_socket.h"

namespace memio {

struct MemoryConfig {
  std::uint64_t size = 0;  ///< bytes, a positive multiple of 4096
  bool read_only = false;  ///< a ROM
  Clock clock{sc_core::sc_time(1, sc_core::SC_NS)};
  Cycles read_latency = 0;   ///< cycles of a read of up to 8 bytes
  Cycles write_latency = 0;  ///< cycles of a write of up to 8 bytes
};

class Memory : public sc_core::sc_module {
 public:
  /// Throws what HostMemory throws.
  Memory(const sc_core::sc_module_name& name, const MemoryConfig& config);

  tlm_utils::simple_target_socket<Memory> socket{"socket"};

  /// The storage. Who writes to it past the socket calls `written` afterwards.
  HostMemory& storage() { return storage_; }

  /// How devices see this memory; null: as it is.
  void set_device_view(DeviceView* view) { view_ = view; }

  /// `listener` hears of every write by b_transport and by the debug interface, after it is done.
  void add_write_listener(WriteListener* listener) { listeners_.push_back(listener); }

  /// Tells the listeners of a write; `first` counts from the start of the memory.
  void written(std::uint64_t first, std::uint64_t size);

 private:
  using Payload = tlm::tlm_generic_payload;

  void b_transport(Payload& payload, sc_core::sc_time& delay);
  bool get_direct_mem_ptr(Payload& payload, tlm::tlm_dmi& dmi);
  unsigned transport_dbg(Payload& payload);
  tlm::tlm_response_status transfer(Payload& payload, sc_core::sc_time& delay);
  void move(Payload& payload, std::uint64_t width);
  Cycles move_for_device(Payload& payload, std::uint64_t width, Cycles at);

  MemoryConfig config_;
  HostMemory storage_;
  std::vector<WriteListener*> listeners_;
  DeviceView* view_ = nullptr;
};

}  // namespace memio
