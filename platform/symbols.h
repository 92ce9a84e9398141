// Names for guest addresses: symbols of the loaded ELF files and, where they have DWARF, source lines.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platform/elf_image.h"

namespace memio {

class SymbolTable {
 public:
  struct Symbol {
    std::uint64_t address;
    std::uint64_t size;  ///< 0 if the file does not say
    std::string name;
  };

  /// Adds the symbols of an image, which is kept for its line tables. Never fails: a file without
  /// symbols has none.
  void add(const ElfImage& image);

  /// The address of a symbol; the image added first wins.
  std::optional<std::uint64_t> find(const std::string& name) const;

  /// The symbol that `address`, inside a loaded segment, lies in or after; null if there is none.
  const Symbol* at(std::uint64_t address) const;

  /// "name+0x10 (file.cpp:12)", as much of it as is known; empty if nothing is.
  std::string describe(std::uint64_t address) const;

  /// "name+0x10" of data at a physical address inside a loaded segment; empty if it has no name.
  std::string describe_physical(std::uint64_t address) const;

 private:
  struct Range {
    std::uint64_t virtual_first, physical_first, size;
  };

  std::vector<Symbol> symbols_;  ///< by address
  std::vector<Symbol> in_order_;
  std::vector<std::string> files_;
  std::vector<Range> ranges_;  ///< of segments
};

}  // namespace memio
