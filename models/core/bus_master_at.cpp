// The four phases of a bus master in timing mode `at` (IEEE 1666-2011, section 15.2): one request at a time
// until it is accepted (request exclusion), responses taken at once.
#include <algorithm>

#include "core/bus_master.h"

namespace memio {

using sc_core::sc_time;
using sc_core::sc_time_stamp;

BusMaster::Pool::~Pool() {
  for (const auto& item : items_) item->payload.clear_extension(&item->extension);
}

BusMaster::Item& BusMaster::Pool::acquire() {
  if (free_.empty()) {
    items_.push_back(std::make_unique<Item>());
    free_.push_back(items_.back().get());
    free_.back()->payload.set_mm(this);
    free_.back()->payload.set_extension(&free_.back()->extension);
  }
  Item& item = *free_.back();
  free_.pop_back();
  item.payload.acquire();
  return item;
}

void BusMaster::Pool::free(Payload* payload) {
  // Not payload->reset(), which would drop the extension.
  for (const auto& item : items_)
    if (&item->payload == payload) free_.push_back(item.get());
}

BusMaster::Item& BusMaster::enqueue(const Access& access, Cycles now) {
  Item& item = pool_.acquire();
  fill(item, access);
  item.from = now;
  item.finished = false;
  queue_.push_back(&item);
  return item;
}

/// Waits until the transaction is done; the caller has no more use for it.
Completion BusMaster::conclude(Item& item) {
  while (!item.finished) wait(finished_);
  const Completion result = item.completion;
  item.payload.release();
  wait_until(result.done);
  return result;
}

/// Begins what may begin now, and sees to it that the next is begun in time.
void BusMaster::send_next() {
  while (!queue_.empty() && !requesting_ && under_way_.size() < config_.outstanding) {
    Item& item = *queue_.front();
    Cycles from = std::max(item.from, request_free_);
    if (config_.outstanding == 1) from = std::max(from, last_done_);
    const sc_time time = config_.clock.time(from);
    if (time > sc_time_stamp()) {
      send_.notify(time - sc_time_stamp());
      return;
    }
    queue_.pop_front();
    begin(item);
  }
}

void BusMaster::begin(Item& item) {
  requesting_ = &item;
  under_way_.push_back(&item);
  item.begun = config_.clock.cycles_up(sc_time_stamp());
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_time delay = sc_core::SC_ZERO_TIME;
  const tlm::tlm_sync_enum answer = socket->nb_transport_fw(item.payload, phase, delay);
  const Cycles at = config_.clock.cycles_up(sc_time_stamp() + delay);
  if (answer == tlm::TLM_COMPLETED) {
    finish(item, at);
  } else if (answer == tlm::TLM_UPDATED && phase == tlm::END_REQ) {
    request_ended(at);
  } else if (answer == tlm::TLM_UPDATED && phase == tlm::BEGIN_RESP) {
    finish(item, at);
    phase = tlm::END_RESP;
    socket->nb_transport_fw(item.payload, phase, delay);
  }
}

void BusMaster::request_ended(Cycles at) {
  requesting_ = nullptr;
  request_free_ = at;
  if (!queue_.empty()) send_.notify(sc_core::SC_ZERO_TIME);
}

void BusMaster::finish(Item& item, Cycles at) {
  if (requesting_ == &item) request_ended(at);  // a response says that the request was accepted
  under_way_.erase(std::find(under_way_.begin(), under_way_.end(), &item));
  item.completion = {
      item.extension.iommu_fault ? Status::iommu_fault : from_tlm(item.payload.get_response_status()), at,
      item.begun - item.from + item.extension.waited};
  item.finished = true;
  last_done_ = std::max(last_done_, at);
  if (!queue_.empty()) send_.notify(sc_core::SC_ZERO_TIME);
  finished_.notify();
}

BusMaster::Item& BusMaster::item_of(Payload& payload) {
  return **std::find_if(under_way_.begin(), under_way_.end(),
                        [&payload](const Item* item) { return &item->payload == &payload; });
}

tlm::tlm_sync_enum BusMaster::nb_transport_bw(Payload& payload, tlm::tlm_phase& phase, sc_time& delay) {
  const Cycles at = config_.clock.cycles_up(sc_time_stamp() + delay);
  if (phase == tlm::END_REQ) {
    request_ended(at);
    return tlm::TLM_ACCEPTED;
  }
  if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
  finish(item_of(payload), at);
  phase = tlm::END_RESP;
  return tlm::TLM_UPDATED;
}

}  // namespace memio
