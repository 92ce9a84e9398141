// The page-walk cache over a TLB of regions. See walk_cache.h.
#include "mmu/walk_cache.h"

namespace memio {

// The format stands in the tag's bits 57 and up, where a canonical address only repeats its sign.
std::uint64_t WalkCache::tagged(PageFormatId format, std::uint64_t va) {
  constexpr unsigned width = 57;
  return (va & ((std::uint64_t{1} << width) - 1)) | std::uint64_t{static_cast<std::uint8_t>(format)} << width;
}

std::optional<TablePointer> WalkCache::lookup(const PageFormat& format, std::uint64_t va,
                                              std::uint16_t asid) {
  const TlbEntry* region = regions_.lookup(tagged(format.id, va), asid);
  if (!region) return std::nullopt;
  const unsigned read_at = (region->page_shift - PageFormat::base_shift) / format.index_bits;
  return TablePointer{region->physical_page, read_at - 1, region->global};
}

void WalkCache::fill(const PageFormat& format, std::uint64_t va, std::uint16_t asid,
                     const TablePointer& pointer) {
  TlbEntry region;
  region.page_shift = static_cast<std::uint8_t>(format.page_shift(pointer.level + 1));
  region.virtual_page = tagged(format.id, va) >> region.page_shift << region.page_shift;
  region.asid = asid;
  region.global = pointer.global;
  region.physical_page = pointer.table;
  // One look-up may bring several fills: a tick each makes the upper pointers of a walk the older ones.
  ++regions_.lookups;
  regions_.fill(region);
}

void WalkCache::fence(std::optional<std::uint64_t> va, std::optional<std::uint16_t> asid) {
  if (!va) {
    regions_.fence(std::nullopt, asid);
    return;
  }
  for (const PageFormat& format : page_formats) regions_.fence(tagged(format.id, *va), asid);
}

}  // namespace memio
