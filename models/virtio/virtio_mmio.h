// A virtio-mmio slot: registers, interrupt and the engine that serves the queues of the function in it.
//
// Follows "Virtual I/O Device (VIRTIO) Version 1.2", section 4.2, as version 2 or as the legacy interface of
// section 4.2.4, and QEMU's `virt` where that leaves a choice. A slot without a function answers with device
// 0. The engine walks rings and moves data with a bus master of its own, in transactions of kind dma; one
// request is served at a time, in the slot's thread, and is given up when the driver resets the device. What
// the driver has in memory is not trusted: if it makes no sense, or an address answers with an error, the
// device sets DEVICE_NEEDS_RESET and stops. Not modelled: packed queues, shared memory, the reset of a single
// queue, changes of the configuration space.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "core/bus_master.h"
#include "core/irq_ports.h"
#include "core/register_target.h"
#include "core/trace.h"
#include "virtio/virtio_function.h"

namespace memio {

struct VirtioMmioConfig {
  Clock clock{sc_core::sc_time(1, sc_core::SC_NS)};
  bool legacy = false;       ///< version 1
  std::uint32_t burst = 64;  ///< most bytes of a transaction, a power of two, at least 8
  bool at = false;           ///< four-phase transactions
  sc_core::sc_time latency = sc_core::SC_ZERO_TIME;  ///< of a register access
};

class VirtioMmio : public RegisterTarget, private VirtioHost {
 public:
  IrqOutput irq{"irq"};
  BusMaster memory;  ///< to be bound if there is a function

  /// `function` may be null.
  VirtioMmio(const sc_core::sc_module_name& name, const VirtioMmioConfig& config,
             std::unique_ptr<VirtioFunction> function);

  /// Queues of the function; 0 in an empty slot.
  unsigned queues() const { return static_cast<unsigned>(queues_.size()); }

  void reset() override;
  void register_stats(StatGroup& group) override;
  void set_trace(TraceSink* sink) { trace_ = sink; }

 private:
  static constexpr Cycles never = ~Cycles{0};

  /// A queue with what the registers say of it.
  struct Queue {
    std::uint32_t size = 0;  ///< entries; 0: the driver asked for a size that no queue has
    std::uint64_t descriptors = 0, driver = 0, device = 0;
    std::uint64_t pages = 0;     ///< legacy: QUEUE_PFN
    std::uint64_t align = 4096;  ///< legacy; the value for drivers that never write it is QEMU's
    Virtqueue ring;
    bool armed = false;                  ///< it may hold chains
    Cycles first = never, last = never;  ///< notifications that have yet to arrive
  };

  // virtio_mmio.cpp: registers
  using Writer = void (VirtioMmio::*)(std::uint64_t);
  Register& add(const char* name, std::uint64_t offset, std::uint64_t value = 0, Writer writer = nullptr);
  void add_common();
  void add_legacy();
  void add_modern();
  void add_config();
  void add_address(const char* low, const char* high, std::uint64_t offset, std::uint64_t Queue::*address);
  Queue* selected();
  std::uint64_t offered() const;
  void write_driver_features(std::uint64_t value);
  void write_queue_num(std::uint64_t value);
  void write_queue_ready(std::uint64_t value);
  void write_queue_pages(std::uint64_t value);
  void write_notify(std::uint64_t value);
  void write_interrupt_ack(std::uint64_t value);
  void write_status(std::uint64_t value);
  void start_queue(Queue& queue);
  void stop_queue(Queue& queue);
  void forget();
  void update_irq();

  // virtio_engine.cpp
  bool read(std::uint64_t address, std::uint8_t* data, std::uint64_t size) override;
  bool write(std::uint64_t address, const std::uint8_t* data, std::uint64_t size) override;
  bool spend(std::uint64_t picoseconds) override;
  bool move(std::uint64_t address, std::uint8_t* data, std::uint64_t size, bool write);
  Cycles now() const { return config_.clock.cycles_up(sc_core::sc_time_stamp()); }
  bool running() const;
  void run();
  void hear();
  unsigned choose();
  void rest();
  void serve(unsigned number);
  void notify(unsigned number);
  void fail();
  void interrupt(std::uint64_t cause);
  void trace(unsigned number, unsigned state, std::uint64_t descriptor, std::uint64_t bytes);

  VirtioMmioConfig config_;
  std::string name_;
  std::unique_ptr<VirtioFunction> function_;
  std::deque<Register> bank_;
  Register *device_features_sel_ = nullptr, *driver_features_sel_ = nullptr, *queue_sel_ = nullptr,
           *interrupt_status_ = nullptr, *status_ = nullptr, *page_size_ = nullptr;
  std::vector<Queue> queues_;
  std::vector<std::uint8_t> space_;  ///< configuration
  std::uint64_t driver_features_ = 0;

  std::uint64_t epoch_ = 0;          ///< a request that sees it change is given up
  std::uint64_t serving_epoch_ = 0;  ///< of the request in hand
  unsigned serving_ = 0;             ///< its queue
  unsigned last_ = 0;                ///< the queue served last
  std::uint64_t still_ = 0;          ///< bytes moved since time went on
  sc_core::sc_event_queue arrived_{"arrived"};
  sc_core::sc_event given_up_{"given_up"};
  TraceSink* trace_ = nullptr;
  std::uint64_t requests_ = 0, notifications_ = 0, interrupts_ = 0, bytes_read_ = 0, bytes_written_ = 0,
                broken_ = 0;
};

}  // namespace memio
