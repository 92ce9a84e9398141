// The harts of one machine, as far as they must know of each other: a store of one breaks the reservations
// of the others, and drops what they derived from the bytes it changed (design rules 8 and 10). Free of
// SystemC.
//
// Harts run one at a time. What a hart watches (its reservation, the word in its fetch buffer, code it has
// decoded, in functional mode page tables it has read) matters to the others only once one of them runs. So
// these pages are passed on when the running hart changes: the others then give up the L0 slots by which they
// could store there unseen, and get no new ones while the page is watched. All other stores cost nothing.
// Caches of their own are kept coherent at look-up, and in no time: a line that is dirty in one data cache is
// in no other.
#pragma once

#include <cstdint>
#include <vector>

namespace memio::riscv {

class HartGroup {
 public:
  class Member {
   public:
    virtual ~Member() = default;
    /// Another hart stored to these bytes.
    virtual void written(std::uint64_t first, std::uint64_t size) = 0;
    /// True if the hart must hear of stores to the page at this address.
    virtual bool watches(std::uint64_t page) const = 0;
    /// Adds the pages that it has begun to watch since it was asked last.
    virtual void announce(std::vector<std::uint64_t>& pages) = 0;
    /// Stores to these pages must be told from now on.
    virtual void unprove_stores(const std::vector<std::uint64_t>& pages) = 0;
    /// Another hart reads the line from memory (cleans it here), or writes to it (drops it here).
    virtual void snoop(std::uint64_t line, bool write) = 0;
  };

  void join(Member& member) { members_.push_back(&member); }

  /// `member` runs now. To be called whenever another may have run before.
  void running(Member& member) {
    if (current_ != &member) change_to(member);
  }
  /// True if another than `by` watches the page.
  bool watched(std::uint64_t page, const Member& by) const;
  /// `by`, which runs, has just stored to these bytes.
  void stored(std::uint64_t first, std::uint64_t size, const Member& by) const;
  /// From `hold_devices` to `release_devices` no other than `by` may begin an access to a device: those of
  /// `by` are one to the others, once theirs are done. At most one holds them.
  void hold_devices(const Member& by) { holder_ = &by; }
  void release_devices(const Member& by) {
    if (holder_ == &by) holder_ = nullptr;
  }
  /// An access to a device begins, or is done.
  void begin_device_access() { ++device_accesses_; }
  void end_device_access() { --device_accesses_; }
  /// True if `by` may not begin one: another holds the devices, or `by` does and others' are not done.
  bool devices_busy(const Member& by) const {
    return holder_ == &by ? device_accesses_ != 0 : holder_ != nullptr;
  }
  /// `by`, which runs, fills a line of a cache, or stores to one.
  void snoop(std::uint64_t line, bool write, const Member& by) const;

 private:
  void change_to(Member& member);

  std::vector<Member*> members_;
  Member* current_ = nullptr;
  const Member* holder_ = nullptr;
  unsigned device_accesses_ = 0;      ///< under way
  std::vector<std::uint64_t> pages_;  ///< kept for its storage
};

}  // namespace memio::riscv
