// A disk's file on POSIX; see disk_file.h.
#include "platform/disk_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "platform/errors.h"

namespace memio {
namespace {

constexpr std::uint64_t sector = 512;

/// Calls pread or pwrite until all is done; false at an error and at the end of the file.
template <typename Call>
bool transfer_all(std::uint64_t size, Call call) {
  for (std::uint64_t done = 0; done < size;) {
    const ssize_t moved = call(done, size - done);
    if (moved > 0)
      done += static_cast<std::uint64_t>(moved);
    else if (moved == 0 || errno != EINTR)
      return false;
  }
  return true;
}

}  // namespace

DiskFile::DiskFile(const OptionValue& option, bool read_only) : read_only_(read_only) {
  const std::string& path = option.text;
  // Without O_NONBLOCK a pipe would wait for its other end.
  fd_ = ::open(path.c_str(), (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK);
  if (fd_ < 0) {
    const bool may_read = !read_only && ::access(path.c_str(), R_OK) == 0;
    throw ConfigError(fmt::format("{}: cannot open {} of {}: {}{}", option.origin, path, option.key,
                                  std::strerror(errno),
                                  may_read ? "; disk.read-only = on opens it for reading" : ""));
  }
  struct stat info {};
  const bool regular = ::fstat(fd_, &info) == 0 && S_ISREG(info.st_mode);
  size_ = regular ? static_cast<std::uint64_t>(info.st_size) : 0;
  if (size_ != 0 && size_ % sector == 0) return;
  ::close(fd_);
  throw ConfigError(bad_value(option, regular ? fmt::format("a file of whole sectors of 512 bytes, at least "
                                                            "one; it has {} bytes",
                                                            size_)
                                              : "a regular file"));
}

DiskFile::~DiskFile() { ::close(fd_); }

/// True if the file still has its size and a name.
bool DiskFile::whole() const {
  struct stat info {};
  return ::fstat(fd_, &info) == 0 && info.st_nlink > 0 && static_cast<std::uint64_t>(info.st_size) >= size_;
}

bool DiskFile::read(std::uint64_t at, std::uint8_t* data, std::uint64_t size) {
  return whole() && transfer_all(size, [&](std::uint64_t done, std::uint64_t left) {
           return ::pread(fd_, data + done, left, static_cast<off_t>(at + done));
         });
}

bool DiskFile::write(std::uint64_t at, const std::uint8_t* data, std::uint64_t size) {
  return whole() && transfer_all(size, [&](std::uint64_t done, std::uint64_t left) {
           return ::pwrite(fd_, data + done, left, static_cast<off_t>(at + done));
         });
}

bool DiskFile::flush() { return whole() && (read_only_ || ::fdatasync(fd_) == 0); }

/// A hole where the host's file system can make one, else zeroes.
bool DiskFile::clear(std::uint64_t at, std::uint64_t size) {
  if (!whole()) return false;
  if (::fallocate(fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(at),
                  static_cast<off_t>(size)) == 0)
    return true;
  const std::vector<std::uint8_t> zeroes(std::min<std::uint64_t>(size, 1 << 20));
  for (std::uint64_t done = 0; done < size; done += zeroes.size())
    if (!write(at + done, zeroes.data(), std::min<std::uint64_t>(size - done, zeroes.size()))) return false;
  return true;
}

}  // namespace memio
