// CRC-32 and matrix product in hardware; see accelerator.h.
#include "accel/accelerator.h"

#include <algorithm>

#include "core/tick_rate.h"

namespace memio {
namespace {

constexpr std::uint64_t control_irq = 0x1;
constexpr std::uint64_t status_busy = 0x1, status_done = 0x2, status_error = 0x4;
constexpr unsigned status_room_shift = 8, status_level_shift = 16;
constexpr std::uint64_t command_stop = 0, command_crc32 = 1, command_multiply = 2;
constexpr std::uint64_t most_level = 0xFFFF;

/// CRC-32 of ISO/IEC 13239 (reflected, polynomial 0x04C11DB7), continued by one byte.
std::uint32_t next_crc(std::uint32_t crc, std::uint8_t byte) {
  crc ^= byte;
  for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
  return crc;
}

}  // namespace

Accelerator::Accelerator(const sc_core::sc_module_name& name, const AcceleratorConfig& config)
    : RegisterTarget(name, config.latency), config_(config), done_at_(TickRate::never) {
  control_.on_write([this](std::uint64_t value) {
    control_.set(value);
    update();
  });
  command_.on_write([this](std::uint64_t value) { start(value); });
  status_.on_peek([this] { return status(); }).on_write([this](std::uint64_t value) {
    status_.set(status_.value() & ~value);
    update();
  });
  data_.on_peek([this] { return output_.empty() ? 0u : output_.front(); })
      .on_read([this] { return give(); })
      .on_write([this](std::uint64_t value) { take(static_cast<std::uint32_t>(value)); });

  SC_HAS_PROCESS(Accelerator);
  SC_METHOD(update);
  dont_initialize();
  sensitive << timer_;
}

void Accelerator::reset() {
  RegisterTarget::reset();
  stop();
  update();
}

void Accelerator::register_stats(StatGroup& group) {
  RegisterTarget::register_stats(group);
  group.add("jobs", "jobs", "jobs that ended", &jobs_);
  group.add("words_in", "words", "words of input taken", &words_in_);
  group.add("words_out", "words", "words of products read", &words_out_);
  group.add("words_lost", "words", "words written when there was no room or no job", &lost_);
}

void Accelerator::stop() {
  job_ = Job::none;
  bytes_left_ = 0;
  done_at_ = TickRate::never;
  fifo_.clear();
  input_.clear();
  output_.clear();
  product_.clear();
}

/// Any command ends the job in hand without a result.
void Accelerator::start(std::uint64_t command) {
  stop();
  const std::uint64_t size = size_.value();
  if (command == command_crc32 && size > 0) {
    job_ = Job::crc32;
    bytes_left_ = size;
    crc_ = ~0u;
    last_out_ = now();
  } else if (command == command_multiply && size > 0 && size <= largest_matrix) {
    job_ = Job::multiply;
    order_ = size;
    bytes_left_ = 2 * size * size * 4;
  } else if (command != command_stop) {
    status_.set(status_.value() | status_error);
  }
  update();
}

void Accelerator::take(std::uint32_t word) {
  update();
  if (bytes_left_ == 0 || room() == 0) {
    ++lost_;
    status_.set(status_.value() | status_error);
    return update();
  }
  ++words_in_;
  if (job_ == Job::crc32) {
    take_crc(word);
  } else {
    input_.push_back(word);
    bytes_left_ -= 4;
    if (bytes_left_ == 0) multiply();
  }
  update();
}

void Accelerator::take_crc(std::uint32_t word) {
  const auto bytes = static_cast<unsigned>(std::min<std::uint64_t>(bytes_left_, 4));
  for (unsigned i = 0; i < bytes; ++i) crc_ = next_crc(crc_, static_cast<std::uint8_t>(word >> 8 * i));
  bytes_left_ -= bytes;
  last_out_ = std::max(last_out_, now()) + config_.word_time;
  fifo_.push_back(last_out_);
  if (bytes_left_ == 0) done_at_ = last_out_;
}

void Accelerator::multiply() {
  const std::size_t n = order_;
  const std::uint32_t* const a = input_.data();
  const std::uint32_t* const b = a + n * n;
  for (std::size_t row = 0; row < n; ++row)
    for (std::size_t column = 0; column < n; ++column) {
      std::uint32_t sum = 0;
      for (std::size_t k = 0; k < n; ++k) sum += a[row * n + k] * b[k * n + column];
      product_.push_back(sum);
    }
  done_at_ = now() + n * n * n * config_.multiply_time;
}

std::uint32_t Accelerator::give() {
  update();
  if (output_.empty()) {
    status_.set(status_.value() | status_error);
    return 0;
  }
  const std::uint32_t word = output_.front();
  output_.pop_front();
  ++words_out_;
  update();
  return word;
}

void Accelerator::finish() {
  ++jobs_;
  status_.set(status_.value() | status_done);
  if (job_ == Job::crc32) result_.set(~crc_);
  output_.swap(product_);
  job_ = Job::none;
  done_at_ = TickRate::never;
}

/// Words that DATA takes now. Matrices go to a memory that has room for the largest.
unsigned Accelerator::room() const {
  if (bytes_left_ == 0) return 0;
  if (job_ == Job::multiply) return fifo_words;
  const auto waiting = fifo_.end() - std::upper_bound(fifo_.begin(), fifo_.end(), now());
  return fifo_words - static_cast<unsigned>(waiting);
}

/// Words that the input request stands for: a group, or what is left.
unsigned Accelerator::wanted() const {
  return static_cast<unsigned>(std::min<std::uint64_t>(group_words, (bytes_left_ + 3) / 4));
}

/// When the FIFO has room for `wanted` words; the past if it has it now.
std::uint64_t Accelerator::room_at() const {
  const std::size_t may_wait = fifo_words - wanted();
  return fifo_.size() > may_wait ? fifo_[fifo_.size() - may_wait - 1] : 0;
}

std::uint64_t Accelerator::status() const {
  const std::uint64_t level = std::min<std::uint64_t>(output_.size(), most_level);
  return (job_ == Job::none ? 0 : status_busy) | status_.value() |
         std::uint64_t{room()} << status_room_shift | level << status_level_shift;
}

/// Brings FIFO, job and lines up to the present.
void Accelerator::update() {
  while (!fifo_.empty() && fifo_.front() <= now()) fifo_.pop_front();
  if (done_at_ <= now()) finish();
  irq.set((status_.value() & status_done) != 0 && (control_.value() & control_irq) != 0);
  const bool open = bytes_left_ > 0;
  input_request.set(open && room_at() <= now());
  output_request.set(!output_.empty());
  notify_at(timer_, open && room_at() > now() ? room_at() : done_at_);
}

}  // namespace memio
