// The turns of a channel; see dma_channel.h.
#include "dma/dma_channel.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace memio {

using dma::Addressing;
using dma::Error;
using dma::State;

namespace {

RegisterSpec spec(const char* name, unsigned number, std::uint64_t offset, unsigned size,
                  std::uint64_t mask) {
  RegisterSpec spec;
  spec.name = name + std::to_string(number);
  spec.offset = dma::channel_base + number * dma::channel_stride + offset;
  spec.size = size;
  spec.write_mask = mask;
  spec.sizes = size == 8 ? 4 | 8 : 4;
  return spec;
}

constexpr std::uint64_t all = ~std::uint64_t{0};
constexpr std::uint64_t control_mask = dma::control_start | dma::control_abort | dma::control_priority_mask;

// One transaction of a burst: the bus takes multiples of 8 bytes, or 4, 2, 1.
std::uint64_t burst_part(std::uint64_t left) {
  if (left >= 8) return left & ~std::uint64_t{7};
  return left >= 4 ? 4 : left >= 2 ? 2 : 1;
}

}  // namespace

DmaChannel::DmaChannel(RegisterBank& bank, unsigned number, const DmaLimits& limits, DmaHost& host)
    : limits_(limits),
      host_(host),
      control_(bank, spec("CONTROL", number, dma::reg_control, 4, control_mask)),
      status_(bank, spec("STATUS", number, dma::reg_status, 4, 0)),
      irq_status_(bank, spec("IRQ_STATUS", number, dma::reg_irq_status, 4, dma::irq_all)),
      irq_enable_(bank, spec("IRQ_ENABLE", number, dma::reg_irq_enable, 4, dma::irq_all)),
      first_(bank, spec("DESCRIPTOR", number, dma::reg_descriptor, 8, all)),
      current_(bank, spec("CURRENT", number, dma::reg_current, 8, 0)),
      bytes_(bank, spec("BYTES", number, dma::reg_bytes, 8, 0)),
      completed_(bank, spec("COMPLETED", number, dma::reg_completed, 4, 0)),
      error_address_(bank, spec("ERROR_ADDRESS", number, dma::reg_error_address, 8, 0)),
      buffer_(limits.burst) {
  control_.on_write([this](std::uint64_t value) { write_control(value); });
  status_.on_peek([this] {
    return static_cast<std::uint64_t>(state()) | static_cast<std::uint64_t>(error_)
                                                     << dma::status_error_shift;
  });
  irq_status_.on_write([this](std::uint64_t value) {
    irq_status_.set(irq_status_.value() & ~value);
    host_.update_irq();
  });
  irq_enable_.on_write([this](std::uint64_t value) {
    irq_enable_.set(value);
    host_.update_irq();
  });
}

void DmaChannel::write_control(std::uint64_t value) {
  control_.set(value & dma::control_priority_mask);
  if (value & dma::control_abort) {
    abort_ = busy();
    host_.wake();
  } else if (value & dma::control_start && !busy()) {
    start();
  }
}

void DmaChannel::start() {
  step_ = Step::fetch;
  error_ = Error::none;
  abort_ = false;
  fetched_ = 0;
  descriptor_ = {};
  current_.set(first_.value());
  for (Register* reg : {&bytes_, &completed_, &error_address_}) reg->set(0);
  begin_ = looked_ = host_.arrival();
  waits_ = false;
  host_.wake();
}

void DmaChannel::reset() {
  ++resets_;
  step_ = Step::none;
  outcome_ = State::idle;
  error_ = Error::none;
  abort_ = false;
}

bool DmaChannel::requests() const {
  const auto high = [this](std::uint32_t flag, unsigned shift) {
    return !(control() & flag) || host_.requested(control() >> shift & dma::line_mask);
  };
  return high(dma::flag_source_paced, dma::source_line_shift) &&
         high(dma::flag_destination_paced, dma::destination_line_shift);
}

bool DmaChannel::ready() const {
  if (!busy() || host_.now() < begin_) return false;
  return step_ != Step::move || abort_ || granted_ > 0 || requests();
}

State DmaChannel::state() const {
  if (step_ == Step::none) return outcome_;
  if (step_ == Step::fetch) return State::fetching;
  return waits_ ? State::waiting : State::moving;
}

std::uint64_t DmaChannel::remaining() const { return descriptor_.length * rows() - moved_; }

