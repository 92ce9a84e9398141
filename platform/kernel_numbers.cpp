// The kernel's table of its own memory, read from the ELF file; see kernel_numbers.h.
#include "platform/kernel_numbers.h"

#include <map>
#include <optional>

namespace memio {
namespace {

constexpr const char* allocator_symbol = "_ZN5memio12_GLOBAL__N_19allocatorE";
constexpr const char* zone_names_symbol = "_ZN5memio12_GLOBAL__N_1L10kZoneNamesE";
constexpr unsigned most_zones = 16, most_orders = 64, longest_name = 64;

class Reader {
 public:
  Reader(const ElfImage& image, const SymbolTable& symbols, unsigned xlen)
      : image_(image), symbols_(symbols), word_(xlen / 8) {}

  std::vector<KernelNumber> read() {
    const auto allocator = symbols_.find(allocator_symbol), names = symbols_.find(zone_names_symbol);
    if (!read_table() || !allocator || !names) return {};
    std::vector<KernelNumber> numbers;
    for (unsigned zone = 0; zone < zones_; ++zone) {
      const auto pointer = word(*names + zone * word_);
      const std::string name = "free." + (pointer ? text(*pointer) : std::string());
      const std::uint64_t buddy =
          *allocator + at("offset.PageAllocator.zones_") + zone * at("size.Zone") + at("offset.Zone.buddy_");
      if (!add(numbers, name + ".pages", buddy + at("offset.BuddyAllocator.free_pages_"))) return {};
      for (unsigned order = 0; order < orders_; ++order)
        if (!add(numbers, name + ".order" + std::to_string(order),
                 buddy + at("offset.BuddyAllocator.areas_") + order * at("size.BuddyAllocator::Area") +
                     at("offset.BuddyAllocator::Area.count")))
          return {};
    }
    return numbers;
  }

 private:
  // What lies at a virtual address in the file.
  std::optional<std::uint64_t> word(std::uint64_t address) const {
    for (const auto& segment : image_.segments) {
      const std::uint64_t offset = address - segment.virtual_address;
      if (offset >= segment.file_size || segment.file_size - offset < word_) continue;
      std::uint64_t value = 0;
      for (unsigned i = word_; i-- > 0;)
        value = value << 8 | static_cast<unsigned char>(image_.bytes[segment.offset + offset + i]);
      return value;
    }
    return {};
  }

  std::string text(std::uint64_t address) const {
    std::string out;
    for (const auto& segment : image_.segments)
      for (std::uint64_t offset = address - segment.virtual_address;
           offset < segment.file_size && out.size() < longest_name; ++offset) {
        const char c = image_.bytes[segment.offset + offset];
        if (c <= ' ' && c >= 0) return out;
        out += c;
      }
    return out;
  }

  bool read_table() {
    const auto first = symbols_.find("__memory_info_start"), last = symbols_.find("__memory_info_end");
    if (!first || !last) return false;
    for (std::uint64_t entry = *first; entry < *last; entry += 2 * word_) {
      const auto name = word(entry), value = word(entry + word_);
      if (!name || !value) return false;
      table_[text(*name)] = *value;
    }
    for (const char* needed :
         {"number.MAX_NR_ZONES", "offset.PageAllocator.zones_", "size.Zone", "offset.Zone.buddy_",
          "offset.BuddyAllocator.areas_", "offset.BuddyAllocator.start_", "offset.BuddyAllocator.free_pages_",
          "size.BuddyAllocator::Area", "offset.BuddyAllocator::Area.count"})
      if (table_.count(needed) == 0) return false;
    const std::uint64_t area = at("size.BuddyAllocator::Area");
    if (area == 0 || at("number.MAX_NR_ZONES") > most_zones) return false;
    // The areas, one an order, end where the next member begins.
    const std::uint64_t orders =
        (at("offset.BuddyAllocator.start_") - at("offset.BuddyAllocator.areas_")) / area;
    if (orders > most_orders) return false;
    zones_ = static_cast<unsigned>(at("number.MAX_NR_ZONES"));
    orders_ = static_cast<unsigned>(orders);
    return true;
  }

  std::uint64_t at(const std::string& name) const { return table_.at(name); }

  bool add(std::vector<KernelNumber>& numbers, const std::string& name, std::uint64_t address) const {
    const auto physical = image_.to_physical(address);
    if (physical) numbers.push_back({name, *physical, word_});
    return physical.has_value();
  }

  const ElfImage& image_;
  const SymbolTable& symbols_;
  unsigned word_;
  unsigned zones_ = 0, orders_ = 0;
  std::map<std::string, std::uint64_t> table_;
};

}  // namespace

std::vector<KernelNumber> find_kernel_numbers(const ElfImage& image, const SymbolTable& symbols,
                                              unsigned xlen) {
  return Reader(image, symbols, xlen).read();
}

}  // namespace memio
