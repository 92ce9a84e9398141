// An accelerator for two jobs, to compare hardware and software designs with: CRC-32 and the product of two
// square matrices of 32-bit words.
//
// memio's own device ("memio,accelerator"); docs/devices.md is its data sheet. A job begins with a write of
// COMMAND, takes its input through DATA and ends with DONE; the product is then read from DATA. Words of the
// CRC pass a FIFO that drains at a configured rate; a word written while it is full is lost, and ERROR tells
// so. Two request lines pace a DMA channel on either side of DATA.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "core/irq_ports.h"
#include "core/register_target.h"

namespace memio {

struct AcceleratorConfig {
  sc_core::sc_time latency;            ///< of an access to a register
  std::uint64_t word_time = 1000;      ///< picoseconds that the CRC of 4 bytes takes
  std::uint64_t multiply_time = 1000;  ///< picoseconds of one multiplication and addition
};

class Accelerator : public RegisterTarget {
 public:
  static constexpr unsigned fifo_words = 16;
  static constexpr unsigned group_words = 8;  ///< of a DMA request: so many words may be moved for one
  static constexpr unsigned largest_matrix = 64;

  IrqOutput irq{"irq"};
  IrqOutput input_request{"input_request"};    ///< high: DATA takes `group_words` words, or all the rest
  IrqOutput output_request{"output_request"};  ///< high: DATA holds words of the product

  Accelerator(const sc_core::sc_module_name& name, const AcceleratorConfig& config);

  void reset() override;
  void register_stats(StatGroup& group) override;

 private:
  enum class Job : std::uint8_t { none, crc32, multiply };

  void start(std::uint64_t command);
  void stop();
  void take(std::uint32_t word);
  void take_crc(std::uint32_t word);
  void multiply();
  std::uint32_t give();
  void finish();
  std::uint64_t status() const;
  unsigned room() const;
  unsigned wanted() const;
  std::uint64_t room_at() const;
  void update();

  Register control_{registers_, {"CONTROL", 0x00, 4, 0, 0x1}};
  Register command_{registers_, {"COMMAND", 0x04, 4, 0, ~std::uint64_t{0}, 0, RegisterAccess::wo}};
  Register status_{registers_, {"STATUS", 0x08, 4, 0, 0x6}};
  Register size_{registers_, {"SIZE", 0x0C, 4}};
  Register result_{registers_, {"RESULT", 0x10, 4, 0, 0}};
  Register data_{registers_, {"DATA", 0x20, 4}};

  AcceleratorConfig config_;
  Job job_ = Job::none;
  std::uint64_t bytes_left_ = 0;  ///< of the input
  std::uint64_t order_ = 0;       ///< rows of the matrices in hand; SIZE may have been written since
  std::uint32_t crc_ = 0;
  std::deque<std::uint64_t> fifo_;  ///< times, in ps, at which its words leave it
  std::uint64_t last_out_ = 0;      ///< when the word taken last leaves the FIFO
  std::uint64_t done_at_;           ///< when the job in hand ends, once that is known
  std::vector<std::uint32_t> input_;
  std::deque<std::uint32_t> output_, product_;  ///< to be read; not yet ready
  sc_core::sc_event timer_;
  std::uint64_t jobs_ = 0, words_in_ = 0, words_out_ = 0, lost_ = 0;
};

}  // namespace memio
