// Elaboration and routing of the bus; see bus.h for the rules of time and order.
#include "bus/bus.h"

#include <algorithm>
#include <stdexcept>

#include "bus/bus_parts.h"
#include "core/extension.h"

namespace memio {

namespace {

// Bytes from the address of a payload on: a streaming transfer stays in its streaming width.
std::uint64_t footprint(const tlm::tlm_generic_payload& payload) {
  return std::min(payload.get_data_length(), payload.get_streaming_width());
}

// Makes what is constructed in its life a child of `module`, wherever the call comes from.
class ChildrenOf {
 public:
  explicit ChildrenOf(sc_core::sc_module& module) : context_(module.simcontext()) {
    context_->hierarchy_push(&module);
  }
  ~ChildrenOf() { context_->hierarchy_pop(); }

 private:
  sc_core::sc_simcontext* context_;
};

}  // namespace

// One request's place at a target, from its arrival to the end of its service. Gives the place back
// also when the calling thread is killed or the target throws.
class Bus::Turn {
 public:
  Turn(Target& target, const Request& request) : target_(target), request_(request) {}

  ~Turn() {
    if (served_) {
      target_.serving = false;
    } else {
      leave();
    }
    if (!target_.waiting.empty()) target_.changed.notify();
  }

  // Joins those who wait.
  void enter() { target_.waiting.push_back(&request_); }

  // Waits until the target is free and the arbiter chooses this request.
  void win() {
    while (target_.serving || target_.arbiter.choose(target_.waiting) != &request_)
      sc_core::wait(target_.changed);
    target_.arbiter.served(request_);
    leave();
    take();
  }

  void take() { target_.serving = served_ = true; }

 private:
  void leave() {
    auto& waiting = target_.waiting;
    waiting.erase(std::remove(waiting.begin(), waiting.end(), &request_), waiting.end());
  }

