// One channel of the DMA controller: its registers, and its way through a chain of descriptors turn by
// turn. docs/devices.md is the data sheet. Free of SystemC; the controller gives it turns, time and the bus.
#pragma once

#include <cstdint>
#include <vector>

#include "core/register_bank.h"
#include "core/stats.h"
#include "dma/dma_registers.h"

namespace memio {

/// What a channel needs of its controller.
class DmaHost {
 public:
  virtual ~DmaHost() = default;
  virtual Cycles now() const = 0;
  /// When the register access in hand reached the controller; not before `now`.
  virtual Cycles arrival() const = 0;
  /// Makes a bus transaction and waits for its end.
  virtual Status access(const Access& access) = 0;
  /// Lets cycles pass.
  virtual void spend(Cycles cycles) = 0;
  /// The level of a request line.
  virtual bool requested(unsigned line) const = 0;
  /// By the register access in hand, the channel has something to do.
  virtual void wake() = 0;
  /// Interrupt status or enable changed.
  virtual void update_irq() = 0;
  /// True if the bytes lie in the controller's own registers.
  virtual bool is_own(std::uint64_t address, std::uint64_t size) const = 0;
};

struct DmaLimits {
  std::uint32_t burst = 64;                ///< bytes, a multiple of 8
  std::uint64_t max_descriptors = 65'536;  ///< of a chain, at least 1
  Cycles descriptor_latency = 4;           ///< after each descriptor read
  Cycles burst_latency = 1;                ///< before each burst
};

class DmaChannel {
 public:
  /// Joins `bank` as channel `number`.
  DmaChannel(RegisterBank& bank, unsigned number, const DmaLimits& limits, DmaHost& host);

  bool busy() const { return step_ != Step::none; }
  bool paced() const { return busy() && step_ == Step::move && (control() & paced_flags) != 0; }
  /// True if a turn would get it further.
  bool ready() const;
  unsigned priority() const {
    return static_cast<unsigned>(control_.value()) >> dma::control_priority_shift & 7;
  }
  bool interrupts() const { return (irq_status_.value() & irq_enable_.value()) != 0; }

  /// Reads a descriptor, moves a burst or writes a status. The channel is ready.
  void turn();
  /// Books the time since the last look, by what the channel waited for, and looks again.
  void look();

  dma::State state() const;
  std::uint64_t error_address() const { return error_address_.value(); }
  std::uint64_t descriptor() const { return current_.value(); }
  /// Bytes of the descriptor in hand that are still to be moved.
  std::uint64_t remaining() const;

  /// Forgets what it did; a turn under way ends with the transaction in hand.
  void reset();
  void register_stats(StatGroup& group) const;

 private:
  enum class Step : std::uint8_t { none, fetch, move, finish };
  static constexpr std::uint32_t paced_flags = dma::flag_source_paced | dma::flag_destination_paced;

  /// One end of a transfer.
  struct Side {
    bool write;
    Space space;
    dma::Addressing addressing;
    std::uint64_t base;
    std::int32_t stride;
    dma::Error address_error, other_error;
  };

  std::uint32_t control() const { return descriptor_.control; }
  std::uint64_t width() const { return std::uint64_t{1} << (control() & dma::width_mask); }
  std::uint64_t rows() const { return descriptor_.rows ? descriptor_.rows : 1; }
  Side source() const;
  Side destination() const;

  void write_control(std::uint64_t value);
  void start();
  void fetch();
  dma::Error check() const;
  void move();
  bool move_side(const Side& side, std::uint64_t size);
  void finish();
  void fail(dma::Error error, std::uint64_t address);
  void end(dma::State state, std::uint64_t irq);
  bool requests() const;

  DmaLimits limits_;
  DmaHost& host_;
  Register control_, status_, irq_status_, irq_enable_, first_, current_, bytes_, completed_, error_address_;

  Step step_ = Step::none;
  dma::State outcome_ = dma::State::idle;  ///< of the last chain
  dma::Error error_ = dma::Error::none;
  bool abort_ = false;
  std::uint64_t resets_ = 0;  ///< a turn that sees it change ends
  std::uint64_t fetched_ = 0;
  dma::Descriptor descriptor_{};
  std::uint64_t row_ = 0, column_ = 0;  ///< where the next burst begins
  std::uint64_t moved_ = 0;             ///< bytes of the descriptor
  std::uint64_t granted_ = 0;           ///< bytes that the last request still asks for
  std::vector<std::uint8_t> buffer_;

  Cycles begin_ = 0;    ///< it starts no earlier
  Cycles looked_ = 0;   ///< time is booked up to here
  bool waits_ = false;  ///< at the last look it waited for a request line
  std::uint64_t descriptors_ = 0, bursts_ = 0, bytes_read_ = 0, bytes_written_ = 0, descriptor_bytes_ = 0,
                status_bytes_ = 0, errors_ = 0, aborts_ = 0;
  Cycles busy_cycles_ = 0, wait_cycles_ = 0, request_cycles_ = 0;
};

}  // namespace memio
