// See stress_ballast.h.
#include "stress_ballast.h"

#include <linux/bitops.h>
#include <linux/mm.h>
#include <linux/preempt.h>

namespace memio {

void StressBallast::init() {
  INIT_LIST_HEAD(&blocks_);
  shrinker_ = {};
  shrinker_.name = "stress";
  shrinker_.shrink = shrink;
  register_shrinker(&shrinker_);
}

void StressBallast::exit() {
  drop();
  unregister_shrinker(&shrinker_);
}

void StressBallast::take() {
  constexpr gfp_t kFlags = GFP_HIGHUSER | __GFP_NORETRY | __GFP_NOWARN;
  for (unsigned order = max_page_order() + 1; order-- > 0;) {
    while (page* block = alloc_pages(kFlags, order)) {
      preempt_disable();
      list_add(&block->lru, &blocks_);
      preempt_enable();
    }
  }
}

void StressBallast::drop() {
  while (give_one() != 0) {
  }
}

unsigned long StressBallast::give_one() {
  preempt_disable();
  page* block = list_empty(&blocks_) ? nullptr : list_first_entry(&blocks_, page, lru);
  if (block != nullptr) list_del(&block->lru);
  preempt_enable();
  if (block == nullptr) return 0;
  const unsigned order = block->order;
  __free_pages(block, order);
  return BIT(order);
}

unsigned long StressBallast::shrink(shrinker* shrinker, unsigned long, gfp_t flags) {
  if ((flags & __GFP_NORETRY) != 0) return 0;
  return container_of(shrinker, StressBallast, shrinker_)->give_one();
}

}  // namespace memio
