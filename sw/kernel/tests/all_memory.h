// For tests of what happens without memory: takes all there is.
#pragma once

#include <linux/mm.h>

// A request that fails at once and quietly when the watermarks stand in the way.
#define GFP_ONCE (GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN)

// Takes all pages that requests with `flags` get, the largest blocks first, into the list; their number.
unsigned long take_all(gfp_t flags, struct list_head* pages);
// Frees them, and empties the list.
void give_all(struct list_head* pages);
