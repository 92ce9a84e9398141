// A regular file as the medium of a disk. It is opened once; what happens to it on the host during the run
// (it is truncated, removed, the host's disk is full) is an error of the requests that meet it.
#pragma once

#include "platform/options.h"
#include "virtio/virtio_block.h"

namespace memio {

class DiskFile : public BlockStorage {
 public:
  /// Opens the file that `option` names. Throws ConfigError: missing, not a regular file, empty, not of whole
  /// sectors, not to be opened for writing unless `read_only`.
  DiskFile(const OptionValue& option, bool read_only);
  DiskFile(const DiskFile&) = delete;
  DiskFile& operator=(const DiskFile&) = delete;
  ~DiskFile() override;

  std::uint64_t sectors() const override { return size_ / 512; }
  bool read_only() const override { return read_only_; }
  bool read(std::uint64_t at, std::uint8_t* data, std::uint64_t size) override;
  bool write(std::uint64_t at, const std::uint8_t* data, std::uint64_t size) override;
  bool clear(std::uint64_t at, std::uint64_t size) override;
  /// Lets the host bring what was written to its medium.
  bool flush() override;

 private:
  bool whole() const;

  int fd_ = -1;
  bool read_only_;
  std::uint64_t size_ = 0;
};

}  // namespace memio
