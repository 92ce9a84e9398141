// Whole-file input and output on POSIX; see file.h.
#include "platform/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "platform/errors.h"

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

}  // namespace

std::string read_file(const std::string& path, std::uint64_t largest) {
  const auto fail = [&](const std::string& reason) {
    throw ConfigError(fmt::format("cannot read {}: {}", path, reason));
  };
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) fail(std::strerror(errno));
  if (S_ISDIR(status.st_mode)) fail("it is a directory");
  std::string bytes;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t got = ::read(file.get(), buffer, sizeof buffer);
    if (got == 0) return bytes;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(std::strerror(errno));
    if (bytes.size() + static_cast<std::size_t>(got) > largest)
      fail(fmt::format("it is larger than {} bytes", largest));
    bytes.append(buffer, static_cast<std::size_t>(got));
  }
}

void write_file(const std::string& path, const std::string& text) {
  const bool standard = path == "-";
  const std::string name = standard ? "standard output" : path;
  const auto fail = [&] {
    throw OutputError(fmt::format("cannot write {}: {}", name, std::strerror(errno)));
  };
  Descriptor file(standard ? ::dup(STDOUT_FILENO)
                           : ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (file.get() < 0) fail();
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t put = ::write(file.get(), text.data() + at, text.size() - at);
    if (put < 0 && errno != EINTR) fail();
    if (put > 0) at += static_cast<std::size_t>(put);
  }
  if (file.close() != 0) fail();
}

std::string program_directory() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? "." : program.parent_path().string();
}

}  // namespace memio
