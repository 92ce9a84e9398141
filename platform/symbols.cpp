// Symbol tables by libelf, line tables by libdw; see symbols.h.
#include "platform/symbols.h"

#include <elfutils/libdw.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "platform/elf_handle.h"

namespace memio {
namespace {

bool is_wanted(const GElf_Sym& symbol) {
  const auto type = GELF_ST_TYPE(symbol.st_info);
  return symbol.st_shndx != SHN_UNDEF && (type == STT_FUNC || type == STT_OBJECT || type == STT_NOTYPE);
}

// Assemblers mark code and data with names such as $x and .L0, which say nothing.
bool is_marker(const std::string& name) { return name.empty() || name[0] == '$' || name.rfind(".L", 0) == 0; }

std::vector<SymbolTable::Symbol> read_symbols(Elf* elf) {
  std::vector<SymbolTable::Symbol> symbols;
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf, section));) {
    GElf_Shdr header{};
    if (!gelf_getshdr(section, &header) || header.sh_type != SHT_SYMTAB) continue;
    Elf_Data* data = elf_getdata(section, nullptr);
    GElf_Sym symbol{};
    for (int i = 0; data && gelf_getsym(data, i, &symbol); ++i) {
      const char* name = elf_strptr(elf, header.sh_link, symbol.st_name);
      if (name && is_wanted(symbol) && !is_marker(name))
        symbols.push_back({symbol.st_value, symbol.st_size, name});
    }
  }
  return symbols;
}

std::string source_line(const std::string& file, std::uint64_t address) {
  const ElfHandle elf(file);
  const std::unique_ptr<Dwarf, int (*)(Dwarf*)> dwarf(dwarf_begin_elf(elf.get(), DWARF_C_READ, nullptr),
                                                      dwarf_end);
  if (!dwarf) return {};
  Dwarf_Off offset = 0, next = 0;
  std::size_t header_size = 0;
  for (; dwarf_nextcu(dwarf.get(), offset, &next, &header_size, nullptr, nullptr, nullptr) == 0;
       offset = next) {
    Dwarf_Die unit;
    if (!dwarf_offdie(dwarf.get(), offset + header_size, &unit) || dwarf_haspc(&unit, address) != 1) continue;
    Dwarf_Line* line = dwarf_getsrc_die(&unit, address);
    int number = 0;
    const char* source = line ? dwarf_linesrc(line, nullptr, nullptr) : nullptr;
    if (source && dwarf_lineno(line, &number) == 0) {
      const std::string path = source;
      return fmt::format("{}:{}", path.substr(path.find_last_of('/') + 1), number);
    }
  }
  return {};
}

std::string named(const SymbolTable::Symbol& symbol, std::uint64_t address) {
  return fmt::format("{}+{:#x}", symbol.name, address - symbol.address);
}

}  // namespace

void SymbolTable::add(const ElfImage& image) {
  const ElfHandle elf(image.bytes);
  if (!elf.get()) return;
  for (auto& symbol : read_symbols(elf.get())) in_order_.push_back(std::move(symbol));
  symbols_ = in_order_;
  std::stable_sort(symbols_.begin(), symbols_.end(),
                   [](const Symbol& a, const Symbol& b) { return a.address < b.address; });
  files_.push_back(image.bytes);
  for (const auto& segment : image.segments)
    ranges_.push_back({segment.virtual_address, segment.physical_address, segment.memory_size});
}

std::optional<std::uint64_t> SymbolTable::find(const std::string& name) const {
  for (const auto& symbol : in_order_)
    if (symbol.name == name) return symbol.address;
  return {};
}

const SymbolTable::Symbol* SymbolTable::at(std::uint64_t address) const {
  const bool loaded = std::any_of(ranges_.begin(), ranges_.end(), [&](const Range& range) {
    return address - range.virtual_first < range.size || address - range.physical_first < range.size;
  });
  if (!loaded) return nullptr;
  const auto after = std::upper_bound(symbols_.begin(), symbols_.end(), address,
                                      [](std::uint64_t value, const Symbol& s) { return value < s.address; });
  if (after == symbols_.begin()) return nullptr;
  // Of several symbols at one address, one with a size tells more than a label.
  auto best = std::prev(after);
  for (auto it = best; it->address == best->address; --it) {
    if (it->size > best->size) best = it;
    if (it == symbols_.begin()) break;
  }
  const bool beyond = best->size != 0 && address - best->address >= best->size;
  return beyond ? nullptr : &*best;
}

std::string SymbolTable::describe_physical(std::uint64_t address) const {
  for (const Range& range : ranges_) {
    const std::uint64_t offset = address - range.physical_first;
    if (offset >= range.size) continue;
    const Symbol* symbol = at(range.virtual_first + offset);
    if (symbol) return named(*symbol, range.virtual_first + offset);
  }
  return {};
}

std::string SymbolTable::describe(std::uint64_t address) const {
  const Symbol* symbol = at(address);
  if (!symbol) return {};
  std::string text = named(*symbol, address);
  for (const auto& file : files_) {
    const std::string line = source_line(file, address);
    if (!line.empty()) return text + " (" + line + ")";
  }
  return text;
}

}  // namespace memio
