// Look-up and checks of an address map; see address_map.h.
#include "bus/address_map.h"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace memio {

namespace {

std::string describe(const Range& range) {
  char addresses[48];
  std::snprintf(addresses, sizeof addresses, "0x%llx..0x%llx", static_cast<unsigned long long>(range.first),
                static_cast<unsigned long long>(range.last));
  return range.target + " (" + addresses + ")";
}

}  // namespace

std::uint64_t last_address(Space space) { return space == Space::port ? 0xffff : ~std::uint64_t{0}; }

const char* space_name(Space space) { return space == Space::port ? "port" : "memory"; }

void AddressMap::check(const Range& range) const {
  const std::string space = std::string(space_name(space_)) + " space: ";
  if (range.first > range.last)
    throw std::invalid_argument(space + "the range of " + describe(range) + " is empty or wraps");
  if (range.last > last_address(space_))
    throw std::invalid_argument(space + "the range of " + describe(range) + " lies outside the space");
  for (const Range& other : ranges_)
    if (range.first <= other.last && other.first <= range.last)
      throw std::invalid_argument(space + "the ranges of " + describe(other) + " and " + describe(range) +
                                  " overlap");
}

void AddressMap::add(const Range& range) {
  check(range);
  const auto after = std::upper_bound(ranges_.begin(), ranges_.end(), range.first,
                                      [](std::uint64_t first, const Range& r) { return first < r.first; });
  ranges_.insert(after, range);
}

const Range* AddressMap::find(std::uint64_t address) const {
  const auto after = std::upper_bound(ranges_.begin(), ranges_.end(), address,
                                      [](std::uint64_t a, const Range& r) { return a < r.first; });
  if (after == ranges_.begin()) return nullptr;
  const Range& range = *(after - 1);
  return address <= range.last ? &range : nullptr;
}

const Range* AddressMap::find(std::uint64_t address, std::uint64_t size) const {
  const Range* range = find(address);
  return range && (size == 0 || size - 1 <= range->last - address) ? range : nullptr;
}

}  // namespace memio
