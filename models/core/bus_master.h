// The initiator side of a bus: what CPUs, DMA controllers, walkers of IOMMUs and accelerators make their
// transactions with. TLM-2.0 (IEEE 1666-2011): b_transport with time annotation in timing mode `lt`
// (section 11), the base protocol's four phases by nb_transport in `at` (section 15).
//
// Transactions of one master are made in order, at most `outstanding` at a time. All fields of the payload
// and of its extension come from the Access. An Access without data is one whose data moves by a direct
// grant: it takes its time and is counted like any other, but moves nothing.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

#include "core/access.h"
#include "core/clock.h"
#include "core/extension.h"
#include "core/route.h"
#include "tlm_utils/simple_initiator_socket.h"

namespace memio {

struct BusMasterConfig {
  Clock clock{sc_core::sc_time(1, sc_core::SC_NS)};
  std::string initiator;     ///< name of the initiator in traces and statistics; empty: the module's
  unsigned number = 0;       ///< number of the hart or device
  bool at = false;           ///< four-phase transactions
  unsigned outstanding = 1;  ///< `at`: transactions under way at a time, at least 1
};

class BusMaster : public sc_core::sc_module {
 public:
  /// To be bound to a bus or a target; an unbound one answers every access with an address error.
  tlm_utils::simple_initiator_socket_optional<BusMaster> socket{"socket"};

  BusMaster(const sc_core::sc_module_name& name, const BusMasterConfig& config);
  ~BusMaster() override;

  template <typename Socket>
  void bind(Socket& other) {
    socket.bind(other);
  }

  /// Makes one transaction that begins at `now`, not before the simulation's time, and not before those made
  /// or posted before are done (outstanding 1). To be called in a thread. In `at` it returns at the time it
  /// names as done. In `lt` that may lie ahead of the simulation's time, which moves only if the target or
  /// the bus waits.
  Completion transfer(const Access& access, Cycles now);

  /// Begins a transaction with memory that the caller does not wait for, in order after those before it, and
  /// not before `now`. Data is moved at once, past the bus's clock; without data only time passes. Never
  /// waits in `at`.
  Ticket post(const Access& access, Cycles now);

  /// When a posted transaction was done and how it ended; in `at` waits until it is. To be asked once for
  /// each ticket.
  Completion completion(Ticket ticket);

  /// Waits until the simulation has reached `cycle`.
  void wait_until(Cycles cycle);

  /// Direct access to the storage at `address`; false if its owner gives none. A target without a bus in
  /// between charges a route of this master's own, with the latencies of its grant.
  bool grant(std::uint64_t address, Grant& out);

  /// Called when grants of a range (both ends included) are no longer valid.
  void set_revoke_handler(std::function<void(std::uint64_t, std::uint64_t)> handler) {
    on_revoke_ = std::move(handler);
  }

  /// Debug transport; how many bytes were moved.
  unsigned debug_read(std::uint64_t address, std::uint8_t* data, unsigned size);
  unsigned debug_write(std::uint64_t address, const std::uint8_t* data, unsigned size);

  /// Its name at the bus.
  const std::string& initiator() const { return config_.initiator; }

  /// True while a target moves the data of a transaction of this master: a write that is noticed now is its
  /// own.
  bool moving() const;

 private:
  using Payload = tlm::tlm_generic_payload;

  /// A payload with its extension and what becomes of it.
  struct Item {
    Payload payload;
    InitiatorExtension extension;
    std::vector<std::uint8_t> place;  ///< what the payload of an Access without data points to
    Cycles from = 0;                  ///< not to be begun before
    Cycles begun = 0;
    Completion completion;
    bool finished = false;
  };

  /// Keeps items until the last who uses one releases it.
  class Pool : public tlm::tlm_mm_interface {
   public:
    ~Pool() override;
    Item& acquire();
    void free(Payload* payload) override;

   private:
    std::vector<std::unique_ptr<Item>> items_;
    std::vector<Item*> free_;
  };

  void fill(Item& item, const Access& access);
  void move_now(const Access& access);
  void invalidate(sc_dt::uint64 first, sc_dt::uint64 last);
  unsigned debug(tlm::tlm_command command, std::uint64_t address, std::uint8_t* data, unsigned size);
  Completion transfer_loosely(const Access& access, Cycles now);

  // bus_master_at.cpp
  Item& enqueue(const Access& access, Cycles now);
  Completion conclude(Item& item);
  void send_next();
  void begin(Item& item);
  void request_ended(Cycles at);
  void finish(Item& item, Cycles at);
  Item& item_of(Payload& payload);
  tlm::tlm_sync_enum nb_transport_bw(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);

  /// The route to a target without a bus in between.
  struct DirectRoute {
    Occupancy occupancy;
    Route route;
    DirectRoute(const std::string& initiator, const std::string& target)
        : route(initiator, target, occupancy) {}
  };

  BusMasterConfig config_;
  std::function<void(std::uint64_t, std::uint64_t)> on_revoke_;
  std::vector<std::unique_ptr<DirectRoute>> direct_routes_;
  Item item_;                               ///< of `lt`, grants and debug accesses
  std::map<Ticket, Completion> completed_;  ///< `lt`
  Ticket next_ticket_ = 1;
  Cycles last_done_ = 0;

  // Of `at`.
  Pool pool_;
  std::deque<Item*> queue_;         ///< not yet begun
  std::vector<Item*> under_way_;    ///< begun and not finished
  std::map<Ticket, Item*> posted_;  ///< whose completion has not been asked for
  Item* requesting_ = nullptr;      ///< begun and not accepted
  Cycles request_free_ = 0;         ///< when the next may begin
  sc_core::sc_event send_, finished_;
};

}  // namespace memio