void DmaChannel::look() {
  if (!busy() || host_.now() < begin_) return;
  const Cycles passed = host_.now() - looked_;
  looked_ += passed;
  busy_cycles_ += passed;
  (waits_ ? request_cycles_ : wait_cycles_) += passed;
  waits_ = !ready();
}

void DmaChannel::turn() {
  const std::uint64_t resets = resets_;
  const Cycles begin = host_.now();
  const Step step = step_;
  if (abort_ && step != Step::finish) {
    if (step == Step::fetch)
      end(State::aborted, dma::irq_aborted);
    else
      fail(Error::aborted, 0);
  } else if (step == Step::fetch) {
    fetch();
  } else if (step == Step::move) {
    move();
  } else {
    finish();
  }
  busy_cycles_ += host_.now() - begin;
  if (resets == resets_) looked_ = host_.now();
}

void DmaChannel::fetch() {
  const std::uint64_t address = current_.value(), resets = resets_;
  if (fetched_ == limits_.max_descriptors) return fail(Error::too_many_descriptors, address);
  if (address % dma::descriptor_size != 0) return fail(Error::descriptor_misaligned, address);
  std::uint8_t bytes[dma::descriptor_size];
  const Status status = host_.access(
      {address, dma::descriptor_size, AccessKind::dma, false, Space::memory, Privilege::machine, bytes});
  if (resets != resets_) return;
  if (status != Status::ok)
    return fail(status == Status::iommu_fault ? Error::iommu_fault : Error::descriptor_fetch, address);
  std::memcpy(&descriptor_, bytes, sizeof descriptor_);
  ++fetched_;
  ++descriptors_;
  descriptor_bytes_ += dma::descriptor_size;
  row_ = column_ = moved_ = 0;
  granted_ = control() & paced_flags ? 0 : all;
  step_ = Step::move;
  host_.spend(limits_.descriptor_latency);
  if (resets != resets_) return;
  if (const Error error = check(); error != Error::none) fail(error, address);
}

Error DmaChannel::check() const {
  if (control() & dma::control_reserved) return Error::descriptor_invalid;
  for (const Side& side : {source(), destination()})
    if (side.addressing > Addressing::fixed) return Error::descriptor_invalid;
  if (descriptor_.length == 0) return Error::length_zero;
  const std::uint64_t bits = descriptor_.source | descriptor_.destination | descriptor_.length |
                             static_cast<std::uint32_t>(descriptor_.source_stride) |
                             static_cast<std::uint32_t>(descriptor_.destination_stride);
  return bits & (width() - 1) ? Error::misaligned : Error::none;
}

DmaChannel::Side DmaChannel::source() const {
  return {false,
          control() & dma::flag_source_port ? Space::port : Space::memory,
          static_cast<Addressing>(control() >> dma::source_addressing_shift & 3),
          descriptor_.source,
          descriptor_.source_stride,
          Error::source_address,
          Error::source_error};
}

DmaChannel::Side DmaChannel::destination() const {
  return {true,
          control() & dma::flag_destination_port ? Space::port : Space::memory,
          static_cast<Addressing>(control() >> dma::destination_addressing_shift & 3),
          descriptor_.destination,
          descriptor_.destination_stride,
          Error::destination_address,
          Error::destination_error};
}

void DmaChannel::move() {
  const std::uint64_t resets = resets_;
  const Cycles begin = host_.now();
  if (granted_ == 0) granted_ = width() * (descriptor_.group ? descriptor_.group : 1);
  const std::uint64_t size = std::min({std::uint64_t{limits_.burst}, descriptor_.length - column_, granted_});
  host_.spend(limits_.burst_latency);
  if (resets != resets_ || !move_side(source(), size) || !move_side(destination(), size)) return;
  // However fast the machine, a long transfer must not stop its time.
  if (host_.now() == begin) host_.spend(1);
  if (resets != resets_) return;
  ++bursts_;
  moved_ += size;
  bytes_.set(bytes_.value() + size);
  if (control() & paced_flags) granted_ -= size;
  column_ += size;
  if (column_ < descriptor_.length) return;
  column_ = 0;
  if (++row_ == rows()) step_ = Step::finish;
}

