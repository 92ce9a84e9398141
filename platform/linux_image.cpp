// Fields of the header, all little endian; see linux_image.h.
#include "platform/linux_image.h"

#include <fmt/format.h>

#include "platform/errors.h"

namespace memio {
namespace {

constexpr std::size_t header_size = 64;
constexpr std::size_t text_offset_at = 8, image_size_at = 16, flags_at = 24, old_magic_at = 48, magic_at = 56;
constexpr std::uint64_t magic = 0x05435352;        // "RSC\5"
constexpr std::uint64_t old_magic = 0x5643534952;  // "RISCV", of version 0.1
constexpr std::uint64_t big_endian = 1;

std::uint64_t little_endian(const std::string& bytes, std::size_t at, unsigned size) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < size; ++i)
    value |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  return value;
}

// What the formats that kernels are packed with begin with.
const char* compression(const std::string& bytes) {
  if (bytes.rfind("\x1f\x8b", 0) == 0) return "gzip";
  if (bytes.rfind("\x28\xb5\x2f\xfd", 0) == 0) return "zstd";
  if (bytes.rfind("\xfd\x37zXZ", 0) == 0) return "xz";
  return nullptr;
}

}  // namespace

std::optional<LinuxImage> read_linux_image(const std::string& path, const std::string& bytes) {
  const auto fail = [&](const std::string& reason) {
    throw ConfigError(fmt::format("cannot load {}: {}", path, reason));
  };
  if (const char* packer = compression(bytes))
    fail(fmt::format("it is compressed ({}): unpack it first", packer));
  if (bytes.size() < header_size ||
      (little_endian(bytes, magic_at, 4) != magic && little_endian(bytes, old_magic_at, 8) != old_magic))
    return {};
  LinuxImage image{little_endian(bytes, text_offset_at, 8), little_endian(bytes, image_size_at, 8)};
  if (little_endian(bytes, flags_at, 8) & big_endian) fail("it is not little endian");
  if (image.memory_size == 0) image.memory_size = bytes.size();  // as old kernels have it
  if (image.memory_size < bytes.size())
    fail("damaged: the Image is larger in the file than its header says it is in memory");
  return image;
}

}  // namespace memio
