// A reader of flattened device trees, for firmware and kernel. It works in place, allocates nothing and may
// run before paging. Source: Devicetree Specification 0.4, chapter 5 (flattened format, version 17). It does
// not model `ranges` translation: the machines we run on map bus addresses one to one.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace memio {

// A property's value: big-endian bytes inside the tree. `data` is null when the property is absent.
struct FdtProperty {
  const uint8_t* data = nullptr;
  uint32_t size = 0;

  explicit operator bool() const { return data != nullptr; }
  // Cell `index` (32 bits, counted from 0); 0 when the value is shorter.
  uint32_t cell(uint32_t index) const;
  // `cells` (1 or 2) cells from `index` on as one number.
  uint64_t number(uint32_t index, uint32_t cells) const;
  // The value as text; "" when absent or not zero-terminated.
  const char* text() const;
  // Whether a list of strings, as `compatible` is, contains `wanted`.
  bool has_string(const char* wanted) const;
};

// One entry of a `reg` property.
struct FdtReg {
  uint64_t address = 0;
  uint64_t size = 0;
};

// One node met on a walk. Offsets count from the start of the structure block.
struct FdtNode {
  const char* name = nullptr;  // with unit address, e.g. "serial@10000000"
  uint32_t offset = 0;         // first token after the name
  uint32_t parent = 0;         // `offset` of the parent; of the root: its own
  uint32_t address_cells = 2;  // of the parent: how this node's `reg` is read
  uint32_t size_cells = 1;
};

class Fdt {
 public:
  Fdt() = default;
  // `blob` is the address of the tree; valid() tells whether one is there.
  explicit Fdt(const void* blob) : blob_(static_cast<const uint8_t*>(blob)) {}

  bool valid() const;
  // Size of the whole tree in bytes.
  uint32_t size() const;
  const void* data() const { return blob_; }

  // Calls visit(node) for each node in document order until it returns true; tells whether one did.
  template <typename Visit>
  bool for_each(Visit visit) const;

  // The property `name` of the node at `offset`; empty when absent.
  FdtProperty property(uint32_t offset, const char* name) const;
  FdtProperty property(const FdtNode& node, const char* name) const { return property(node.offset, name); }

  bool is_compatible(uint32_t offset, const char* wanted) const;
  // Whether the hart at `offset` names the ISA extension, in lower case, in its "riscv,isa" (among those that
  // are set apart by "_") or "riscv,isa-extensions".
  bool has_isa_extension(uint32_t offset, const char* name) const;
  // First node compatible with `wanted`.
  bool find_compatible(const char* wanted, FdtNode* found) const;
  // First node at depth one whose name, up to the unit address, is `name`.
  bool find_top(const char* name, FdtNode* found) const;

  // Entry `index` of the node's `reg`; false when there is no such entry.
  bool reg(const FdtNode& node, uint32_t index, FdtReg* entry) const;

 private:
  static constexpr uint32_t kMaxDepth = 16;

  uint32_t header(uint32_t index) const;
  uint32_t token(uint32_t offset) const;
  const char* text_at(uint32_t offset) const;
  uint32_t skip_properties(uint32_t offset) const;

  // State of a walk: the node last met and, for each open depth, that node's offset.
  struct Walk {
    uint32_t offset = 0;
    uint32_t depth = 0;
    uint32_t open[kMaxDepth] = {};
  };
  bool next(Walk* walk, FdtNode* node) const;

  const uint8_t* blob_ = nullptr;
};

template <typename Visit>
bool Fdt::for_each(Visit visit) const {
  Walk walk;
  FdtNode node;
  while (next(&walk, &node)) {
    if (visit(static_cast<const FdtNode&>(node))) return true;
  }
  return false;
}

}  // namespace memio
