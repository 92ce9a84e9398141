// The mapping behind a simulated memory; see host_memory.h.
#include "memory/host_memory.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>

namespace memio {

namespace {

std::uint8_t* map_anonymous(std::uint64_t size) {
  const std::string bytes = std::to_string(size) + " bytes";
  if (size == 0 || size % 4096 != 0)
    throw std::invalid_argument("memory size of " + bytes + ": must be a positive multiple of 4096");
  if (size > std::numeric_limits<std::size_t>::max())
    throw std::runtime_error("memory size of " + bytes + ": more than the host can address");
  void* data = mmap(nullptr, static_cast<std::size_t>(size), PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (data == MAP_FAILED)
    throw std::runtime_error("memory size of " + bytes + ": the host refuses it: " + std::strerror(errno));
  return static_cast<std::uint8_t*>(data);
}

}  // namespace

HostMemory::HostMemory(std::uint64_t size) : data_(map_anonymous(size)), size_(size) {}

HostMemory::~HostMemory() { munmap(data_, static_cast<std::size_t>(size_)); }

}  // namespace memio
