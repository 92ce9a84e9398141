// Reader of flattened device trees (Devicetree Specification 0.4, chapter 5).
#include "fdt.h"

#include "string.h"

namespace memio {
namespace {

constexpr uint32_t kMagic = 0xd00dfeed;
constexpr uint32_t kBeginNode = 1;
constexpr uint32_t kEndNode = 2;
constexpr uint32_t kProperty = 3;
constexpr uint32_t kNop = 4;

// Header fields by index of 32-bit words.
constexpr uint32_t kTotalSize = 1;
constexpr uint32_t kStructOffset = 2;
constexpr uint32_t kStringsOffset = 3;

uint32_t big_endian(const uint8_t* at) {
  return uint32_t{at[0]} << 24 | uint32_t{at[1]} << 16 | uint32_t{at[2]} << 8 | at[3];
}

uint32_t align4(uint32_t value) { return (value + 3) & ~3u; }

}  // namespace

uint32_t FdtProperty::cell(uint32_t index) const {
  return (index + 1) * 4 <= size ? big_endian(data + index * 4) : 0;
}

uint64_t FdtProperty::number(uint32_t index, uint32_t cells) const {
  uint64_t value = 0;
  for (uint32_t i = 0; i < cells; i++) value = value << 32 | cell(index + i);
  return value;
}

const char* FdtProperty::text() const {
  return size > 0 && data[size - 1] == 0 ? reinterpret_cast<const char*>(data) : "";
}

bool FdtProperty::has_string(const char* wanted) const {
  if (size == 0 || data[size - 1] != 0) return false;
  const char* end = reinterpret_cast<const char*>(data) + size;
  for (const char* at = reinterpret_cast<const char*>(data); at < end; at += strlen(at) + 1) {
    if (strcmp(at, wanted) == 0) return true;
  }
  return false;
}

uint32_t Fdt::header(uint32_t index) const { return big_endian(blob_ + index * 4); }
uint32_t Fdt::token(uint32_t offset) const { return big_endian(blob_ + header(kStructOffset) + offset); }
const char* Fdt::text_at(uint32_t offset) const {
  return reinterpret_cast<const char*>(blob_ + header(kStructOffset) + offset);
}

bool Fdt::valid() const { return blob_ != nullptr && header(0) == kMagic; }
uint32_t Fdt::size() const { return header(kTotalSize); }

uint32_t Fdt::skip_properties(uint32_t offset) const {
  for (;;) {
    if (token(offset) == kProperty) {
      offset += 12 + align4(token(offset + 4));
    } else if (token(offset) == kNop) {
      offset += 4;
    } else {
      return offset;
    }
  }
}

bool Fdt::next(Walk* walk, FdtNode* node) const {
  if (!valid()) return false;
  if (walk->depth > 0) walk->offset = skip_properties(walk->offset);
  for (;; walk->offset += 4) {
    const uint32_t kind = token(walk->offset);
    if (kind == kBeginNode && walk->depth < kMaxDepth) break;
    if (kind == kEndNode && walk->depth > 1) {
      walk->depth--;
    } else if (kind != kNop) {
      return false;
    }
  }
  node->name = text_at(walk->offset + 4);
  node->offset = walk->offset + 4 + align4(static_cast<uint32_t>(strlen(node->name)) + 1);
  node->parent = walk->depth == 0 ? node->offset : walk->open[walk->depth - 1];
  const FdtProperty address_cells = property(node->parent, "#address-cells");
  const FdtProperty size_cells = property(node->parent, "#size-cells");
  node->address_cells = address_cells ? address_cells.cell(0) : 2;
  node->size_cells = size_cells ? size_cells.cell(0) : 1;
  walk->open[walk->depth++] = node->offset;
  walk->offset = node->offset;
  return true;
}

FdtProperty Fdt::property(uint32_t offset, const char* name) const {
  const char* strings = reinterpret_cast<const char*>(blob_) + header(kStringsOffset);
  for (;;) {
    const uint32_t kind = token(offset);
    if (kind == kNop) {
      offset += 4;
      continue;
    }
    if (kind != kProperty) return {};
    const uint32_t size = token(offset + 4);
    if (strcmp(strings + token(offset + 8), name) == 0) {
      return {reinterpret_cast<const uint8_t*>(text_at(offset + 12)), size};
    }
    offset += 12 + align4(size);
  }
}

bool Fdt::is_compatible(uint32_t offset, const char* wanted) const {
  return property(offset, "compatible").has_string(wanted);
}

bool Fdt::has_isa_extension(uint32_t offset, const char* name) const {
  const size_t length = strlen(name);
  for (const char* isa = property(offset, "riscv,isa").text(); *isa != 0; isa++) {
    if (*isa != '_' || strncmp(isa + 1, name, length) != 0) continue;
    if (isa[length + 1] == 0 || isa[length + 1] == '_') return true;
  }
  return property(offset, "riscv,isa-extensions").has_string(name);
}

bool Fdt::find_compatible(const char* wanted, FdtNode* found) const {
  return for_each([&](const FdtNode& node) {
    if (!is_compatible(node.offset, wanted)) return false;
    *found = node;
    return true;
  });
}

bool Fdt::find_top(const char* name, FdtNode* found) const {
  const size_t length = strlen(name);
  uint32_t root = 0;
  return for_each([&](const FdtNode& node) {
    if (node.parent == node.offset) root = node.offset;
    if (node.parent != root || node.offset == root) return false;
    if (strncmp(node.name, name, length) != 0) return false;
    if (node.name[length] != 0 && node.name[length] != '@') return false;
    *found = node;
    return true;
  });
}

bool Fdt::reg(const FdtNode& node, uint32_t index, FdtReg* entry) const {
  const FdtProperty value = property(node, "reg");
  const uint32_t stride = node.address_cells + node.size_cells;
  if (stride == 0 || (index + 1) * stride * 4 > value.size) return false;
  entry->address = value.number(index * stride, node.address_cells);
  entry->size = value.number(index * stride + node.address_cells, node.size_cells);
  return true;
}

}  // namespace memio
