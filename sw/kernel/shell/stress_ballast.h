// Takes the memory that the stress test shall do without for a time.
#pragma once

#include <linux/list.h>
#include <linux/shrinker.h>

namespace memio {

// Blocks of pages that are held. A request that waits for memory gets one back through the shrinker; one that
// gives up at once (__GFP_NORETRY, or without __GFP_WAIT) does not, and fails.
class StressBallast {
 public:
  // Enters the shrinker. Not to be moved afterwards.
  void init();
  // Drops everything, and leaves the shrinker.
  void exit();

  // Takes blocks from the largest to single pages, in all zones, until requests are refused. May sleep.
  void take();
  void drop();
  bool held() const { return !list_empty(&blocks_); }

 private:
  static unsigned long shrink(shrinker* shrinker, unsigned long pages, gfp_t flags);
  // Frees the block taken last; its pages, or 0.
  unsigned long give_one();

  shrinker shrinker_;
  list_head blocks_;  // by page.lru; changed with preemption off
};

}  // namespace memio
