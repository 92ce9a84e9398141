// The engine of a virtio-mmio slot: when a queue is served, and how memory is reached; see virtio_mmio.h.
#include <algorithm>

#include "virtio/virtio_mmio.h"
#include "virtio/virtio_registers.h"

namespace memio {

using namespace virtio;

namespace {

// Bytes that may be moved without any time passing, on a machine whose bus takes none.
constexpr std::uint64_t most_still = 4096;

/// The bus takes bursts of a multiple of 8 bytes, and 4, 2 or 1; they do not cross a multiple of `burst`.
std::uint32_t part(std::uint64_t address, std::uint64_t left, std::uint32_t burst) {
  const std::uint64_t size = std::min(left, burst - address % burst);
  if (address % 8 == 0 && size >= 8) return static_cast<std::uint32_t>(size & ~std::uint64_t{7});
  const std::uint64_t aligned = address % 8 ? address & (~address + 1) : 4;
  for (std::uint32_t one : {4u, 2u})
    if (one <= aligned && one <= size) return one;
  return 1;
}

}  // namespace

bool VirtioMmio::read(std::uint64_t address, std::uint8_t* data, std::uint64_t size) {
  return move(address, data, size, false);
}

bool VirtioMmio::write(std::uint64_t address, const std::uint8_t* data, std::uint64_t size) {
  return move(address, const_cast<std::uint8_t*>(data), size, true);
}

bool VirtioMmio::move(std::uint64_t address, std::uint8_t* data, std::uint64_t size, bool write) {
  for (std::uint64_t done = 0; done < size;) {
    const std::uint32_t bytes = part(address + done, size - done, config_.burst);
    const Cycles begin = now();
    const Completion completion = memory.transfer(
        {address + done, bytes, AccessKind::dma, write, Space::memory, Privilege::machine, data + done},
        begin);
    memory.wait_until(completion.done);
    if (epoch_ != serving_epoch_ || completion.status != Status::ok) return false;
    (write ? bytes_written_ : bytes_read_) += bytes;
    done += bytes;
    // However fast the machine, a long request must not stop its time.
    still_ = now() == begin ? still_ + bytes : 0;
    if (still_ < most_still) continue;
    still_ = 0;
    if (!spend(picoseconds(config_.clock.period()))) return false;
  }
  return true;
}

bool VirtioMmio::spend(std::uint64_t picoseconds) {
  const sc_core::sc_time end = sc_core::sc_time_stamp() + time_of(picoseconds);
  while (epoch_ == serving_epoch_ && sc_core::sc_time_stamp() < end)
    wait(end - sc_core::sc_time_stamp(), given_up_);
  return epoch_ == serving_epoch_;
}

/// A queue may hold chains from now on: the access in hand says so, at its arrival.
void VirtioMmio::notify(unsigned number) {
  const Cycles arrival = config_.clock.cycles_up(time_of(RegisterTarget::now()));
  Queue& queue = queues_[number];
  if (queue.first == never) queue.first = arrival;
  queue.last = arrival;
  const sc_core::sc_time at = config_.clock.time(arrival), stamp = sc_core::sc_time_stamp();
  arrived_.notify(at > stamp ? at - stamp : sc_core::SC_ZERO_TIME);
}

/// Some legacy drivers use queues before they set DRIVER_OK (section 3.1.2).
bool VirtioMmio::running() const {
  const std::uint64_t status = status_->value();
  return !(status & status_needs_reset) && (config_.legacy || (status & status_driver_ok));
}

void VirtioMmio::run() {
  for (;;) {
    hear();
    const unsigned queue = choose();
    if (queue < queues_.size())
      serve(queue);
    else
      rest();
  }
}

void VirtioMmio::hear() {
  for (Queue& queue : queues_) {
    if (queue.first > now()) continue;
    queue.armed = true;
    queue.first = queue.last = queue.last > now() ? queue.last : never;
  }
}

/// The next queue after the one served last that has work; their number if there is none.
unsigned VirtioMmio::choose() {
  const unsigned count = queues();
  if (running())
    for (unsigned i = 1; i <= count; ++i) {
      const unsigned number = (last_ + i) % count;
      if (queues_[number].armed && queues_[number].ring.ready() && function_->ready(number))
        return last_ = number;
    }
  return count;
}

void VirtioMmio::rest() {
  std::uint64_t again = 0;
  if (running())
    for (unsigned i = 0; i < queues_.size(); ++i)
      if (queues_[i].armed && queues_[i].ring.ready()) again = std::max(again, function_->ask_again(i));
  if (again > 0)
    wait(time_of(again), arrived_.default_event());
  else
    wait(arrived_.default_event());
}

void VirtioMmio::serve(unsigned number) {
  Queue& queue = queues_[number];
  serving_ = number;
  serving_epoch_ = epoch_;
  queue.armed = false;
  const Cycles begin = now();
  VirtioChain chain;
  const Virtqueue::Pop pop = queue.ring.pop(*this, chain);
  if (epoch_ != serving_epoch_) return;
  if (pop == Virtqueue::Pop::broken) return fail();
  if (pop == Virtqueue::Pop::empty) return;
  queue.armed = true;
  VirtioRequest request(*this, chain);
  trace(number, 1, queue.descriptors + 16ull * chain.head, request.readable() + request.writable());
  const auto written = function_->serve(number, request);
  bool wanted = false;
  const bool good = written && queue.ring.push(*this, chain, *written, wanted);
  trace(number, 0, 0, 0);
  if (epoch_ != serving_epoch_) return;
  if (!good) return fail();
  ++requests_;
  if (wanted) {
    ++interrupts_;
    interrupt(interrupt_used);
  }
  if (now() == begin) spend(picoseconds(config_.clock.period()));
}

void VirtioMmio::fail() {
  ++broken_;
  const std::uint64_t status = status_->value();
  status_->set(status | status_needs_reset);
  if (status & status_driver_ok) interrupt(interrupt_config);
}

void VirtioMmio::interrupt(std::uint64_t cause) {
  interrupt_status_->set(interrupt_status_->value() | cause);
  update_irq();
}

void VirtioMmio::trace(unsigned number, unsigned state, std::uint64_t descriptor, std::uint64_t bytes) {
  if (trace_ && trace_->wants(TraceTopic::dma))
    trace_->dma({now(), &name_, number, state, descriptor, bytes});
}

}  // namespace memio