// Moves the bytes of a burst at one end; false if that failed or the channel was reset.
bool DmaChannel::move_side(const Side& side, std::uint64_t size) {
  const bool bursts = side.addressing == Addressing::burst && side.space == Space::memory;
  const std::uint64_t resets = resets_, row = row_ * static_cast<std::uint64_t>(std::int64_t{side.stride});
  const std::uint64_t first = side.addressing == Addressing::fixed ? side.base : side.base + row + column_;
  for (std::uint64_t done = 0, part = 0; done < size; done += part) {
    part = bursts ? burst_part(size - done) : width();
    const std::uint64_t address = side.addressing == Addressing::fixed ? first : first + done;
    if (side.space == Space::memory && host_.is_own(address, part)) {
      fail(Error::own_registers, address);
      return false;
    }
    const Status status = host_.access({address, static_cast<std::uint32_t>(part), AccessKind::dma,
                                        side.write, side.space, Privilege::machine, &buffer_[done]});
    if (resets != resets_) return false;
    if (status != Status::ok) {
      fail(status == Status::iommu_fault     ? Error::iommu_fault
           : status == Status::address_error ? side.address_error
                                             : side.other_error,
           address);
      return false;
    }
    (side.write ? bytes_written_ : bytes_read_) += part;
  }
  return true;
}

// Without a descriptor in hand the channel stops at once; else the descriptor gets its status first.
void DmaChannel::fail(Error error, std::uint64_t address) {
  error_ = error;
  error_address_.set(address);
  if (step_ != Step::fetch) {
    step_ = Step::finish;
    return;
  }
  ++errors_;
  end(State::error, dma::irq_error);
}

void DmaChannel::finish() {
  const std::uint64_t resets = resets_;
  std::uint32_t words[2] = {error_ == Error::none
                                ? dma::descriptor_done
                                : dma::descriptor_error | static_cast<std::uint32_t>(error_)
                                                              << dma::descriptor_error_shift,
                            static_cast<std::uint32_t>(moved_)};
  std::uint8_t bytes[dma::descriptor_status_size];
  std::memcpy(bytes, words, sizeof bytes);
  const std::uint64_t address = current_.value() + dma::descriptor_status_offset;
  const Status status = host_.access({address, dma::descriptor_status_size, AccessKind::dma, true,
                                      Space::memory, Privilege::machine, bytes});
  if (resets != resets_) return;
  if (status == Status::ok) {
    status_bytes_ += dma::descriptor_status_size;
  } else if (error_ == Error::none) {
    error_ = Error::status_write;
    error_address_.set(address);
  }
  if (error_ == Error::aborted) {
    error_ = Error::none;
    return end(State::aborted, dma::irq_aborted);
  }
  if (error_ != Error::none) {
    ++errors_;
    return end(State::error, dma::irq_error);
  }
  completed_.set(completed_.value() + 1);
  const std::uint64_t irq = control() & dma::flag_interrupt ? dma::irq_descriptor : 0;
  if (control() & dma::flag_last) return end(State::done, irq | dma::irq_done);
  if (abort_) return end(State::aborted, irq | dma::irq_aborted);
  irq_status_.set(irq_status_.value() | irq);
  current_.set(descriptor_.next);
  step_ = Step::fetch;
  host_.update_irq();
}

void DmaChannel::end(State state, std::uint64_t irq) {
  if (state == State::aborted) ++aborts_;
  step_ = Step::none;
  outcome_ = state;
  waits_ = false;
  irq_status_.set(irq_status_.value() | irq);
  host_.update_irq();
}

void DmaChannel::register_stats(StatGroup& group) const {
  group.add("descriptors", "descriptors", "descriptors read", &descriptors_);
  group.add("bursts", "bursts", "bursts moved", &bursts_);
  group.add("bytes_read", "bytes", "bytes read from sources", &bytes_read_);
  group.add("bytes_written", "bytes", "bytes written to destinations", &bytes_written_);
  group.add("descriptor_bytes", "bytes", "bytes read of descriptors", &descriptor_bytes_);
  group.add("status_bytes", "bytes", "bytes written to descriptors", &status_bytes_);
  group.add("errors", "chains", "chains that ended with an error", &errors_);
  group.add("aborts", "chains", "chains that were aborted", &aborts_);
  group.add("busy_cycles", "cycles", "from the starts of chains to their ends", &busy_cycles_);
  group.add("wait_cycles", "cycles", "of these, waiting for other channels", &wait_cycles_);
  group.add("request_cycles", "cycles", "of these, waiting for request lines", &request_cycles_);
}

}  // namespace memio
