// The tree of ranges below one resource. It links nodes of its callers and allocates nothing; linux/ioport.h
// is the interface of drivers.
#pragma once

#include <linux/ioport.h>

namespace memio {

class ResourceTree {
 public:
  // What is left of a tree after its root: the nodes in order of address, parents before children.
  struct Entry {
    const char* name = nullptr;
    resource_size_t start = 0;
    resource_size_t end = 0;
    unsigned depth = 0;  // 0: a child of the root
  };

  explicit ResourceTree(resource& root) : root_(root) {}

  // Makes `node` a child of the root. Returns what is in the way: a child that overlaps it, the root itself
  // when `node` does not lie inside it, or null when it is linked.
  resource* link(resource& node);
  // As link(), under the smallest range that contains `node`, but not inside a busy one.
  resource* claim(resource& node);
  // As link(), under the smallest range that contains `node`; ranges inside `node` become its children.
  resource* insert(resource& node);

  // The busy range that is exactly [start, end]; null when there is none.
  resource* find_claim(resource_size_t start, resource_size_t end) const;

  // Takes `node` out of its parent; what is below it stays below it. False when it is in no tree.
  static bool unlink(resource& node);

  // The entry at `index` of the walk; false behind the last one.
  bool entry(unsigned index, Entry* found) const;

 private:
  resource& root_;
};

}  // namespace memio
