// Posted writes and the waiting for them; see write_buffer.h.
#include "cache/write_buffer.h"

#include <algorithm>

namespace memio {

Cycles WriteBuffer::retire_oldest() {
  const Completion completion = bus_.completion(pending_.front());
  pending_.pop_front();
  if (completion.status != Status::ok) ++errors;
  return completion.done;
}

Cycles WriteBuffer::write(const Access& access, Cycles now) {
  ++writes;
  bytes += access.size;
  Cycles at = now;
  if (entries_ != 0 && pending_.size() == entries_) {
    at = std::max(at, retire_oldest() + release_);
    if (at > now) {
      ++full;
      full_cycles += at - now;
    }
  }
  pending_.push_back(bus_.post(access, at));
  return entries_ == 0 ? drain(at) : at;
}

Cycles WriteBuffer::drain(Cycles now) {
  while (!pending_.empty()) now = std::max(now, retire_oldest());
  return now;
}

void WriteBuffer::register_stats(StatGroup& group) const {
  group.add("writes", "transactions", "writes taken", &writes);
  group.add("bytes", "bytes", "of these writes", &bytes);
  group.add("full", "transactions", "writes that found no free entry", &full);
  group.add("full_cycles", "cycles", "that these waited", &full_cycles);
  group.add("errors", "transactions", "writes that the bus answered with an error", &errors);
}

}  // namespace memio
