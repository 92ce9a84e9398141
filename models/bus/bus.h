// The interconnect: decodes (space, address), arbitrates, charges, counts and traces. TLM-2.0 (IEEE
// 1666-2011, sections 11, 14 and 15), loosely timed (`lt`) or approximately timed (`at`).
//
// Time. A request is rounded up to the next clock edge and then charged by the formula of core/route.h:
// the bus adds wait and hop, the target its latency, the bus the further beats of a longer transfer; a
// target with a ServiceModel adds nothing itself. What the target adds is kept, errors included. The target
// is busy until the transfer is done, or for TargetTraits::interval. An address nobody owns costs the hop and
// gives an address error.
//
// Order. Requests to one target are served by request time; those of the same cycle by the policy (see
// arbiter.h). To know its rivals, a request of an initiator with Ties::arbitrated is held inside
// b_transport until the delta cycles of its time are over, if its space has another such initiator; a
// time annotation is waited out first. Initiators with Ties::call_order are served when they
// call. Targets are arbitrated one by one: traffic at one never delays another. Whoever calls while
// a target that itself waits is still serving, waits for the end of that service.
//
// In `at` each transaction has four phases by nb_transport. BEGIN_REQ puts the request into the queue of its
// target; END_REQ follows `accept` cycles later, or when there is room in the queue again (BEGIN_RESP says
// the same). At each start of service the arbiter chooses among the requests in the queue, when all of that
// cycle are known. BEGIN_RESP comes when the transfer is done, one at a time for each initiator, and END_RESP
// frees the initiator's response channel. So an uncontended transaction takes what it takes in `lt`. Requests
// that find the queue full are let in by the arbiter's order. Before each initiator stands a ProtocolChecker.
// Targets are called by b_transport, also those that have an nb_transport of their own: the queue, the
// service and the end of each transfer are the bus's, which a target's own phases could only repeat.
//
// Not modelled: split transactions and a shared data path between targets. In `lt`, nb_transport is converted
// to b_transport by the sockets; in `at`, a b_transport waits in the queue like the others, without phases. A
// target must not access itself through the bus while it serves.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <tlm>
#include <vector>

#include "bus/address_map.h"
#include "bus/arbiter.h"
#include "core/clock.h"
#include "core/route.h"
#include "core/settler.h"
#include "core/stats.h"
#include "core/trace.h"
#include "tlm_utils/simple_initiator_socket.h"
#include "tlm_utils/simple_target_socket.h"

namespace memio {

class ProtocolChecker;

struct BusConfig {
  Clock clock{sc_core::sc_time(1, sc_core::SC_NS)};
  Cycles hop = 1;           ///< cycles to cross the bus
  Cycles beat = 1;          ///< cycles of each beat after the first
  std::uint32_t width = 8;  ///< bytes of a beat, a power of two
  Arbitration arbitration = Arbitration::fixed;
  bool at = false;             ///< four-phase transactions
  Cycles accept = 1;           ///< `at`: from a request's place in a queue to END_REQ, at least 1
  unsigned queue = 8;          ///< `at`: requests that wait at one target, at least 1
  bool dmi = true;             ///< false denies every direct memory pointer
  Settler* settler = nullptr;  ///< the simulation's; null if nothing else settles: the bus makes one
};

/// How requests of an initiator take part when several are made in one cycle.
enum class Ties : std::uint8_t {
  arbitrated,  ///< by the policy, after all requests of the cycle are known
  call_order   ///< at once: harts (which act after devices, by their own synchronisation) and bridges
};

/// What the bus should know of a target's time.
struct TargetTraits {
  ServiceModel* service = nullptr;  ///< null: the latency that the target adds itself
  Cycles interval = 0;              ///< see RouteTiming
  bool independent = false;         ///< a port for each initiator: none waits for another
};

/// How a target sees a range of addresses.
struct RangeTraits {
  std::optional<std::uint64_t> origin = {};  ///< the address that the target counts from; none: the first
  bool cacheable = false;                    ///< main memory that caches may hold
};

class Bus : public sc_core::sc_module {
 public:
  /// Anything with a 32-bit wide (TLM_BUSWIDTH) base-protocol socket fits.
  using TargetSocket = tlm::tlm_base_target_socket_b<>;

  Bus(const sc_core::sc_module_name& name, const BusConfig& config);
  ~Bus() override;

  /// The socket to bind the initiator's to. A name may stand once in each space (std::invalid_argument).
  /// A lower `priority` wins under fixed arbitration; equal ones go by the order of the calls. Requests with
  /// Ties::call_order are served one after the other, in that order. `domain`: see Route::run_ahead; of no
  /// effect in `at`, where nobody runs ahead.
  TargetSocket& add_initiator(const std::string& name, Space space, unsigned priority = 0,
                              Ties ties = Ties::arbitrated, unsigned domain = 0);

