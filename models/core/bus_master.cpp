// The initiator side of a bus; see bus_master.h.
#include "core/bus_master.h"

#include <algorithm>

namespace memio {

using sc_core::sc_time;
using sc_core::sc_time_stamp;

BusMaster::BusMaster(const sc_core::sc_module_name& name, const BusMasterConfig& config)
    : sc_core::sc_module(name), config_(config) {
  if (config_.initiator.empty()) config_.initiator = basename();
  item_.payload.set_extension(&item_.extension);
  if (config_.at) {
    SC_HAS_PROCESS(BusMaster);
    SC_METHOD(send_next);
    sensitive << send_;
    dont_initialize();
    socket.register_nb_transport_bw(this, &BusMaster::nb_transport_bw);
  }
  socket.register_invalidate_direct_mem_ptr(this, &BusMaster::invalidate);
}

BusMaster::~BusMaster() { item_.payload.clear_extension(&item_.extension); }

void BusMaster::fill(Item& item, const Access& access) {
  Payload& payload = item.payload;
  payload.set_command(access.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  payload.set_address(access.address);
  payload.set_data_ptr(access.data);
  payload.set_data_length(access.size);
  payload.set_streaming_width(access.size);
  payload.set_byte_enable_ptr(nullptr);
  payload.set_dmi_allowed(false);
  payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  if (!access.data) {
    // Whoever does not know the extension must neither read nor write the place that the payload points to.
    payload.set_command(tlm::TLM_IGNORE_COMMAND);
    item.place.resize(access.size);
    payload.set_data_ptr(item.place.data());
  }
  InitiatorExtension& extension = item.extension;
  extension.initiator = config_.number;
  extension.name = &config_.initiator;
  extension.kind = access.kind;
  extension.privilege = access.privilege;
  extension.cacheable = access.memory_type == MemoryType::pma;
  extension.bufferable = access.memory_type != MemoryType::io;
  extension.moved = !access.data;
  extension.moved_write = access.write;
  extension.iommu_fault = false;
  extension.waited = 0;
}

Completion BusMaster::transfer(const Access& access, Cycles now) {
  if (socket.size() == 0) return {Status::address_error, now};
  if (!config_.at) return transfer_loosely(access, now);
  Item& item = enqueue(access, now);
  send_next();
  return conclude(item);
}

Completion BusMaster::transfer_loosely(const Access& access, Cycles now) {
  fill(item_, access);
  // The bus makes a port's transactions one after the other, and counts what they wait for.
  const sc_time begin = config_.clock.time(now);
  sc_time delay = begin > sc_time_stamp() ? begin - sc_time_stamp() : sc_core::SC_ZERO_TIME;
  item_.extension.moving = true;
  socket->b_transport(item_.payload, delay);
  item_.extension.moving = false;
  last_done_ = config_.clock.cycles_up(sc_time_stamp() + delay);
  return {item_.extension.iommu_fault ? Status::iommu_fault : from_tlm(item_.payload.get_response_status()),
          last_done_};
}

Ticket BusMaster::post(const Access& access, Cycles now) {
  move_now(access);
  Access timing = access;
  timing.data = nullptr;
  if (config_.at && socket.size() != 0) {
    posted_[next_ticket_] = &enqueue(timing, now);
    send_next();
  } else {
    completed_[next_ticket_] = transfer(timing, now);
  }
  return next_ticket_++;
}

void BusMaster::move_now(const Access& access) {
  if (!access.data) return;
  if (access.write)
    debug_write(access.address, access.data, access.size);
  else
    debug_read(access.address, access.data, access.size);
}

Completion BusMaster::completion(Ticket ticket) {
  if (const auto posted = posted_.find(ticket); posted != posted_.end()) {
    Item& item = *posted->second;
    posted_.erase(posted);
    return conclude(item);
  }
  const auto found = completed_.find(ticket);
  const Completion result = found->second;
  completed_.erase(found);
  return result;
}

bool BusMaster::moving() const {
  return item_.extension.moving || std::any_of(under_way_.begin(), under_way_.end(),
                                               [](const Item* item) { return item->extension.moving; });
}

void BusMaster::wait_until(Cycles cycle) {
  const sc_time target = config_.clock.time(cycle);
  if (target > sc_time_stamp()) wait(target - sc_time_stamp());
}

bool BusMaster::grant(std::uint64_t address, Grant& out) {
  if (socket.size() == 0) return false;
  std::uint8_t byte = 0;
  fill(item_, {address, 1, AccessKind::load, false, Space::memory, Privilege::machine, &byte});
  item_.extension.grant = {};
  tlm::tlm_dmi dmi;
  if (!socket->get_direct_mem_ptr(item_.payload, dmi)) return false;
  Route* route = item_.extension.grant.route;
  if (!route) {
    direct_routes_.push_back(std::make_unique<DirectRoute>(config_.initiator, "memory"));
    route = &direct_routes_.back()->route;
    route->timing.read = config_.clock.cycles_up(dmi.get_read_latency());
    route->timing.write = config_.clock.cycles_up(dmi.get_write_latency());
  }
  out = {dmi.get_dmi_ptr(),
         dmi.get_start_address(),
         dmi.get_end_address(),
         dmi.is_read_allowed(),
         dmi.is_write_allowed(),
         route,
         item_.extension.grant.cacheable,
         item_.extension.grant.offset};
  return out.host != nullptr;
}

void BusMaster::invalidate(sc_dt::uint64 first, sc_dt::uint64 last) {
  if (on_revoke_) on_revoke_(first, last);
}

unsigned BusMaster::debug_read(std::uint64_t address, std::uint8_t* data, unsigned size) {
  return debug(tlm::TLM_READ_COMMAND, address, data, size);
}

unsigned BusMaster::debug_write(std::uint64_t address, const std::uint8_t* data, unsigned size) {
  std::vector<std::uint8_t> copy(data, data + size);
  return debug(tlm::TLM_WRITE_COMMAND, address, copy.data(), size);
}

unsigned BusMaster::debug(tlm::tlm_command command, std::uint64_t address, std::uint8_t* data,
                          unsigned size) {
  if (socket.size() == 0) return 0;
  Payload payload;
  payload.set_command(command);
  payload.set_address(address);
  payload.set_data_ptr(data);
  payload.set_data_length(size);
  payload.set_streaming_width(size);
  return socket->transport_dbg(payload);
}

}  // namespace memio
