// The way of caches and write buffers to the bus. Free of SystemC.
#pragma once

#include "core/access.h"

namespace memio {

/// Transactions of one initiator. Those of one port (of fetches; of data and walks) are made in order, one
/// after the other. Transfers of more than 8 bytes are bursts. `Access::data` is null: the bus knows where
/// the bytes are. A call may wait, and the caches may have changed when it returns.
class LineBus {
 public:
  virtual ~LineBus() = default;
  /// One transaction; the initiator waits for it.
  virtual Completion transfer(const Access& access, Cycles now) = 0;
  /// Begins a transaction that nobody waits for, not before `now`.
  virtual Ticket post(const Access& access, Cycles now) = 0;
  /// How a posted transaction ended, and when; to be asked once.
  virtual Completion completion(Ticket ticket) = 0;
  /// The caches are about to fill the line, or to store to it: what others hold of it must be clean, or
  /// go. Takes no time.
  virtual void claim(std::uint64_t /*line*/, bool /*write*/) {}
};

}  // namespace memio
