// Requests of a virtio block device; see virtio_block.h.
#include "virtio/virtio_block.h"

#include <algorithm>

#include "virtio/virtio_registers.h"

namespace memio {

using virtio::number;
using virtio::sector_size;

namespace {

constexpr std::uint64_t feature_seg_max = 1u << 2, feature_read_only = 1u << 5, feature_block_size = 1u << 6,
                        feature_flush = 1u << 9, feature_discard = 1u << 13, feature_zeroes = 1u << 14;
constexpr std::uint32_t type_in = 0, type_out = 1, type_flush = 4, type_get_id = 8, type_discard = 11,
                        type_zeroes = 13;
constexpr std::uint32_t unmap = 1;  ///< flag of a range

constexpr std::uint64_t header_size = 16, range_size = 16, identifier_size = 20;
constexpr std::uint64_t piece_size = 64 * 1024;  ///< moved between medium and memory at a time

/// As QEMU has them: what fits a queue of 256, and the most sectors of one range.
constexpr std::uint32_t most_segments = 254, most_sectors = 0x3FFFFF;

}  // namespace

VirtioBlock::VirtioBlock(const VirtioBlockConfig& config, std::unique_ptr<BlockStorage> storage)
    : config_(config), storage_(std::move(storage)), buffer_(piece_size) {}

std::uint32_t VirtioBlock::id() const { return virtio::id_block; }

std::uint64_t VirtioBlock::features() const {
  const std::uint64_t writing = storage_->read_only() ? feature_read_only : feature_discard | feature_zeroes;
  return feature_seg_max | feature_block_size | feature_flush | writing;
}

std::vector<std::uint8_t> VirtioBlock::config() const {
  std::vector<std::uint8_t> space(60);
  const auto put = [&space](std::size_t at, unsigned size, std::uint64_t value) {
    for (unsigned i = 0; i < size; ++i) space[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
  };
  put(0, 8, storage_->sectors());
  put(12, 4, most_segments);
  put(20, 4, sector_size);
  if (storage_->read_only()) return space;
  put(36, 4, most_sectors);  // of a discard
  put(40, 4, 1);             // ranges of one
  put(44, 4, 1);             // alignment
  put(48, 4, most_sectors);  // of a write of zeroes
  put(52, 4, 1);             // ranges of one
  put(56, 1, 1);             // it may unmap
  return space;
}

std::optional<std::uint32_t> VirtioBlock::serve(unsigned, VirtioRequest& request) {
  std::uint8_t header[header_size];
  if (request.readable() < header_size || request.writable() == 0 || !request.read(0, header, header_size))
    return {};
  const std::uint64_t data = request.writable() - 1;
  const Outcome result =
      perform(request, static_cast<std::uint32_t>(number(header, 4)), number(header + 8, 8));
  if (!result) return {};
  if (*result == Result::error) ++errors_;
  if (*result == Result::unsupported) ++unsupported_;
  const std::uint8_t status = static_cast<std::uint8_t>(*result);
  if (!request.write(data, &status, 1)) return {};
  // Bytes in front of the status count only if they were written.
  const bool all = *result == Result::ok || data == 0;
  return all ? static_cast<std::uint32_t>(std::min<std::uint64_t>(data + 1, ~std::uint32_t{0})) : 0;
}

VirtioBlock::Outcome VirtioBlock::perform(VirtioRequest& request, std::uint32_t type, std::uint64_t sector) {
  switch (type) {
    case type_in:
      ++reads_;
      return move(request, sector, false);
    case type_out:
      ++writes_;
      return move(request, sector, true);
    case type_flush:
      ++flushes_;
      return flush(request);
    case type_get_id:
      return identify(request);
    case type_discard:
      ++discards_;
      return clear(request, true);
    case type_zeroes:
      ++zeroes_;
      return clear(request, false);
    default:
      return request.spend(config_.latency) ? Outcome(Result::unsupported) : Outcome();
  }
}

bool VirtioBlock::inside(std::uint64_t sector, std::uint64_t count) const {
  return sector <= storage_->sectors() && count <= storage_->sectors() - sector;
}

VirtioBlock::Outcome VirtioBlock::move(VirtioRequest& request, std::uint64_t sector, bool write) {
  const std::uint64_t size = write ? request.readable() - header_size : request.writable() - 1;
  const std::uint64_t count = size / sector_size;
  const bool possible = size % sector_size == 0 && inside(sector, count) && !(write && storage_->read_only());
  if (!request.spend(config_.latency + (possible ? count * config_.sector_time : 0))) return {};
  if (!possible) return Result::error;
  for (std::uint64_t done = 0, piece = 0; done < size; done += piece) {
    piece = std::min(size - done, piece_size);
    const std::uint64_t at = sector * sector_size + done;
    std::uint8_t* const bytes = buffer_.data();
    if (write && !request.read(header_size + done, bytes, piece)) return {};
    if (!(write ? storage_->write(at, bytes, piece) : storage_->read(at, bytes, piece))) return Result::error;
    if (!write && !request.write(done, bytes, piece)) return {};
    (write ? sectors_written_ : sectors_read_) += piece / sector_size;
  }
  return Result::ok;
}

/// Discarded sectors read as zero, too: what is on the disk then does not depend on the host.
VirtioBlock::Outcome VirtioBlock::clear(VirtioRequest& request, bool discard) {
  std::uint8_t range[range_size];
  if (!request.spend(config_.latency)) return {};
  if (request.readable() != header_size + range_size) return Result::error;
  if (!request.read(header_size, range, range_size)) return {};
  const std::uint64_t sector = number(range, 8), count = number(range + 8, 4), flags = number(range + 12, 4);
  if (flags & ~std::uint64_t{discard ? 0 : unmap}) return Result::unsupported;
  if (storage_->read_only() || count > most_sectors || !inside(sector, count)) return Result::error;
  return storage_->clear(sector * sector_size, count * sector_size) ? Result::ok : Result::error;
}

VirtioBlock::Outcome VirtioBlock::flush(VirtioRequest& request) {
  if (!request.spend(config_.latency)) return {};
  return storage_->flush() ? Result::ok : Result::error;
}

VirtioBlock::Outcome VirtioBlock::identify(VirtioRequest& request) {
  std::uint8_t text[identifier_size] = {};
  std::copy_n(config_.identifier.begin(), std::min<std::size_t>(config_.identifier.size(), identifier_size),
              text);
  if (!request.spend(config_.latency)) return {};
  const std::uint64_t size = std::min(request.writable() - 1, identifier_size);
  return request.write(0, text, size) ? Outcome(Result::ok) : Outcome();
}

void VirtioBlock::register_stats(StatGroup& group) const {
  StatGroup& block = group.child("block", "requests of the disk");
  block.add("reads", "requests", "reads", &reads_);
  block.add("writes", "requests", "writes", &writes_);
  block.add("flushes", "requests", "flushes", &flushes_);
  block.add("discards", "requests", "discards", &discards_);
  block.add("zeroes", "requests", "writes of zeroes", &zeroes_);
  block.add("errors", "requests", "requests that ended with an I/O error", &errors_);
  block.add("unsupported", "requests", "requests that the device does not know", &unsupported_);
  block.add("sectors_read", "sectors", "sectors read", &sectors_read_);
  block.add("sectors_written", "sectors", "sectors written", &sectors_written_);
}

}  // namespace memio
