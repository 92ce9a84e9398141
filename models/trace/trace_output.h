// A trace that becomes a file: what it has to know before the run, its window, its end.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "core/trace.h"

namespace memio {

inline constexpr Cycles never = std::numeric_limits<Cycles>::max();

/// Everything that will send events. A name is the one that the events point to; its dots make scopes.
struct TraceSources {
  struct Parts {
    std::string name;
    unsigned count;
  };
  unsigned harts = 0;                   ///< numbered from 0
  std::vector<std::string> caches;      ///< "cpu0.l1d"
  std::vector<std::string> initiators;  ///< of the bus
  std::vector<Parts> memories;          ///< with the number of their banks
  std::vector<std::string> queues;      ///< targets of the bus at which requests can wait; names may repeat
  std::vector<Parts> dmas;              ///< with the number of their channels
  std::vector<std::string> iommus;      ///< "iommu0"
  std::vector<std::string> interrupt_lines;  ///< "uart0.irq"
  std::vector<std::string> kernel_numbers;   ///< "free.Normal.order3"
};

class TraceOutput : public TraceSink {
 public:
  /// Once, before the first event.
  virtual void declare(const TraceSources& sources) = 0;

  /// What happens in [start, stop) is written. To be told before `advance` has reached `start`, and `stop`;
  /// a start that is not known yet is `never`.
  virtual void set_window(Cycles start, Cycles stop) = 0;

  /// The run ended at `end`: writes what is left and closes the file.
  virtual void finish(Cycles end) = 0;

  /// The first failure, fit for a message; empty if there was none: the file could not be written (and is
  /// incomplete), or an event came from an undeclared source or too late (a bug of the sender).
  virtual const std::string& error() const = 0;
  bool ok() const { return error().empty(); }
};

}  // namespace memio
