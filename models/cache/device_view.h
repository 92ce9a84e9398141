// How DMA sees memory behind a hart's caches (design rule 12), and a checker of what goes stale. Free of
// SystemC.
//
// Coherent: a DMA access snoops the data caches: a read cleans the lines it finds dirty, a write drops the
// lines it finds; each line found costs the snoop latency. What is cleaned so moves with the access, not by a
// transaction of the hart.
//
// Not coherent: memory and caches differ while a line is dirty, and once a device has written a line that is
// cached. Guest RAM is the hart's view; of such a line the device's view is kept here. When the line is
// written back, devices see it as the hart does, and what they wrote is lost; when it is dropped, the hart
// sees what they see, and what it stored is lost.
//
// Not modelled: an instruction cache that goes stale; an L2 that holds an older dirty copy than the L1D
// (written back, it gives devices what the hart sees then); uncached accesses of the hart to a line that it
// also caches (they see the hart's view).
#pragma once

#include <bitset>
#include <functional>
#include <unordered_map>
#include <vector>

#include "cache/cache_hierarchy.h"
#include "core/coherence.h"

namespace memio {

struct DeviceViewConfig {
  bool coherent = true;
  Cycles snoop_latency = 0;  ///< cycles for each line that a coherent access finds in a cache
  std::uint64_t base = 0;    ///< physical address of the memory's first byte
};

class CacheDeviceView : public DeviceView, private LineObserver {
 public:
  /// `caches` are those of all harts, of one shape; one hart's only, unless coherent. `storage` are the
  /// `size` bytes of the memory; `written` hears of bytes (counted from its start) that change for the hart
  /// because a line was dropped.
  CacheDeviceView(const DeviceViewConfig& config, std::vector<CacheHierarchy*> caches, std::uint8_t* storage,
                  std::uint64_t size, std::function<void(std::uint64_t, std::uint64_t)> written);
  ~CacheDeviceView() override;

  Cycles read(std::uint64_t address, std::uint8_t* data, const std::uint8_t* storage, std::uint32_t size,
              Cycles at) override;
  Cycles write(std::uint64_t address, const std::uint8_t* data, std::uint8_t* storage, std::uint32_t size,
               Cycles at) override;

  /// Is told of each access that saw stale bytes.
  void set_listener(CoherenceListener* listener) { listener_ = listener; }
  /// Each such access is an alarm of the L1D, where cache events are wanted.
  void set_trace(TraceSink* sink) { trace_ = sink; }
  void register_stats(StatGroup& group) const;

 private:
  static constexpr unsigned longest_line = 256;

  /// A line of which the hart and the devices have different bytes, or may have.
  struct Overlay {
    std::uint8_t bytes[longest_line] = {};  ///< as devices see them
    std::bitset<longest_line> stale;        ///< bytes that a device wrote, which the hart does not see
    std::uint64_t store_pc = 0;             ///< of the first store since the line was as in memory
    Cycles stored = 0, device_wrote = 0;
  };

  void before_store(std::uint64_t address, std::uint32_t size, std::uint64_t pc, Cycles now) override;
  void after_store(std::uint64_t address, std::uint32_t size) override;
  void loaded(std::uint64_t address, std::uint32_t size, std::uint64_t pc, Cycles now) override;
  bool watches(std::uint64_t line) const override;
  void written_back(std::uint64_t line) override;
  void left(std::uint64_t line) override;
  void forgotten() override { overlays_.clear(); }

  template <class Work>
  void for_each_line(std::uint64_t address, std::uint32_t size, Work work) const;
  Overlay& overlay(std::uint64_t line);
  void tell(const StaleAccess& access);
  Cycles snoop(std::uint64_t line, bool write);
  bool contains(std::uint64_t address) const { return address - config_.base < size_; }
  std::uint8_t* storage_of(std::uint64_t address) const { return storage_ + (address - config_.base); }

  DeviceViewConfig config_;
  std::vector<CacheHierarchy*> all_;
  CacheHierarchy& caches_;  ///< the first of these
  std::uint8_t* storage_;
  std::uint64_t size_;
  std::function<void(std::uint64_t, std::uint64_t)> written_;
  unsigned line_;
  std::unordered_map<std::uint64_t, Overlay> overlays_;  ///< by the line's physical address
  CoherenceListener* listener_ = nullptr;
  TraceSink* trace_ = nullptr;

  std::uint64_t snoops_ = 0, snooped_dirty_ = 0, stale_device_reads_ = 0, stale_hart_reads_ = 0,
                lost_device_writes_ = 0, lost_stores_ = 0;
};

}  // namespace memio
