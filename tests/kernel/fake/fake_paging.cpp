// Page table and TLB of the fake machine.
#include "fake_paging.h"

#include <asm/fixmap.h>
#include <asm/layout.h>
#include <asm/page.h>
#include <asm/tlbflush.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/slab.h>
#include <signal.h>
#include <sys/mman.h>

#include "kernel/boot_memory.h"
#include "kernel/memory.h"
#include "kernel/page_allocator.h"
#include "kernel/vmalloc_space.h"

namespace memio {
namespace {

Pte* make_table() {
  FakePaging& paging = *FakePaging::current_paging;
  if (paging.tables_left == 0) return nullptr;
  const unsigned long page = get_zeroed_page(GFP_KERNEL);
  if (page == 0) return nullptr;
  paging.tables_left--;
  paging.tables_made++;
  return reinterpret_cast<Pte*>(page);
}

void* reserve(unsigned long start, unsigned long size, int how) {
  return mmap(reinterpret_cast<void*>(start), size, PROT_NONE,
              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | how, -1, 0);
}

// A fault that is none of ours happens again, with the default action.
void on_host_fault(int signal, siginfo_t* info, void*) {
  const unsigned long va = reinterpret_cast<unsigned long>(info->si_addr);
  FakePaging* paging = FakePaging::current_paging;
  if (paging == nullptr || !paging->serve_host_fault(va)) sigaction(signal, &FakePaging::old_action, nullptr);
}

}  // namespace

FakePaging* FakePaging::current_paging;
struct sigaction FakePaging::old_action;

PageTable& kernel_page_table() { return FakePaging::current_paging->table; }
unsigned long kernel_table_pages() {
  return FakePaging::current_paging == nullptr ? 0 : FakePaging::current_paging->tables_made;
}
bool sched_running() { return true; }

FakePaging::FakePaging(FakeMachine& machine, unsigned long vmalloc_size) : machine_(machine) {
  current_paging = this;
  if (reserve(kVmallocStart, kWindowSize, MAP_FIXED_NOREPLACE) == MAP_FAILED) {
    throw std::runtime_error("no addresses for the kernel");
  }
  struct sigaction action = {};
  action.sa_sigaction = on_host_fault;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigaction(SIGSEGV, &action, &old_action);
  pgtable_levels = 3;
  kernel_layout = {};
  kernel_layout.vmalloc_start = kVmallocStart;
  kernel_layout.vmalloc_end = kVmallocStart + vmalloc_size;
  kernel_layout.pkmap_base = kPkmapBase;
  kernel_layout.last_pkmap = kPkmapPages;
  kernel_layout.fixaddr_top = kFixaddrTop;
  kernel_layout.fixaddr_start = kFixaddrTop - __FIXADDR_SIZE;

  BootMemory memory({FakeMachine::kMemoryStart, machine.end()}, machine.low_end());
  page_allocator_init(memory);
  kmem_cache_init();
  table = PageTable(make_table(), PAGE_OFFSET - MEMORY_START, make_table);
  vmalloc_init();
  kmap_init();
}

FakePaging::~FakePaging() {
  sigaction(SIGSEGV, &old_action, nullptr);
  munmap(reinterpret_cast<void*>(kVmallocStart), kWindowSize);
  current_paging = nullptr;
}

phys_addr_t FakePaging::access(unsigned long va) {
  const auto [at, missed] = tlb_.try_emplace(va & PAGE_MASK);
  if (missed) {
    const Pte* entry = table.find(va);
    if (entry != nullptr) at->second.page = pte_address(*entry);
  }
  const phys_addr_t page = at->second.page;
  return page == 0 ? 0 : page + va % PAGE_SIZE;
}

bool FakePaging::serve_host_fault(unsigned long va) {
  if (va - kVmallocStart >= kWindowSize) return false;
  const unsigned long page = va & PAGE_MASK;
  const phys_addr_t physical = access(page);
  if (physical < FakeMachine::kMemoryStart || physical >= machine_.end() || tlb_[page].in_the_host)
    return false;
  tlb_[page].in_the_host = true;
  void* const at = reinterpret_cast<void*>(page);
  return machine_.map_again(physical, at) == at;
}

void FakePaging::drop_from_host(unsigned long page) { reserve(page, PAGE_SIZE, MAP_FIXED); }

void FakePaging::fence_page(unsigned long va) {
  page_fences++;
  const auto at = tlb_.find(va & PAGE_MASK);
  if (at == tlb_.end()) return;
  if (at->second.in_the_host) drop_from_host(at->first);
  tlb_.erase(at);
}

void FakePaging::fence_all() {
  full_fences++;
  for (const auto& [page, translation] : tlb_) {
    if (translation.in_the_host) drop_from_host(page);
  }
  tlb_.clear();
}

extern "C" {

// Tests without a FakePaging translate nothing.
void flush_tlb_page(unsigned long va) {
  if (FakePaging::current_paging != nullptr) FakePaging::current_paging->fence_page(va);
}
void flush_tlb_all() {
  if (FakePaging::current_paging != nullptr) FakePaging::current_paging->fence_all();
}
void flush_tlb_kernel_range(unsigned long start, unsigned long end) {
  for (; start < end; start += PAGE_SIZE) flush_tlb_page(start);
}

void set_fixmap(fixed_addresses index, phys_addr_t address) {
  const unsigned long va = __fix_to_virt(index);
  FakePaging::current_paging->table.map(va, address, PAGE_SIZE, kPteKernelData, 0);
  flush_tlb_page(va);
}

void clear_fixmap(fixed_addresses index) {
  const unsigned long va = __fix_to_virt(index);
  FakePaging::current_paging->table.unmap(va, PAGE_SIZE);
  flush_tlb_page(va);
}
}

}  // namespace memio
