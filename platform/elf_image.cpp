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
  const int file_class = bytes[EI_CLASS];
  if (file_class != ELFCLASS32 && file_class != ELFCLASS64) fail(image, "damaged: unknown ELF class");
  if (bytes[EI_DATA] != ELFDATA2LSB) fail(image, "it is not little endian");
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
  if (header.p_paddr + (header.p_memsz - 1) < header.p_paddr ||
      header.p_vaddr + (header.p_memsz - 1) < header.p_vaddr)
    fail(image, fmt::format("damaged: the segment at {:#x} wraps round", header.p_paddr));
  return {header.p_vaddr, header.p_paddr, header.p_offset, header.p_filesz, header.p_memsz};
}

// Bytes of the file must not overlap. What is only zeroed gives way to them, and to what comes before it:
// memory is zero to begin with, and a linker script that loads data elsewhere than it runs leaves .bss over
// other data.
void settle_overlap(ElfImage& image) {
  auto& all = image.segments;
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return std::pair(a.physical_address, a.file_size != 0) < std::pair(b.physical_address, b.file_size != 0);
  });
  const ElfSegment* next = nullptr;  // that has bytes in the file
  for (auto it = all.rbegin(); it != all.rend(); ++it) {
    if (next) {
      const std::uint64_t room = next->physical_address - it->physical_address;
      if (it->file_size > room)
        fail(image, fmt::format("its segments at {:#x} and {:#x} overlap", it->physical_address,
                                next->physical_address));
      it->memory_size = std::min(it->memory_size, room);
    }
    if (it->file_size != 0) next = &*it;
  }
  auto kept = all.begin();
  for (const ElfSegment& segment : all) {
    const bool covered =
        kept != all.begin() && segment.physical_address - kept[-1].physical_address < kept[-1].memory_size;
    if (segment.memory_size != 0 && !covered) *kept++ = segment;
  }
  all.erase(kept, all.end());
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
    fail(image, "damaged: its ELF header makes no sense");
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
