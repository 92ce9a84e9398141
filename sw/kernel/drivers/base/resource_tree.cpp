// Links of the tree of resources: siblings in order of address, disjoint, inside their parent.
#include "kernel/resource_tree.h"

namespace memio {
namespace {

bool contains(const resource& outer, const resource& inner) {
  return outer.start <= inner.start && inner.end <= outer.end;
}

}  // namespace

resource* ResourceTree::link(resource& node) {
  if (node.end < node.start || !contains(root_, node)) return &root_;
  resource** place = &root_.child;
  while (*place != nullptr && (*place)->end < node.start) place = &(*place)->sibling;
  if (*place != nullptr && (*place)->start <= node.end) return *place;
  node.sibling = *place;
  *place = &node;
  node.parent = &root_;
  return nullptr;
}

resource* ResourceTree::claim(resource& node) {
  resource* parent = &root_;
  for (;;) {
    resource* conflict = ResourceTree(*parent).link(node);
    if (conflict == nullptr) return nullptr;
    if (conflict == parent || (conflict->flags & IORESOURCE_BUSY) != 0 || !contains(*conflict, node)) {
      return conflict;
    }
    parent = conflict;
  }
}

resource* ResourceTree::insert(resource& node) {
  resource* parent = &root_;
  resource* first = ResourceTree(*parent).link(node);
  // Equal ranges: the new one goes outside, so that what is claimed already stays innermost.
  while (first != nullptr && first != parent && contains(*first, node) && !contains(node, *first)) {
    parent = first;
    first = ResourceTree(*parent).link(node);
  }
  if (first == nullptr || first == parent) return first;

  resource* last = first;
  for (resource* at = first; at != nullptr && at->start <= node.end; at = at->sibling) {
    if (!contains(node, *at)) return at;
    last = at;
  }
  resource** place = &parent->child;
  while (*place != first) place = &(*place)->sibling;
  *place = &node;
  node.parent = parent;
  node.child = first;
  node.sibling = last->sibling;
  last->sibling = nullptr;
  for (resource* at = first; at != nullptr; at = at->sibling) at->parent = &node;
  return nullptr;
}

resource* ResourceTree::find_claim(resource_size_t start, resource_size_t end) const {
  resource* at = root_.child;
  while (at != nullptr) {
    if (at->start > start || at->end < end) {
      at = at->sibling;
    } else if ((at->flags & IORESOURCE_BUSY) == 0) {
      at = at->child;
    } else {
      return at->start == start && at->end == end ? at : nullptr;
    }
  }
  return nullptr;
}

bool ResourceTree::unlink(resource& node) {
  if (node.parent == nullptr) return false;
  resource** place = &node.parent->child;
  while (*place != nullptr && *place != &node) place = &(*place)->sibling;
  if (*place == nullptr) return false;
  *place = node.sibling;
  node.parent = nullptr;
  node.sibling = nullptr;
  return true;
}

bool ResourceTree::entry(unsigned index, Entry* found) const {
  const resource* at = root_.child;
  unsigned depth = 0;
  for (; at != nullptr; index--) {
    if (index == 0) {
      *found = {at->name, at->start, at->end, depth};
      return true;
    }
    if (at->child != nullptr) {
      at = at->child;
      depth++;
      continue;
    }
    while (at->sibling == nullptr && at->parent != &root_) {
      at = at->parent;
      depth--;
    }
    at = at->sibling;
  }
  return false;
}

}  // namespace memio
