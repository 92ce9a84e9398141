// The address map of one space: which target owns which addresses. Free of SystemC.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/access.h"

namespace memio {

/// The last address of a space: 2^64 - 1 in memory space, 0xffff in port space.
std::uint64_t last_address(Space space);

/// "memory" or "port".
const char* space_name(Space space);

/// Addresses of one target, both ends included.
struct Range {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::string target;
  unsigned port = 0;         ///< number of the target at its bus
  std::uint64_t origin = 0;  ///< the address that the target counts from, at most `first`
  bool cacheable = false;    ///< main memory that caches may hold
};

class AddressMap {
 public:
  explicit AddressMap(Space space) : space_(space) {}

  /// Throws std::invalid_argument, naming what is wrong, if the range is empty or wraps, lies outside the
  /// space, or overlaps another (the message then names both targets and both ranges).
  void check(const Range& range) const;

  /// Checks and adds a range.
  void add(const Range& range);

  /// The range that owns `address`, or null.
  const Range* find(std::uint64_t address) const;

  /// The range that owns all of `size` bytes from `address`, or null.
  const Range* find(std::uint64_t address, std::uint64_t size) const;

  /// All ranges by ascending address.
  const std::vector<Range>& ranges() const { return ranges_; }

 private:
  Space space_;
  std::vector<Range> ranges_;
};

}  // namespace memio
