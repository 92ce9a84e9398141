// The four phases of timing mode `at`; see bus.h. A thread for each target chooses and serves, a method for
// each initiator sends it what is due: END_REQ and BEGIN_RESP.
#include <algorithm>

#include "bus/bus.h"
#include "bus/bus_parts.h"
#include "core/extension.h"

namespace memio {

void Bus::start_serving(Target& target) {
  sc_core::sc_spawn([this, &target] { serve_queue(target); },
                    ("serve_" + target.name + "_" + space_name(target.space)).c_str());
}

void Bus::start_responding(Initiator& initiator) {
  sc_core::sc_spawn_options options;
  options.spawn_method();
  options.dont_initialize();
  options.set_sensitivity(&initiator.due);
  sc_core::sc_spawn([this, &initiator] { send_due(initiator); },
                    ("respond_" + initiator.name + "_" + space_name(initiator.space)).c_str(), &options);
}

tlm::tlm_sync_enum Bus::nb_transport_fw(int id, Payload& payload, tlm::tlm_phase& phase,
                                        sc_core::sc_time& delay) {
  const auto number = static_cast<unsigned>(id);
  if (phase == tlm::BEGIN_REQ) return begin_request(number, payload, phase, delay);
  Initiator& initiator = *initiators_[number];
  if (phase == tlm::END_RESP && initiator.responding == &payload)
    end_response(initiator, config_.clock.cycles_up(sc_core::sc_time_stamp() + delay));
  return tlm::TLM_COMPLETED;
}

tlm::tlm_sync_enum Bus::begin_request(unsigned id, Payload& payload, tlm::tlm_phase& phase,
                                      sc_core::sc_time& delay) {
  Initiator& initiator = *initiators_[id];
  const Cycles arrival = config_.clock.cycles_up(sc_core::sc_time_stamp() + delay);
  payload.acquire();
  payload.set_dmi_allowed(false);
  set_moving(payload, false);
  bool room = true;
  if (const Range* range = find_range(initiator, payload)) {
    if (data_moved(payload)) learn_latencies(initiator, *range);
    room = submit(*targets_[range->port], Pending{{id, initiator.priority, arrival}, &payload, range});
  } else {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    ++initiator.unmapped;
    trace(initiator, nullptr, payload, arrival, arrival + config_.hop);
    respond(initiator, payload, 0, arrival, arrival + config_.hop);
  }
  // No response can overtake an END_REQ that comes while the request crosses the bus.
  if (room && config_.accept <= config_.hop) {
    phase = tlm::END_REQ;
    delay = delay_until(arrival + config_.accept);
    return tlm::TLM_UPDATED;
  }
  end_request_at(initiator, payload, room ? arrival + config_.accept : never);
  return tlm::TLM_ACCEPTED;
}

// A b_transport: it waits for its turn like the others.
void Bus::wait_for_service(unsigned id, Payload& payload, const Range& range, Cycles arrival) {
  if (delay_until(arrival) > sc_core::SC_ZERO_TIME) sc_core::wait(delay_until(arrival));
  sc_core::sc_event finished;
  submit(*targets_[range.port],
         Pending{{id, initiators_[id]->priority, arrival}, &payload, &range, &finished});
  sc_core::wait(finished);
}

// True if the request has a place in the queue. While every initiator could still find one in this cycle,
// places need no arbitration.
bool Bus::submit(Target& target, const Pending& request) {
  const bool room = target.held.empty() && target.waiting.size() + initiators_.size() <= config_.queue;
  target.requests.push_back(request);
  (room ? target.waiting : target.held).push_back(&target.requests.back());
  target.changed.notify();
  trace_queue(target);
  return room;
}

void Bus::serve_queue(Target& target) {
  std::vector<const Request*> ready;
  for (;;) {
    while (target.requests.empty()) sc_core::wait(target.changed);
    config_.settler->settle(Settler::last);
    admit(target);
    Cycles soonest = never;
    ready.clear();
    for (const Request* request : target.waiting) {
      const Cycles start = route_of(static_cast<const Pending&>(*request)).start(request->at);
      soonest = std::min(soonest, start);
      if (start <= now()) ready.push_back(request);
    }
    if (ready.empty())
      sc_core::wait(delay_until(soonest), target.changed);
    else
      serve_next(target, *target.arbiter.choose(ready));
  }
}

const Route& Bus::route_of(const Pending& request) const {
  return *initiators_[request.initiator]->routes[request.range->port];
}

void Bus::serve_next(Target& target, const Request& next) {
  const auto chosen = std::find_if(target.requests.begin(), target.requests.end(),
                                   [&next](const Pending& pending) { return &pending == &next; });
  const Pending request = *chosen;
  target.arbiter.served(next);
  target.waiting.erase(std::find(target.waiting.begin(), target.waiting.end(), &next));
  target.requests.erase(chosen);
  admit(target);
  trace_queue(target);
  Initiator& initiator = *initiators_[request.initiator];
  const Range& range = *request.range;
  sc_core::sc_time delay;
  const Cycles start = now();
  const Cycles done =
      serve(target, *initiator.routes[range.port], *request.payload, range.origin, request.at, delay);
  if (auto* extension = request.payload->get_extension<InitiatorExtension>())
    extension->waited = start - request.at;
  trace(initiator, &target, *request.payload, request.at, done);
  if (request.finished)
    request.finished->notify(delay_until(done));
  else
    respond(initiator, *request.payload, range.port, request.at, done);
}

// Gives free places in the queue to those who wait for one.
void Bus::admit(Target& target) {
  while (!target.held.empty() && target.waiting.size() < config_.queue) {
    const auto* request = static_cast<const Pending*>(target.arbiter.choose(target.held));
    target.held.erase(std::find(target.held.begin(), target.held.end(), request));
    target.waiting.push_back(request);
    if (!request->finished)
      end_request_at(*initiators_[request->initiator], *request->payload, now() + config_.accept);
  }
}

void Bus::end_request_at(Initiator& initiator, Payload& payload, Cycles at) {
  initiator.requesting = &payload;
  initiator.end_request = at;
  if (at != never) initiator.due.notify(delay_until(at));
}

void Bus::respond(Initiator& initiator, Payload& payload, unsigned port, Cycles request, Cycles done) {
  initiator.responses.emplace(std::make_pair(done, port), Response{&payload, request});
  initiator.due.notify(delay_until(done));
}

// Sends an initiator what is due and comes back for the rest.
void Bus::send_due(Initiator& initiator) {
  if (initiator.requesting && initiator.end_request <= now()) {
    Payload& payload = *initiator.requesting;
    initiator.requesting = nullptr;
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_core::sc_time delay;
    initiator.socket->nb_transport_bw(payload, phase, delay);
  }
  while (send_response(initiator)) {
  }
  Cycles next = initiator.requesting ? initiator.end_request : never;
  if (!initiator.responding && !initiator.responses.empty())
    next = std::min(next, std::max(initiator.responses.begin()->first.first, initiator.response_free));
  if (next != never) initiator.due.notify(delay_until(next));
}

// The response that is due, if the initiator can take one.
bool Bus::send_response(Initiator& initiator) {
  const auto next = initiator.responses.begin();
  if (initiator.responding || next == initiator.responses.end() ||
      std::max(next->first.first, initiator.response_free) > now())
    return false;
  Payload& payload = *next->second.payload;
  initiator.responses.erase(next);
  initiator.responding = &payload;
  if (initiator.requesting == &payload) initiator.requesting = nullptr;
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time delay;
  const tlm::tlm_sync_enum answer = initiator.socket->nb_transport_bw(payload, phase, delay);
  if (answer == tlm::TLM_COMPLETED || (answer == tlm::TLM_UPDATED && phase == tlm::END_RESP))
    end_response(initiator, config_.clock.cycles_up(sc_core::sc_time_stamp() + delay));
  return true;
}

void Bus::end_response(Initiator& initiator, Cycles at) {
  initiator.responding->release();
  initiator.responding = nullptr;
  initiator.response_free = at;
  if (!initiator.responses.empty()) initiator.due.notify(delay_until(at));
}

void Bus::trace_queue(const Target& target) const {
  if (!trace_ || !trace_->wants(TraceTopic::dram)) return;
  trace_->queue({now(), &target.name, static_cast<unsigned>(target.waiting.size() + target.held.size())});
}

}  // namespace memio
