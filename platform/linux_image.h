// The header of a Linux kernel `Image`, a raw file that says itself how much memory it takes. Follows Linux'
// Documentation/riscv/boot-image-header.rst, version 0.2; a header for EFI in front of it changes nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace memio {

struct LinuxImage {
  std::uint64_t text_offset = 0;  ///< where it is to begin, from the start of RAM; 0: it does not say
  std::uint64_t memory_size = 0;  ///< with what the kernel clears itself behind the file; at least the file
};

/// The header that `bytes` begin with; none if they are no Image. Throws ConfigError that names `path`: a
/// compressed kernel, a big-endian one, one that is larger in the file than in memory, a field out of range.
std::optional<LinuxImage> read_linux_image(const std::string& path, const std::string& bytes);

}  // namespace memio
