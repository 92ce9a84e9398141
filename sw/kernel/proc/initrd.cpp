// The initrd: a cpio archive in "newc" format (cpio(5)); file data and names are padded to 4 bytes.
#include "kernel/process.h"
#include "string.h"

namespace memio {
namespace {

constexpr unsigned long kHeaderSize = 110;
constexpr unsigned long kFileSizeAt = 54;
constexpr unsigned long kNameSizeAt = 94;

unsigned long hex8(const u8* digits) {
  unsigned long value = 0;
  for (int i = 0; i < 8; i++) {
    const u8 c = digits[i];
    value = value << 4 | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10u);
  }
  return value;
}

unsigned long align4(unsigned long value) { return (value + 3) & ~3ul; }

}  // namespace

ByteRange initrd_file(ByteRange archive, const char* name) {
  unsigned long at = 0;
  while (at + kHeaderSize < archive.size) {
    const u8* header = archive.data + at;
    if (memcmp(header, "070701", 6) != 0) break;
    const unsigned long file_size = hex8(header + kFileSizeAt);
    const unsigned long name_size = hex8(header + kNameSizeAt);
    const unsigned long data = align4(at + kHeaderSize + name_size);
    if (name_size == 0 || data > archive.size || file_size > archive.size - data) break;
    const char* entry = reinterpret_cast<const char*>(header + kHeaderSize);
    if (entry[name_size - 1] != 0) break;
    if (strcmp(entry, name) == 0) return {archive.data + data, file_size};
    at = align4(data + file_size);
  }
  return {};
}

}  // namespace memio
