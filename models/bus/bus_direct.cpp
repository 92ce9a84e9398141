// What passes a bus without time: direct memory pointers and debug accesses.
#include <algorithm>

#include "bus/bus.h"
#include "bus/bus_parts.h"
#include "core/extension.h"

namespace memio {

namespace {

// Cuts a region of a target down to `range` and moves it into the addresses of the bus. False if
// nothing is left.
bool clip(const Range& range, std::uint64_t& first, std::uint64_t& last) {
  const std::uint64_t lowest = range.first - range.origin, highest = range.last - range.origin;
  if (last < lowest || first > highest) return false;
  first = std::max(first, lowest) + range.origin;
  last = std::min(last, highest) + range.origin;
  return true;
}

}  // namespace

bool Bus::get_direct_mem_ptr(int id, Payload& payload, tlm::tlm_dmi& dmi) {
  Initiator& initiator = *initiators_[static_cast<unsigned>(id)];
  const std::uint64_t address = payload.get_address();
  const Range* range = maps_[index(initiator.space)].find(address);
  if (!config_.dmi || !range) {
    dmi.allow_none();
    return false;
  }
  payload.set_address(address - range->origin);
  const bool granted = targets_[range->port]->socket->get_direct_mem_ptr(payload, dmi);
  payload.set_address(address);

  std::uint64_t first = dmi.get_start_address(), last = dmi.get_end_address();
  if (!clip(*range, first, last) || address < first || address > last) {
    dmi.allow_none();
    return false;
  }
  // The pointer stands for the first byte of the region: it moves as far as clipping moved that.
  if (granted) dmi.set_dmi_ptr(dmi.get_dmi_ptr() + (first - range->origin - dmi.get_start_address()));
  dmi.set_start_address(first);
  dmi.set_end_address(last);
  if (!granted) return false;

  Route& route = *initiator.routes[range->port];
  set_latencies(initiator, range->port, dmi);
  dmi.set_read_latency(config_.clock.time(route.cost(false, 1)));
  dmi.set_write_latency(config_.clock.time(route.cost(true, 1)));
  if (auto* extension = payload.get_extension<InitiatorExtension>())
    extension->grant = {&route, first - range->origin, range->cacheable};
  return true;
}

void Bus::set_latencies(Initiator& initiator, unsigned port, const tlm::tlm_dmi& dmi) {
  Route& route = *initiator.routes[port];
  route.timing.read = config_.clock.cycles_up(dmi.get_read_latency());
  route.timing.write = config_.clock.cycles_up(dmi.get_write_latency());
  initiator.latencies_known[port] = true;
}

// What moves by a grant costs what the target says of its grants, also if this initiator never asked.
void Bus::learn_latencies(Initiator& initiator, const Range& range) {
  if (initiator.latencies_known[range.port]) return;
  tlm::tlm_dmi dmi;
  Payload payload;
  payload.set_command(tlm::TLM_READ_COMMAND);
  payload.set_address(range.first - range.origin);
  targets_[range.port]->socket->get_direct_mem_ptr(payload, dmi);
  set_latencies(initiator, range.port, dmi);
}

unsigned Bus::transport_dbg(int id, Payload& payload) {
  const Initiator& initiator = *initiators_[static_cast<unsigned>(id)];
  const std::uint64_t address = payload.get_address();
  const unsigned length = payload.get_data_length();
  const Range* range = maps_[index(initiator.space)].find(address);
  if (!range) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return 0;
  }
  // A target answers for its own range only: what lies behind it is another's.
  const std::uint64_t rest = range->last - address;
  payload.set_address(address - range->origin);
  if (length > 0 && rest < length - 1) payload.set_data_length(static_cast<unsigned>(rest + 1));
  const unsigned done = targets_[range->port]->socket->transport_dbg(payload);
  payload.set_address(address);
  payload.set_data_length(length);
  return done;
}

void Bus::invalidate_direct_mem_ptr(int id, sc_dt::uint64 first, sc_dt::uint64 last) {
  const unsigned port = static_cast<unsigned>(id);
  const Space space = targets_[port]->space;
  for (const Range& range : maps_[index(space)].ranges()) {
    std::uint64_t from = first, to = last;
    if (range.port != port || !clip(range, from, to)) continue;
    for (const auto& initiator : initiators_)
      if (initiator->space == space) initiator->socket->invalidate_direct_mem_ptr(from, to);
  }
}

}  // namespace memio
