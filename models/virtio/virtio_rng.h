// Virtio source of random numbers, which come from a seeded generator: the same in every run.
//
// Follows "Virtual I/O Device (VIRTIO) Version 1.2", section 5.4. The generator is the 64-bit Mersenne
// Twister of ISO C++, its numbers in little-endian order. A request gets no more than 64 KiB.
#pragma once

#include <random>

#include "virtio/virtio_function.h"

namespace memio {

class VirtioRng : public VirtioFunction {
 public:
  explicit VirtioRng(std::uint64_t seed) : generator_(seed) {}

  std::uint32_t id() const override;
  unsigned queues() const override { return 1; }
  std::optional<std::uint32_t> serve(unsigned queue, VirtioRequest& request) override;
  void register_stats(StatGroup& group) const override;

 private:
  std::mt19937_64 generator_;
  std::uint64_t bytes_ = 0;
};

}  // namespace memio
