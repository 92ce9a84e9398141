// The kernel's page table on the fake machine, and a TLB that forgets nothing without a fence. The addresses
// above the direct map are addresses of the host too: the first access to a page faults there, and is served
// by what the TLB or else the page table says.
#pragma once

#include <linux/types.h>
#include <signal.h>

#include <unordered_map>

#include "fake_machine.h"
#include "kernel/page_table.h"

namespace memio {

// One at a time, within the life of the FakeMachine; the constructor starts the page and slab allocators,
// vmalloc() and kmap().
class FakePaging {
 public:
  static constexpr unsigned long kVmallocStart = 0x300000000000;
  static constexpr unsigned long kPkmapBase = 0x300080000000;
  static constexpr unsigned kPkmapPages = 512;
  static constexpr unsigned long kFixaddrTop = 0x3000bffff000;
  static constexpr unsigned long kWindowSize = 0xc0000000;  // bytes from kVmallocStart on

  FakePaging(FakeMachine& machine, unsigned long vmalloc_size);
  ~FakePaging();
  FakePaging(const FakePaging&) = delete;
  FakePaging& operator=(const FakePaging&) = delete;

  // The physical address that an access to `va` reaches, by the TLB or else the page table; 0: page fault.
  phys_addr_t access(unsigned long va);
  // Serves the host's fault at `va`; false when there is no page.
  bool serve_host_fault(unsigned long va);

  void fence_page(unsigned long va);
  void fence_all();

  PageTable table;
  unsigned long tables_made = 0;     // pages taken for tables; they stay
  unsigned long tables_left = ~0ul;  // that can still be made
  unsigned long page_fences = 0;
  unsigned long full_fences = 0;

  static FakePaging* current_paging;
  static struct sigaction old_action;  // of SIGSEGV

 private:
  struct Translation {
    phys_addr_t page = 0;      // 0: invalid
    bool in_the_host = false;  // mapped there as well
  };
  void drop_from_host(unsigned long page);

  FakeMachine& machine_;
  std::unordered_map<unsigned long, Translation> tlb_;  // by page
};

}  // namespace memio
