// Debug builds count the kmap() calls of pages in low memory, which need no entry of the PKMAP area and so no
// count of their own. The table is small; while it is full, further pages are not checked.
#pragma once

#include <linux/mm.h>

namespace memio {

void low_kmaps_note(const struct page* page);
// False when the page is known not to be mapped.
bool low_kmaps_drop(const struct page* page);
// Starts anew.
void low_kmaps_init();

}  // namespace memio
