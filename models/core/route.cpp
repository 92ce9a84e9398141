// Sums over a route's counts; see route.h.
#include "core/route.h"

#include <numeric>

namespace memio {

namespace {

std::uint64_t sized_bytes(const std::uint64_t (&table)[access_kinds][5]) {
  std::uint64_t bytes = 0;
  for (const auto& row : table)
    for (unsigned i = 0; i < 4; ++i) bytes += row[i] << i;
  return bytes;
}

}  // namespace

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

std::uint64_t Route::sized_beats(const std::uint64_t (&table)[access_kinds][5]) const {
  std::uint64_t sum = 0;
  for (const auto& row : table)
    for (unsigned i = 0; i < burst; ++i) sum += row[i] * beats(1u << i);
  return sum;
}

std::uint64_t Route::beats_read() const { return sized_beats(counts_.reads) + counts_.burst_beats_read; }

std::uint64_t Route::beats_written() const {
  return sized_beats(counts_.writes) + counts_.burst_beats_written;
}

}  // namespace memio
