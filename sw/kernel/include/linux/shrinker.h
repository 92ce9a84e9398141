// Caches that give memory back when the page allocator has none left.
#pragma once

#include <linux/gfp.h>
#include <linux/list.h>

#ifdef __cplusplus
extern "C" {
#endif

struct shrinker {
  const char* name;
  // Frees about `pages` pages and returns how many; may sleep. `gfp_mask` is the request that waits for them.
  unsigned long (*shrink)(struct shrinker* shrinker, unsigned long pages, gfp_t gfp_mask);
  // What freeing takes: __GFP_IO, __GFP_FS, both or 0. Requests without these flags pass the shrinker by.
  gfp_t needs;
  struct list_head list;  // the allocator's
};

// The shrinker stays in use until it is unregistered, which waits for calls of it to end.
void register_shrinker(struct shrinker* shrinker);
void unregister_shrinker(struct shrinker* shrinker);

#ifdef __cplusplus
}
#endif
