// Fields of the header, all little endian; see linux_image.h.
#include "platform/linux_image.h"

#include <fmt/format.h>

#include <string_view>

#include "platform/errors.h"

namespace memio {
namespace {

constexpr std::size_t header_size = 64;
constexpr std::size_t text_offset_at = 8, image_size_at = 16, flags_at = 24, old_magic_at = 48, magic_at = 56;
constexpr std::uint64_t magic = 0x05435352;        // "RSC\5"
constexpr std::uint64_t old_magic = 0x5643534952;  // "RISCV", of version 0.1
constexpr std::uint64_t big_endian = 1;
constexpr std::uint64_t page = 4096, largest_memory = 1ull << 56;  // all that RV64 can address

std::uint64_t little_endian(const std::string& bytes, std::size_t at, unsigned size) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < size; ++i)
    value |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  return value;
}

// The program that unpacks `bytes`, of those that kernels are packed with; null if they are not packed.
const char* unpacker(const std::string& bytes) {
  using namespace std::string_view_literals;
  constexpr struct {
    std::size_t at;
    std::string_view magic;
    const char* program;
  } formats[] = {
      {0, "\x1f\x8b"sv, "gzip"},
      {4, "1AY&SY"sv, "bzip2"},
      {0, "\xfd\x37zXZ\0"sv, "xz"},
      {0, "\x28\xb5\x2f\xfd"sv, "zstd"},
      {0, "\x04\x22\x4d\x18"sv, "lz4"},
      {0, "\x02\x21\x4c\x18"sv, "lz4"},  // its legacy frame, which Linux uses
      {0, "\x89LZO\0\r\n\x1a\n"sv, "lzop"},
  };
  for (const auto& format : formats)
    if (bytes.size() > format.at && bytes.compare(format.at, format.magic.size(), format.magic) == 0)
      return format.program;
  // lzma has no magic: its usual parameters, then a size that is unknown or below 4 GiB.
  if (bytes.size() < 13 || bytes.compare(0, 3, "\x5d\0\0"sv) != 0) return nullptr;
  const std::uint64_t size = little_endian(bytes, 5, 8);
  return size == ~std::uint64_t{0} || size >> 32 == 0 ? "lzma" : nullptr;
}

}  // namespace

std::optional<LinuxImage> read_linux_image(const std::string& path, const std::string& bytes) {
  const auto fail = [&](const std::string& reason) {
    throw ConfigError(fmt::format("cannot load {}: {}", path, reason));
  };
  if (const char* program = unpacker(bytes))
    fail(fmt::format("it is compressed: unpack it first, by {} -dc < {} > FILE", program, path));
  if (bytes.size() < header_size ||
      (little_endian(bytes, magic_at, 4) != magic && little_endian(bytes, old_magic_at, 8) != old_magic))
    return {};
  LinuxImage image{little_endian(bytes, text_offset_at, 8), little_endian(bytes, image_size_at, 8)};
  if (const std::uint64_t flags = little_endian(bytes, flags_at, 8); flags & big_endian)
    fail(fmt::format("it is not little endian: its flags are {:#x}; allowed: bit 0 clear", flags));
  if (image.memory_size == 0) image.memory_size = bytes.size();  // as old kernels have it
  if (image.memory_size < bytes.size())
    fail("damaged: the Image is larger in the file than its header says it is in memory");
  if (image.memory_size > largest_memory)
    fail(fmt::format("damaged: its image_size is {:#x}; allowed: up to {:#x}", image.memory_size,
                     largest_memory));
  if (image.text_offset % page != 0)
    fail(
        fmt::format("damaged: its text_offset is {:#x}; allowed: a multiple of {}", image.text_offset, page));
  return image;
}

}  // namespace memio
