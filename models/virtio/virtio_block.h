// Virtio block device: a disk of sectors of 512 bytes.
//
// Follows "Virtual I/O Device (VIRTIO) Version 1.2", section 5.2, with the features RO, SEG_MAX, BLK_SIZE,
// FLUSH, DISCARD and WRITE_ZEROES. One request is served at a time: it takes a fixed latency and a time for
// each sector, beside the bus transactions that move its data; a flush takes the latency alone. Not modelled:
// geometry, topology, several queues, zones, lifetime.
#pragma once

#include <string>

#include "virtio/virtio_function.h"

namespace memio {

/// What is on the disk. Offsets and sizes are bytes and lie inside; false is an error of the medium.
class BlockStorage {
 public:
  virtual ~BlockStorage() = default;
  virtual std::uint64_t sectors() const = 0;
  virtual bool read_only() const = 0;
  virtual bool read(std::uint64_t at, std::uint8_t* data, std::uint64_t size) = 0;
  virtual bool write(std::uint64_t at, const std::uint8_t* data, std::uint64_t size) = 0;
  /// Makes bytes read as zero.
  virtual bool clear(std::uint64_t at, std::uint64_t size) = 0;
  /// True if what was written is kept.
  virtual bool flush() = 0;
};

struct VirtioBlockConfig {
  std::uint64_t latency = 0;      ///< picoseconds of every request
  std::uint64_t sector_time = 0;  ///< picoseconds of each sector that is read or written
  std::string identifier;         ///< what GET_ID gives, up to 20 characters
};

class VirtioBlock : public VirtioFunction {
 public:
  VirtioBlock(const VirtioBlockConfig& config, std::unique_ptr<BlockStorage> storage);

  std::uint32_t id() const override;
  unsigned queues() const override { return 1; }
  std::uint64_t features() const override;
  std::vector<std::uint8_t> config() const override;
  std::optional<std::uint32_t> serve(unsigned queue, VirtioRequest& request) override;
  void register_stats(StatGroup& group) const override;

 private:
  enum class Result : std::uint8_t { ok = 0, error = 1, unsupported = 2 };
  using Outcome = std::optional<Result>;  ///< none: the host failed

  Outcome perform(VirtioRequest& request, std::uint32_t type, std::uint64_t sector);
  Outcome move(VirtioRequest& request, std::uint64_t sector, bool write);
  Outcome clear(VirtioRequest& request, bool discard);
  Outcome identify(VirtioRequest& request);
  Outcome flush(VirtioRequest& request);
  bool inside(std::uint64_t sector, std::uint64_t count) const;

  VirtioBlockConfig config_;
  std::unique_ptr<BlockStorage> storage_;
  std::vector<std::uint8_t> buffer_;
  std::uint64_t reads_ = 0, writes_ = 0, flushes_ = 0, discards_ = 0, zeroes_ = 0, errors_ = 0,
                unsupported_ = 0, sectors_read_ = 0, sectors_written_ = 0;
};

}  // namespace memio
