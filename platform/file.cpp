// Whole-file input and output on POSIX; see file.h.
#include "platform/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "platform/errors.h"
#include "platform/interrupts.h"

namespace memio {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int close() {
    const int fd = fd_;
    fd_ = -1;
    return ::close(fd);
  }

 private:
  int fd_;
};

constexpr std::uint64_t page_bytes = 4096;

// Which pages of a mapping hold anything, by the kernel's page map (proc(5), /proc/pid/pagemap).
class TouchedPages {
 public:
  explicit TouchedPages(const std::uint8_t* bytes)
      : first_(reinterpret_cast<std::uintptr_t>(bytes) / page_bytes),
        map_(::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC)) {}

  /// Of `count` pages from `page` on; all of them where the kernel does not tell.
  std::vector<bool> look(std::uint64_t page, std::uint64_t count) const {
    constexpr std::uint64_t present_or_swapped = std::uint64_t{3} << 62;
    std::vector<std::uint64_t> entries(count);
    const auto wanted = static_cast<ssize_t>(count * sizeof entries[0]);
    const ssize_t got = ::pread(map_.get(), entries.data(), static_cast<std::size_t>(wanted),
                                static_cast<off_t>((first_ + page) * sizeof entries[0]));
    std::vector<bool> touched(count, true);
    if (got != wanted) return touched;
    for (std::uint64_t i = 0; i < count; ++i) touched[i] = (entries[i] & present_or_swapped) != 0;
    return touched;
  }

 private:
  std::uint64_t first_;
  Descriptor map_;
};

bool holds_zeroes(const std::uint8_t* page, std::uint64_t size) {
  return page[0] == 0 && std::memcmp(page, page + 1, size - 1) == 0;
}

}  // namespace

std::string read_file(const std::string& path, std::uint64_t largest, const std::string& option) {
  const auto fail = [&](const std::string& reason) {
    throw ConfigError(fmt::format("{}cannot read {}: {}", option.empty() ? "" : option + ": ", path, reason));
  };
  Descriptor file(open_file(path, O_RDONLY));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) fail(std::strerror(errno));
  if (S_ISDIR(status.st_mode)) fail("it is a directory");
  std::string bytes;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t got = ::read(file.get(), buffer, sizeof buffer);
    if (got == 0) return bytes;
    if (got < 0 && failed_by_signal(errno))
      throw Interrupted(fmt::format("cannot read {}: interrupted", path));
    if (got < 0) fail(std::strerror(errno));
    if (bytes.size() + static_cast<std::size_t>(got) > largest)
      fail(fmt::format("it is larger than {} bytes", largest));
    bytes.append(buffer, static_cast<std::size_t>(got));
  }
}

std::string read_front(const std::string& path, std::size_t size) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return {};
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string bytes(size, '\0');
  const ssize_t got = ::read(file.get(), bytes.data(), size);
  bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return bytes;
}

void write_file(const std::string& path, const std::string& text) {
  const bool standard = path == "-";
  const std::string name = standard ? "standard output" : path;
  const auto fail = [&] {
    const std::string reason = fmt::format("cannot write {}: {}", name, std::strerror(errno));
    if (failed_by_signal(errno)) throw Interrupted(reason);
    throw OutputError(reason);
  };
  Descriptor file(standard ? ::dup(STDOUT_FILENO) : open_file(path, O_WRONLY | O_CREAT | O_TRUNC));
  if (file.get() < 0) fail();
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t put = ::write(file.get(), text.data() + at, text.size() - at);
    if (put < 0) fail();  // EINTR too: a signal ends the wait for a reader that does not read
    at += static_cast<std::size_t>(put);
  }
  if (file.close() != 0) fail();
}

void write_sparse_file(const std::string& path, const std::uint8_t* bytes, std::uint64_t size) {
  const auto fail = [&] {
    throw OutputError(fmt::format("cannot write {}: {}", path, std::strerror(errno)));
  };
  Descriptor file(open_file(path, O_WRONLY | O_CREAT | O_TRUNC));
  if (file.get() < 0 || ::ftruncate(file.get(), static_cast<off_t>(size)) != 0) fail();
  const TouchedPages pages(bytes);
  constexpr std::uint64_t pages_at_once = 1 << 16;
  const std::uint64_t all = (size + page_bytes - 1) / page_bytes;
  for (std::uint64_t first = 0; first < all; first += pages_at_once) {
    const std::vector<bool> touched = pages.look(first, std::min(pages_at_once, all - first));
    for (std::uint64_t i = 0; i < touched.size(); ++i) {
      std::uint64_t at = (first + i) * page_bytes;
      const std::uint64_t end = std::min(size, at + page_bytes);
      if (!touched[i] || holds_zeroes(bytes + at, end - at)) continue;
      while (at < end) {
        const ssize_t put = ::pwrite(file.get(), bytes + at, end - at, static_cast<off_t>(at));
        if (put < 0 && errno != EINTR) fail();
        if (put > 0) at += static_cast<std::uint64_t>(put);
      }
    }
  }
  if (file.close() != 0) fail();
}

std::string program_directory() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? "." : program.parent_path().string();
}

}  // namespace memio
