// libfdt sequential write; see fdt_writer.h. The buffer holds any tree a machine can have, so a
// failure of libfdt is a bug of memio.
#include "platform/fdt_writer.h"

#include <libfdt.h>

#include <cassert>

namespace memio {
namespace {

constexpr std::size_t capacity = 1 << 20;

void check([[maybe_unused]] int result) { assert(result >= 0); }

void append_cell(std::string& bytes, std::uint32_t cell) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(cell >> shift & 0xff);
}

}  // namespace

FdtWriter::FdtWriter() : buffer_(capacity) {
  check(fdt_create(buffer_.data(), static_cast<int>(buffer_.size())));
  check(fdt_finish_reservemap(buffer_.data()));
}

void FdtWriter::property(const char* name, const void* data, std::size_t size) {
  check(fdt_property(buffer_.data(), name, data, static_cast<int>(size)));
}

std::string FdtWriter::finish() {
  check(fdt_finish(buffer_.data()));
  return std::string(buffer_.data(), fdt_totalsize(buffer_.data()));
}

FdtWriter::Node::Node(FdtWriter& writer, const std::string& name) : writer_(writer) {
  check(fdt_begin_node(writer_.buffer_.data(), name.c_str()));
}

FdtWriter::Node::~Node() { check(fdt_end_node(writer_.buffer_.data())); }

void FdtWriter::Node::flag(const char* name) { writer_.property(name, nullptr, 0); }

void FdtWriter::Node::cells(const char* name, const std::vector<std::uint32_t>& cells) {
  std::string bytes;
  for (const std::uint32_t cell : cells) append_cell(bytes, cell);
  writer_.property(name, bytes.data(), bytes.size());
}

void FdtWriter::Node::strings(const char* name, const std::vector<std::string>& strings) {
  std::string bytes;
  for (const auto& text : strings) bytes += text + '\0';
  writer_.property(name, bytes.data(), bytes.size());
}

void FdtWriter::Node::reg(std::uint64_t address, std::uint64_t size) {
  const auto high = [](std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32); };
  const auto low = [](std::uint64_t value) { return static_cast<std::uint32_t>(value); };
  cells("reg", {high(address), low(address), high(size), low(size)});
}

void FdtWriter::Node::number(const char* name, std::uint64_t value) {
  cells(name, {static_cast<std::uint32_t>(value >> 32), static_cast<std::uint32_t>(value)});
}

}  // namespace memio
