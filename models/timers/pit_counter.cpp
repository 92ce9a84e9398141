// One counter of an 8254; modes as in the data sheet's "Mode Definitions".
#include "timers/pit_counter.h"

#include <algorithm>

namespace memio {

namespace {

constexpr unsigned low_only = 1, high_only = 2, low_then_high = 3;

/// Ticks of the high half of a square wave.
std::int64_t high_ticks(std::int64_t count) { return (count + 1) / 2; }

}  // namespace

void PitCounter::control(std::uint8_t word, Tick now) {
  held_ = raw_count(now);
  current_.reset();
  pending_.reset();
  word_ = word & 0x3F;
  const unsigned mode = word >> 1 & 7;
  mode_ = static_cast<Mode>(mode > 5 ? mode - 4 : mode);  // bit 2 is a don't-care in modes 2 and 3
  second_write_ = second_read_ = false;
  latched_count_.reset();
  latched_status_.reset();
}

void PitCounter::write(std::uint8_t byte, Tick now) {
  settle(now);
  switch (access()) {
    case low_only:
      load(byte, now);
      return;
    case high_only:
      load(static_cast<std::uint16_t>(byte << 8), now);
      return;
    default:
      break;
  }
  if (second_write_) {
    load(static_cast<std::uint16_t>(byte << 8 | low_byte_), now);
  } else {
    low_byte_ = byte;
    if (mode_ == Mode::terminal_count) {  // the first byte stops the counter
      held_ = raw_count(now);
      current_.reset();
      pending_.reset();
    }
  }
  second_write_ = !second_write_;
}

void PitCounter::load(std::uint16_t value, Tick now) {
  const std::int64_t count = decode(value);
  Load next{count, now + 1, now + 1};
  switch (mode_) {
    case Mode::one_shot:
    case Mode::hard_strobe:
      return;  // waits for a gate edge that never comes
    case Mode::terminal_count:
      held_ = raw_count(now);
      current_.reset();
      break;
    case Mode::soft_strobe:
      break;
    case Mode::rate:
      if (current_) {
        const Tick phase = (now - current_->start) % current_->count;
        next.start = next.from = now - phase + current_->count;
      }
      break;
    case Mode::square_wave:
      if (current_) {
        const Tick phase = (now - current_->start) % current_->count;
        const std::int64_t half = high_ticks(current_->count);
        const bool high = phase < half;
        next.from = now - phase + (high ? half : current_->count);
        next.start = high ? next.from - high_ticks(count) : next.from;
      }
      break;
  }
  pending_ = next;
}

void PitCounter::settle(Tick now) {
  if (!pending_ || now < pending_->from) return;
  current_ = pending_;
  pending_.reset();
}

const PitCounter::Load* PitCounter::active(Tick now) const {
  if (pending_ && now >= pending_->from) return &*pending_;
  return current_ ? &*current_ : nullptr;
}

bool PitCounter::out(Tick now) const {
  const Load* load = active(now);
  if (!load) return mode_ != Mode::terminal_count;
  const Tick age = now - load->start;
  switch (mode_) {
    case Mode::terminal_count:
      return age >= load->count;
    case Mode::rate:
      return load->count == 1 || age % load->count != load->count - 1;
    case Mode::square_wave:
      return age % load->count < high_ticks(load->count);
    case Mode::soft_strobe:
      return age != load->count;
    case Mode::one_shot:
    case Mode::hard_strobe:
      break;
  }
  return true;
}

PitCounter::Tick PitCounter::next_change(Tick now) const {
  const Tick takeover = pending_ && pending_->from > now ? pending_->from : never;
  const Load* load = active(now);
  if (!load) return takeover;
  const Tick age = now - load->start;
  const Tick end = load->start + load->count;
  const Tick phase = age % load->count;
  Tick change = never;
  if (mode_ == Mode::terminal_count || mode_ == Mode::soft_strobe) {
    if (end > now) change = end;
    if (end == now && mode_ == Mode::soft_strobe) change = end + 1;
  } else if (load->count > 1) {
    const Tick edge = mode_ == Mode::rate ? load->count - 1 : high_ticks(load->count);
    change = now - phase + (phase < edge ? edge : load->count);
  }
  return std::min(change, takeover);
}

std::int64_t PitCounter::raw_count(Tick now) const {
  const Load* load = active(now);
  if (!load) return held_;
  const Tick age = now - load->start;
  const Tick phase = age % load->count;
  switch (mode_) {
    case Mode::rate:
      return load->count - phase;
    case Mode::square_wave: {
      const std::int64_t half = high_ticks(load->count);
      const std::int64_t even = load->count - load->count % 2;  // an odd count is loaded less one
      return even - 2 * (phase < half ? phase : phase - half);
    }
    default: {
      const std::int64_t left = (load->count - age) % modulus();
      return left < 0 ? left + modulus() : left;
    }
  }
}

std::uint16_t PitCounter::encode(std::int64_t value) const {
  std::int64_t rest = value % modulus();
  if (!bcd()) return static_cast<std::uint16_t>(rest);
  unsigned digits = 0;
  for (unsigned shift = 0; shift < 16; shift += 4, rest /= 10)
    digits |= static_cast<unsigned>(rest % 10) << shift;
  return static_cast<std::uint16_t>(digits);
}

std::int64_t PitCounter::decode(std::uint16_t value) const {
  std::int64_t count = value;
  if (bcd()) {
    count = 0;
    for (int shift = 12; shift >= 0; shift -= 4) count = 10 * count + (value >> shift & 0xF);
    count %= modulus();
  }
  return count == 0 ? modulus() : count;
}

std::uint8_t PitCounter::status(Tick now) const {
  const bool null_count = !active(now) || (pending_ && now < pending_->from);
  return static_cast<std::uint8_t>((out(now) ? 0x80 : 0) | (null_count ? 0x40 : 0) | word_);
}

void PitCounter::latch_count(Tick now) {
  if (!latched_count_) latched_count_ = count(now);
}

void PitCounter::latch_status(Tick now) {
  if (!latched_status_) latched_status_ = status(now);
}

std::uint8_t PitCounter::count_byte(std::uint16_t value) const {
  const bool high = access() == high_only || (access() == low_then_high && second_read_);
  return static_cast<std::uint8_t>(high ? value >> 8 : value);
}

std::uint8_t PitCounter::peek(Tick now) const {
  return latched_status_ ? *latched_status_ : count_byte(latched_count_.value_or(count(now)));
}

std::uint8_t PitCounter::read(Tick now) {
  const std::uint8_t byte = peek(now);
  if (latched_status_) {
    latched_status_.reset();
    return byte;
  }
  const bool last = access() != low_then_high || second_read_;
  if (access() == low_then_high) second_read_ = !second_read_;
  if (last) latched_count_.reset();
  return byte;
}

}  // namespace memio
