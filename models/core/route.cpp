// Accounting of transfers; see route.h for the formula.
#include "core/route.h"

#include <numeric>

namespace memio {

namespace {

constexpr unsigned burst = 4;

unsigned size_index(std::uint32_t size) {
  switch (size) {
    case 1:
      return 0;
    case 2:
      return 1;
    case 4:
      return 2;
    case 8:
      return 3;
    default:
      return burst;
  }
}

std::uint64_t sized_bytes(const std::uint64_t (&table)[access_kinds][5]) {
  std::uint64_t bytes = 0;
  for (const auto& row : table)
    for (unsigned i = 0; i < burst; ++i) bytes += row[i] << i;
  return bytes;
}

}  // namespace

void Route::finish(AccessKind kind, bool write, std::uint32_t size, Cycles request, Cycles start, Cycles done,
                   bool ok) {
  const unsigned index = size_index(size);
  auto& table = write ? counts_.writes : counts_.reads;
  ++table[static_cast<unsigned>(kind)][index];
  if (index == burst) (write ? counts_.burst_bytes_written : counts_.burst_bytes_read) += size;
  if (!ok) ++counts_.errors;
  counts_.wait_cycles += start - request;
  counts_.busy_cycles += done - start;
  occupancy_.busy_until = std::max(occupancy_.busy_until, done);
}

Cycles Route::charge(AccessKind kind, bool write, std::uint32_t size, Cycles now) {
  const Cycles begin = start(now);
  const Cycles beats = size > 8 ? (size + 7) / 8 : 1;
  const Cycles done = begin + cost(write) + (beats - 1) * timing.beat;
  finish(kind, write, size, now, begin, done, true);
  return done;
}

std::uint64_t Route::reads(AccessKind kind) const {
  const auto& row = counts_.reads[static_cast<unsigned>(kind)];
  return std::accumulate(std::begin(row), std::end(row), std::uint64_t{0});
}

std::uint64_t Route::writes(AccessKind kind) const {
  const auto& row = counts_.writes[static_cast<unsigned>(kind)];
  return std::accumulate(std::begin(row), std::end(row), std::uint64_t{0});
}

std::uint64_t Route::bytes_read() const { return sized_bytes(counts_.reads) + counts_.burst_bytes_read; }

std::uint64_t Route::bytes_written() const {
  return sized_bytes(counts_.writes) + counts_.burst_bytes_written;
}

}  // namespace memio
