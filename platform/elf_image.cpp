// ELF headers by libelf's gelf interface, distrusting every number in them; see elf_image.h.
#include "platform/elf_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "platform/elf_handle.h"
#include "platform/errors.h"

namespace memio {
namespace {

[[noreturn]] void fail(const ElfImage& image, const std::string& reason) {
  throw ConfigError(fmt::format("cannot load {}: {}", image.path, reason));
}

// What can be told from the identification bytes alone, before libelf interprets the rest.
void check_identification(const ElfImage& image, unsigned xlen) {
  const auto& bytes = image.bytes;
  if (bytes.size() < EI_NIDENT) fail(image, "truncated: it ends inside the ELF header");
  const auto field = [&](int at) { return static_cast<unsigned char>(bytes[static_cast<std::size_t>(at)]); };
  const int file_class = field(EI_CLASS);
  if (file_class != ELFCLASS32 && file_class != ELFCLASS64)
    fail(image,
         fmt::format("damaged: its EI_CLASS is {}; allowed: 1 (a class of 32 bits), 2 (of 64)", file_class));
  if (field(EI_DATA) != ELFDATA2LSB)
    fail(image, fmt::format("it is not little endian: its EI_DATA is {}; allowed: 1", field(EI_DATA)));
  if (field(EI_VERSION) != EV_CURRENT)
    fail(image, fmt::format("damaged: its EI_VERSION is {}; allowed: 1", field(EI_VERSION)));
  const std::size_t header = file_class == ELFCLASS32 ? sizeof(Elf32_Ehdr) : sizeof(Elf64_Ehdr);
  if (bytes.size() < header) fail(image, "truncated: it ends inside the ELF header");
  const unsigned width = file_class == ELFCLASS32 ? 32 : 64;
  if (width != xlen)
    fail(image, fmt::format("it is a {}-bit program, but the hart is rv{} (see cpu.isa)", width, xlen));
}

void check_header(const ElfImage& image, const GElf_Ehdr& header) {
  if (header.e_machine != EM_RISCV)
    fail(image, fmt::format("it is for another machine (ELF machine {}, RISC-V is 243)", header.e_machine));
  if (header.e_type != ET_EXEC && header.e_type != ET_DYN) fail(image, "it is not an executable file");
  const std::size_t entry_size =
      image.bytes[EI_CLASS] == ELFCLASS32 ? sizeof(Elf32_Phdr) : sizeof(Elf64_Phdr);
  if (header.e_phnum != 0 && header.e_phentsize != entry_size)
    fail(image, fmt::format("damaged: its e_phentsize is {}; allowed: {}", header.e_phentsize, entry_size));
  const auto inside = [&](std::uint64_t offset, std::uint64_t count, std::uint64_t size) {
    return offset <= image.bytes.size() && count * size <= image.bytes.size() - offset;
  };
  if (!inside(header.e_phoff, header.e_phnum, header.e_phentsize))
    fail(image, "truncated: it ends before its program headers");
  if (header.e_shoff != 0 && !inside(header.e_shoff, header.e_shnum, header.e_shentsize))
    fail(image, "truncated: it ends before its section headers");
}

ElfSegment read_segment(const ElfImage& image, const GElf_Phdr& header) {
  if (header.p_offset > image.bytes.size() || header.p_filesz > image.bytes.size() - header.p_offset)
    fail(image, fmt::format("truncated: it ends inside the segment at {:#x}", header.p_paddr));
  if (header.p_filesz > header.p_memsz)
    fail(image,
         fmt::format("damaged: the segment at {:#x} is larger in the file than in memory", header.p_paddr));
  if (header.p_paddr + header.p_memsz < header.p_paddr ||
      header.p_vaddr + (header.p_memsz - 1) < header.p_vaddr)
    fail(image, fmt::format("damaged: the segment at {:#x} wraps round", header.p_paddr));
  return {header.p_vaddr, header.p_paddr, header.p_offset, header.p_filesz, header.p_memsz};
}

bool overlap(std::uint64_t a, std::uint64_t a_size, std::uint64_t b, std::uint64_t b_size) {
  return b - a < a_size || a - b < b_size;
}

// Bytes of the file must not overlap at all. What is only zeroed may, if the program has the two at different
// virtual addresses: then it does not clear the other, and the physical addresses stand for nothing.
void check_overlap(const ElfImage& image) {
  const auto& all = image.segments;
  for (auto a = all.begin(); a != all.end(); ++a)
    for (auto b = a + 1; b != all.end() && b->physical_address - a->physical_address < a->memory_size; ++b)
      if ((b->file_size != 0 && b->physical_address - a->physical_address < a->file_size) ||
          overlap(a->virtual_address, a->memory_size, b->virtual_address, b->memory_size))
        fail(image, fmt::format("its segments at {:#x} and {:#x} overlap", a->physical_address,
                                b->physical_address));
}

std::uint64_t end_of(const ElfSegment& segment) { return segment.physical_address + segment.memory_size; }

// The zeroes of a segment from one physical address to another.
ElfSegment zeroes_of(const ElfSegment& segment, std::uint64_t first, std::uint64_t end) {
  return {segment.virtual_address + (first - segment.physical_address), first, segment.offset, 0,
          end - first};
}

bool by_address(const ElfSegment& a, const ElfSegment& b) {
  return std::pair(a.physical_address, a.file_size == 0) < std::pair(b.physical_address, b.file_size == 0);
}

// Adds what `zeroes` have beside `taken`, and beside those of them that begin before; both are sorted.
void fill_gaps(std::vector<ElfSegment>& taken, const std::vector<ElfSegment>& zeroes) {
  std::vector<ElfSegment> filled;
  std::uint64_t free = 0;
  auto next = taken.begin();
  for (const ElfSegment& zero : zeroes)
    for (free = std::max(free, zero.physical_address); free < end_of(zero);) {
      while (next != taken.end() && end_of(*next) <= free) ++next;
      const bool blocked = next != taken.end() && next->physical_address < end_of(zero);
      const std::uint64_t end = blocked ? next->physical_address : end_of(zero);
      if (free < end) filled.push_back(zeroes_of(zero, free, end));
      free = blocked ? end_of(*next) : end;
    }
  taken.insert(taken.end(), filled.begin(), filled.end());
  std::sort(taken.begin(), taken.end(), by_address);
}

// Zeroes give way to bytes of the file, and a segment without any to the zeroes behind them: memory is zero
// to begin with, and a linker script that loads data elsewhere than it runs leaves .bss over other data.
void settle_overlap(ElfImage& image) {
  auto& all = image.segments;
  std::sort(all.begin(), all.end(), by_address);
  check_overlap(image);
  std::vector<ElfSegment> taken, behind, alone;
  for (const ElfSegment& segment : all) {
    const std::uint64_t end = segment.physical_address + segment.file_size;
    auto& zeroes = segment.file_size != 0 ? behind : alone;
    if (end != end_of(segment)) zeroes.push_back(zeroes_of(segment, end, end_of(segment)));
    if (segment.file_size == 0) continue;
    taken.push_back(segment);
    taken.back().memory_size = segment.file_size;
  }
  fill_gaps(taken, behind);
  fill_gaps(taken, alone);
  // What follows its segment's bytes at once belongs to it again.
  all.clear();
  for (const ElfSegment& part : taken)
    if (!all.empty() && part.file_size == 0 && end_of(all.back()) == part.physical_address &&
        all.back().virtual_address + all.back().memory_size == part.virtual_address)
      all.back().memory_size += part.memory_size;
    else
      all.push_back(part);
}

// An entry may be a virtual address (a kernel's) or a physical one.
std::optional<std::uint64_t> locate_entry(const ElfImage& image) {
  if (const auto physical = image.to_physical(image.entry)) return physical;
  for (const auto& segment : image.segments)
    if (image.entry - segment.physical_address < segment.memory_size) return image.entry;
  return {};
}

}  // namespace

std::optional<std::uint64_t> ElfImage::to_physical(std::uint64_t virtual_address) const {
  for (const auto& segment : segments)
    if (virtual_address - segment.virtual_address < segment.memory_size)
      return segment.physical_address + (virtual_address - segment.virtual_address);
  return {};
}

std::uint64_t ElfImage::first_physical() const {
  return std::min_element(
             segments.begin(), segments.end(),
             [](const auto& a, const auto& b) { return a.physical_address < b.physical_address; })
      ->physical_address;
}

void ElfImage::move(std::uint64_t distance) {
  for (auto& segment : segments) segment.physical_address += distance;
  physical_entry += distance;
}

ElfSegment ElfImage::without_headers(const ElfSegment& segment, std::uint64_t first) const {
  const std::uint64_t front = first - segment.physical_address;
  if (segment.physical_address >= first || segment.offset != 0 || front >= segment.file_size ||
      front < headers_end)
    return segment;
  const auto at = [&](std::uint64_t offset) { return bytes.begin() + static_cast<std::ptrdiff_t>(offset); };
  if (std::any_of(at(headers_end), at(front), [](char byte) { return byte != 0; })) return segment;
  return {segment.virtual_address + front, first, front, segment.file_size - front,
          segment.memory_size - front};
}

bool looks_like_elf(const std::string& bytes) { return bytes.compare(0, SELFMAG, ELFMAG) == 0; }

ElfImage parse_elf(const std::string& path, std::string bytes, unsigned xlen) {
  ElfImage image;
  image.path = path;
  image.bytes = std::move(bytes);
  check_identification(image, xlen);
  const ElfHandle elf(image.bytes);
  GElf_Ehdr header{};
  if (!elf.get() || elf_kind(elf.get()) != ELF_K_ELF || !gelf_getehdr(elf.get(), &header))
    fail(image, fmt::format("damaged: its ELF header is unreadable: {}", elf_errmsg(-1)));
  check_header(image, header);
  image.relocatable = header.e_type == ET_DYN;
  image.flags = header.e_flags;
  image.headers_end = std::max<std::uint64_t>(
      header.e_ehsize, header.e_phoff + std::uint64_t{header.e_phnum} * header.e_phentsize);
  for (int i = 0; i < header.e_phnum; ++i) {
    GElf_Phdr program{};
    if (!gelf_getphdr(elf.get(), i, &program)) fail(image, "damaged: unreadable program headers");
    if (program.p_type == PT_LOAD && program.p_memsz != 0)
      image.segments.push_back(read_segment(image, program));
  }
  if (image.segments.empty()) fail(image, "it has nothing to load");
  settle_overlap(image);
  image.entry = header.e_entry;
  const auto entry = locate_entry(image);
  if (!entry) fail(image, fmt::format("its entry {:#x} lies outside its segments", image.entry));
  image.physical_entry = *entry;
  return image;
}

}  // namespace memio