  /// Binds `socket` and gives it the addresses from `first` to `last`. A target may own several ranges,
  /// under one name: two with one origin, or aliases of each other. Throws std::invalid_argument for a range
  /// that AddressMap::check refuses and for a name that belongs to another socket.
  void map(Space space, std::uint64_t first, std::uint64_t last, const std::string& target,
           TargetSocket& socket, const RangeTraits& traits = {});

  /// Sets the traits of a target that has been mapped; before the run.
  void set_traits(Space space, const std::string& target, const TargetTraits& traits);

  /// True in timing mode `at`.
  bool at() const { return config_.at; }

  const std::vector<Range>& ranges(Space space) const { return maps_[index(space)].ranges(); }

  /// The accounting of an initiator at a target, or null if there is no such pair.
  const Route* route(Space space, const std::string& initiator, const std::string& target) const;

  /// Transactions to addresses nobody owns.
  std::uint64_t unmapped(Space space) const;

  /// Adds totals, and a group for each space, initiator and target; call it after all `map`s.
  void register_stats(StatGroup& group) const;

  /// The checker of an initiator's transactions, or null if there is none: in `lt` there are none at all.
  ProtocolChecker* checker(Space space, const std::string& initiator) const;

  /// `at`: adds a group for each space and initiator, with what its checker counted.
  void register_phase_stats(StatGroup& group) const;

  /// `at`: a line for each initiator whose transactions broke the protocol; empty if none did.
  std::string violations() const;

  void set_trace(TraceSink* sink) { trace_ = sink; }

  /// The time of the earliest request that waits for its service, in `at` for its response, or `now`: no
  /// transaction that is still to be traced, by the bus or by who asked, began before.
  Cycles oldest_request(Cycles now) const;

 private:
  struct Initiator;
  struct Target;
  struct Pending;
  struct Response;
  class Turn;
  using Payload = tlm::tlm_generic_payload;

  static unsigned index(Space space) { return static_cast<unsigned>(space); }

  void b_transport(int id, Payload& payload, sc_core::sc_time& delay);
  bool get_direct_mem_ptr(int id, Payload& payload, tlm::tlm_dmi& dmi);
  unsigned transport_dbg(int id, Payload& payload);
  void invalidate_direct_mem_ptr(int id, sc_dt::uint64 first, sc_dt::uint64 last);

  Target& target_of(Space space, const std::string& name, TargetSocket& socket);
  void connect(Initiator& initiator, Target& target);
  void set_latencies(Initiator& initiator, unsigned port, const tlm::tlm_dmi& dmi);
  void learn_latencies(Initiator& initiator, const Range& range);
  void apply_traits(const Target& target, Route& route) const;
  const Range* find_range(const Initiator& initiator, const Payload& payload) const;
  bool must_settle(const Initiator& initiator) const;
  Cycles serve(Target& target, Route& route, Payload& payload, std::uint64_t origin, Cycles request,
               sc_core::sc_time& delay);
  sc_core::sc_time delay_until(Cycles cycle) const;
  void trace(const Initiator& initiator, const Target* target, const Payload& payload, Cycles request,
             Cycles done) const;

  // bus_at.cpp
  void start_serving(Target& target);
  void start_responding(Initiator& initiator);
  tlm::tlm_sync_enum nb_transport_fw(int id, Payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);
  tlm::tlm_sync_enum begin_request(unsigned id, Payload& payload, tlm::tlm_phase& phase,
                                   sc_core::sc_time& delay);
  void wait_for_service(unsigned id, Payload& payload, const Range& range, Cycles arrival);
  bool submit(Target& target, const Pending& request);
  void serve_queue(Target& target);
  const Route& route_of(const Pending& request) const;
  void serve_next(Target& target, const Request& next);
  void admit(Target& target);
  void end_request_at(Initiator& initiator, Payload& payload, Cycles at);
  void respond(Initiator& initiator, Payload& payload, unsigned port, Cycles request, Cycles done);
  void end_response(Initiator& initiator, Cycles at);
  void send_due(Initiator& initiator);
  bool send_response(Initiator& initiator);
  void trace_queue(const Target& target) const;
  Cycles now() const { return config_.clock.cycles_up(sc_core::sc_time_stamp()); }

  static constexpr Cycles never = ~Cycles{0};

  BusConfig config_;
  std::unique_ptr<Settler> own_settler_;
  AddressMap maps_[2];
  unsigned arbitrated_[2] = {};
  std::vector<std::unique_ptr<Initiator>> initiators_;
  std::vector<std::unique_ptr<Target>> targets_;
  TraceSink* trace_ = nullptr;
};

}  // namespace memio