  Target& target_;
  const Request& request_;
  bool served_ = false;
};

Bus::Bus(const sc_core::sc_module_name& name, const BusConfig& config)
    : sc_core::sc_module(name), config_(config), maps_{AddressMap(Space::memory), AddressMap(Space::port)} {
  if (config_.settler) return;
  own_settler_ = std::make_unique<Settler>("settler");
  config_.settler = own_settler_.get();
}

Bus::~Bus() = default;

Bus::TargetSocket& Bus::add_initiator(const std::string& name, Space space, unsigned priority, Ties ties,
                                      unsigned domain) {
  for (const auto& other : initiators_)
    if (other->name == name && other->space == space)
      throw std::invalid_argument(std::string(space_name(space)) + " space: two initiators named " + name);
  const ChildrenOf children(*this);
  const int id = static_cast<int>(initiators_.size());
  initiators_.push_back(
      std::make_unique<Initiator>(name, space, priority, ties, "from_" + name + "_" + space_name(space)));
  Initiator& initiator = *initiators_.back();
  initiator.domain = domain;
  initiator.socket.register_b_transport(this, &Bus::b_transport, id);
  if (config_.at) initiator.socket.register_nb_transport_fw(this, &Bus::nb_transport_fw, id);
  initiator.socket.register_get_direct_mem_ptr(this, &Bus::get_direct_mem_ptr, id);
  initiator.socket.register_transport_dbg(this, &Bus::transport_dbg, id);
  if (ties == Ties::arbitrated) ++arbitrated_[index(space)];
  for (const auto& target : targets_) connect(initiator, *target);
  if (!config_.at) return initiator.socket;
  start_responding(initiator);
  initiator.checker = std::make_unique<ProtocolChecker>(("check_" + name + "_" + space_name(space)).c_str());
  initiator.checker->initiator.bind(initiator.socket);
  return initiator.checker->target;
}

void Bus::map(Space space, std::uint64_t first, std::uint64_t last, const std::string& target,
              TargetSocket& socket, const RangeTraits& traits) {
  Range range{first, last, target, 0, traits.origin.value_or(first), traits.cacheable};
  maps_[index(space)].check(range);
  const Target& owner = target_of(space, target, socket);
  for (unsigned i = 0; i < targets_.size(); ++i)
    if (targets_[i].get() == &owner) range.port = i;
  maps_[index(space)].add(range);
}

// The known target of that name, or a new one.
Bus::Target& Bus::target_of(Space space, const std::string& name, TargetSocket& socket) {
  for (const auto& target : targets_) {
    if (target->name != name || target->space != space) continue;
    if (&target->bound != &socket)
      throw std::invalid_argument(std::string(space_name(space)) + " space: two targets named " + name);
    return *target;
  }
  const ChildrenOf children(*this);
  const int id = static_cast<int>(targets_.size());
  targets_.push_back(std::make_unique<Target>(name, space, socket, config_.arbitration,
                                              "to_" + name + "_" + space_name(space)));
  Target& target = *targets_.back();
  target.socket.register_invalidate_direct_mem_ptr(this, &Bus::invalidate_direct_mem_ptr, id);
  target.socket.bind(socket);
  if (config_.at) start_serving(target);
  for (const auto& initiator : initiators_) connect(*initiator, target);
  return target;
}

void Bus::connect(Initiator& initiator, Target& target) {
  initiator.routes.emplace_back();
  initiator.latencies_known.push_back(false);
  if (initiator.space != target.space) return;
  initiator.routes.back() = std::make_unique<Route>(initiator.name, target.name, target.occupancy);
  Route& route = *initiator.routes.back();
  route.timing.hop = config_.hop;
  route.timing.beat = config_.beat;
  route.timing.width = config_.width;
  if (initiator.ties == Ties::call_order && !config_.at) route.share(&initiator.port);
  if (initiator.domain != 0 && !config_.at) route.run_ahead(initiator.domain);
  apply_traits(target, route);
}

void Bus::set_traits(Space space, const std::string& name, const TargetTraits& traits) {
  for (unsigned i = 0; i < targets_.size(); ++i) {
    Target& target = *targets_[i];
    if (target.name != name || target.space != space) continue;
    target.traits = traits;
    for (const auto& initiator : initiators_)
      if (Route* route = initiator->routes[i].get()) apply_traits(target, *route);
  }
}

void Bus::apply_traits(const Target& target, Route& route) const {
  route.timing.interval = target.traits.interval;
  route.set_service(target.traits.service);
  if (target.traits.independent) route.occupy_alone();
}

bool Bus::must_settle(const Initiator& initiator) const {
  return initiator.ties == Ties::arbitrated && arbitrated_[index(initiator.space)] > 1;
}

sc_core::sc_time Bus::delay_until(Cycles cycle) const {
  const sc_core::sc_time time = config_.clock.time(cycle), now = sc_core::sc_time_stamp();
  return time > now ? time - now : sc_core::SC_ZERO_TIME;
}

const Range* Bus::find_range(const Initiator& initiator, const Payload& payload) const {
  return maps_[index(initiator.space)].find(payload.get_address(), footprint(payload));
}

void Bus::b_transport(int id, Payload& payload, sc_core::sc_time& delay) {
  set_moving(payload, false);
  Initiator& initiator = *initiators_[static_cast<unsigned>(id)];
  const Cycles arrival = config_.clock.cycles_up(sc_core::sc_time_stamp() + delay);
  const Range* range = find_range(initiator, payload);
  if (!range) {
    ++initiator.unmapped;
    payload.set_dmi_allowed(false);
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    delay = delay_until(arrival + config_.hop);
    trace(initiator, nullptr, payload, arrival, arrival + config_.hop);
    return;
  }
  Target& target = *targets_[range->port];
  const Request request{static_cast<unsigned>(id), initiator.priority, arrival};
  if (data_moved(payload)) learn_latencies(initiator, *range);
  if (config_.at) {
    wait_for_service(static_cast<unsigned>(id), payload, *range, arrival);
    delay = sc_core::SC_ZERO_TIME;
    return;
  }
  Turn turn(target, request);
  if (must_settle(initiator)) {
    if (const sc_core::sc_time until = delay_until(arrival); until > sc_core::SC_ZERO_TIME)
      sc_core::wait(until);
    turn.enter();
    config_.settler->settle(0);
    turn.win();
  } else if (target.serving) {
    turn.enter();
    turn.win();
  } else {
    turn.take();
  }
  const Cycles done = serve(target, *initiator.routes[range->port], payload, range->origin, arrival, delay);
  trace(initiator, &target, payload, arrival, done);
}

// Passes the payload to the target, charges and counts it; returns when it is done.
Cycles Bus::serve(Target& target, Route& route, Payload& payload, std::uint64_t origin, Cycles request,
                  sc_core::sc_time& delay) {
  const AccessKind kind = access_kind(payload);
  const bool write = writes(payload);
  const std::uint64_t address = payload.get_address();
  if (data_moved(payload)) {
    const Cycles done = route.charge(kind, write, address - origin, payload.get_data_length(), request);
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    delay = delay_until(done);
    return done;
  }
  const std::uint32_t size = payload.get_command() == tlm::TLM_IGNORE_COMMAND ? 0 : payload.get_data_length();
  const Cycles start = route.start(request), arrived = start + route.timing.hop;

  delay = delay_until(arrived);
  payload.set_address(address - origin);
  set_moving(payload, true);
  target.socket->b_transport(payload, delay);
  set_moving(payload, false);
  payload.set_address(address);
  if (!config_.dmi) payload.set_dmi_allowed(false);

  const Cycles answered = std::max(arrived, config_.clock.cycles_up(sc_core::sc_time_stamp() + delay));
  const Route::Service service = route.serve(write, address - origin, size, start, answered);
  route.finish(kind, write, size, request, start, service, payload.is_response_ok());
  delay = delay_until(service.done);
  return service.done;
}

Cycles Bus::oldest_request(Cycles now) const {
  for (const auto& target : targets_)
    for (const auto* list : {&target->waiting, &target->held})
      for (const Request* request : *list) now = std::min(now, request->at);
  for (const auto& initiator : initiators_)
    for (const auto& response : initiator->responses) now = std::min(now, response.second.request);
  return now;
}

void Bus::trace(const Initiator& initiator, const Target* target, const Payload& payload, Cycles request,
                Cycles done) const {
  if (!trace_ || !trace_->wants(TraceTopic::bus)) return;
  trace_->bus({request, done, &initiator.name, target ? &target->name : nullptr, initiator.space,
               access_kind(payload), writes(payload), payload.get_address(), payload.get_data_length(),
               from_tlm(payload.get_response_status()), memory_type(payload)});
}

}  // namespace memio
