// What the kernel's architecture layer and scheduler are in the host tests: RAM is an arena, messages are
// kept, panic() throws, sleeping calls a hook.
#pragma once

#include <linux/types.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace memio {

// What panic() throws.
class KernelPanic : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// One at a time; the constructor makes the machine new.
class FakeMachine {
 public:
  static constexpr phys_addr_t kMemoryStart = 0x80000000;

  // `low_bytes` of RAM in the direct map, followed by `high_bytes` outside it. The arena holds both, so that
  // a test can look at high memory through memory().
  explicit FakeMachine(unsigned long low_bytes, unsigned long high_bytes = 0);
  ~FakeMachine();
  FakeMachine(const FakeMachine&) = delete;
  FakeMachine& operator=(const FakeMachine&) = delete;

  // The byte of RAM at a physical address.
  unsigned char* memory(phys_addr_t address) const;
  // Maps the page at `address` at the host's `at` too, in place of what is there; returns `at`, or
  // MAP_FAILED.
  void* map_again(phys_addr_t address, void* at) const;
  phys_addr_t low_end() const { return kMemoryStart + low_bytes_; }
  phys_addr_t end() const { return low_end() + high_bytes_; }

  // All that was printed so far.
  std::string log;
  // Texts of report_bug().
  std::vector<std::string> bugs;
  // Called by schedule_timeout() and schedule(): what other tasks do while this one sleeps.
  std::function<void()> on_sleep;
  unsigned sleeps = 0;
  // The kernel command line, e.g. "dma-zone=all max-order=11".
  std::string command_line;

  static FakeMachine* current_machine;

 private:
  unsigned long low_bytes_;
  unsigned long high_bytes_;
  int file_ = -1;  // holds the arena
};

// What reading /proc/NAME gives; throws when there is no such file.
std::string proc_text(const char* name);

}  // namespace memio
