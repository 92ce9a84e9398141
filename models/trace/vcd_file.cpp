// The value change dump; see vcd_file.h.
#include "trace/vcd_file.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace memio {
namespace {

constexpr std::size_t buffer_bytes = 1 << 16;
// 'b', 64 bits, a space, an identifier code of at most 5 characters, a newline; or '#' and 20 digits.
constexpr std::size_t line_bytes = 80;

// Identifier codes are numbers to the base 94 in the printable characters (section 18.2.1).
std::string identifier_code(std::size_t index) {
  std::string code;
  do {
    code += static_cast<char>('!' + index % 94);
    index /= 94;
  } while (index > 0);
  return code;
}

// The eight binary digits of each byte.
using ByteDigits = std::array<std::array<char, 8>, 256>;

constexpr ByteDigits make_byte_digits() {
  ByteDigits digits{};
  for (unsigned byte = 0; byte < 256; ++byte)
    for (unsigned bit = 0; bit < 8; ++bit) digits[byte][7 - bit] = ((byte >> bit) & 1) != 0 ? '1' : '0';
  return digits;
}

constexpr ByteDigits byte_digits = make_byte_digits();

// Writes `value` in binary, at least one digit and none that is a leading zero; returns the end.
char* put_binary(char* out, std::uint64_t value) {
  const unsigned width = value == 0 ? 1 : 64 - static_cast<unsigned>(__builtin_clzll(value));
  unsigned bytes = (width + 7) / 8;
  const unsigned skip = bytes * 8 - width;
  char digits[64];
  for (char* at = digits; bytes > 0; at += 8) {
    --bytes;
    std::memcpy(at, byte_digits[(value >> (8 * bytes)) & 0xff].data(), 8);
  }
  std::memcpy(out, digits + skip, width);
  return out + width;
}

std::string scope_of(const std::string& path) {
  const auto dot = path.rfind('.');
  return dot == std::string::npos ? std::string() : path.substr(0, dot);
}

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin < path.size();) {
    const auto dot = std::min(path.find('.', begin), path.size());
    parts.push_back(path.substr(begin, dot - begin));
    begin = dot + 1;
  }
  return parts;
}

}  // namespace

VcdFile::VcdFile(const std::string& path, std::string comment)
    : path_(path), comment_(std::move(comment)), buffer_(buffer_bytes) {
  file_ = std::fopen(path.c_str(), "wb");
  if (file_) {
    std::setvbuf(file_, nullptr, _IONBF, 0);
  } else {
    fail(errno);
  }
}

VcdFile::~VcdFile() { close(time_); }

VcdFile::Var VcdFile::wire(const std::string& path, unsigned width, std::optional<std::uint64_t> initial) {
  assert(width >= 1 && width <= 64);
  return declare(path, width, initial);
}

VcdFile::Var VcdFile::event(const std::string& path) { return declare(path, 0, std::nullopt); }

VcdFile::Var VcdFile::declare(const std::string& path, unsigned width, std::optional<std::uint64_t> initial) {
  if (header_) throw std::logic_error("VCD variable " + path + " declared after the first change");
  const std::size_t index = variables_.size();
  variables_.push_back({path, width, initial.has_value(), initial.value_or(0), identifier_code(index)});
  return static_cast<Var>(index);
}

void VcdFile::set(std::uint64_t time, Var var, std::uint64_t value) {
  Variable& variable = variables_[var];
  if (variable.known && variable.value == value) return;
  // The window opens with the state before this change, so it is opened before the state moves.
  const bool written = written_at(time);
  variable.known = true;
  variable.value = value;
  if (written) put_value(variable);
}

void VcdFile::fire(std::uint64_t time, Var var) {
  if (!written_at(time)) return;
  put('1');
  put_code(variables_[var]);
}

// Prepares for a change at `time`: opens the window and writes the time as needed. False if the
// change comes before the window or cannot be written.
bool VcdFile::written_at(std::uint64_t time) {
  if (!file_ || (!dumping_ && time < start_)) return false;
  if (!dumping_) put_initial_values();
  if (time != time_) put_time(time);
  reserve(line_bytes);
  return true;
}

void VcdFile::close(std::uint64_t end) {
  if (!file_) return;
  if (!header_) put_header();
  if (!dumping_ && end >= start_) put_initial_values();
  if (dumping_ && end > time_) put_time(end);
  flush();
  if (!file_) return;
  if (std::fclose(file_) != 0) fail(errno);
  file_ = nullptr;
}

void VcdFile::put_header() {
  header_ = true;
  put("$version memio $end\n$comment\n" + comment_ + "$end\n$timescale 1 ps $end\n");
  std::string scope;
  for (const Variable& variable : variables_) {
    put_scopes(scope, scope_of(variable.path));
    scope = scope_of(variable.path);
    put_declaration(variable);
  }
  put_scopes(scope, {});
  put("$enddefinitions $end\n");
}

// Leaves the scopes of `from` that `to` is not in and enters those of `to`.
void VcdFile::put_scopes(const std::string& from, const std::string& to) {
  const auto old_scopes = split(from), new_scopes = split(to);
  std::size_t common = 0;
  while (common < std::min(old_scopes.size(), new_scopes.size()) && old_scopes[common] == new_scopes[common])
    ++common;
  for (std::size_t i = common; i < old_scopes.size(); ++i) put("$upscope $end\n");
  for (std::size_t i = common; i < new_scopes.size(); ++i) put("$scope module " + new_scopes[i] + " $end\n");
}

void VcdFile::put_declaration(const Variable& variable) {
  const std::string name = split(variable.path).back();
  const std::string width = std::to_string(std::max(variable.width, 1u));
  const std::string range = variable.width > 1 ? " [" + std::to_string(variable.width - 1) + ":0]" : "";
  put(std::string("$var ") + (variable.width == 0 ? "event " : "wire ") + width + " " + variable.code + " " +
      name + range + " $end\n");
}

void VcdFile::put_initial_values() {
  if (!header_) put_header();
  dumping_ = true;
  put_time(start_);
  put("$dumpvars\n");
  for (const Variable& variable : variables_)
    if (variable.width > 0) put_value(variable);
  put("$end\n");
}

void VcdFile::put_time(std::uint64_t time) {
  assert(time >= time_);
  time_ = time;
  reserve(line_bytes);
  put('#');
  char* const out = buffer_.data() + used_;
  used_ += static_cast<std::size_t>(std::to_chars(out, out + 20, time).ptr - out);
  put('\n');
}

void VcdFile::put_value(const Variable& variable) {
  reserve(line_bytes);
  if (variable.width > 1) put('b');
  if (variable.known) {
    used_ = static_cast<std::size_t>(put_binary(buffer_.data() + used_, variable.value) - buffer_.data());
  } else {
    put('x');
  }
  if (variable.width > 1) put(' ');
  put_code(variable);
}

void VcdFile::put_code(const Variable& variable) {
  for (const char c : variable.code) put(c);
  put('\n');
}

void VcdFile::put(const std::string& text) {
  for (const char c : text) {
    reserve(1);
    put(c);
  }
}

void VcdFile::reserve(std::size_t bytes) {
  if (buffer_.size() - used_ < bytes) flush();
}

void VcdFile::flush() {
  const std::size_t bytes = used_;
  used_ = 0;
  if (file_ && std::fwrite(buffer_.data(), 1, bytes, file_) != bytes) fail(errno);
}

void VcdFile::fail(int error_number) {
  if (error_.empty()) error_ = "cannot write " + path_ + ": " + std::generic_category().message(error_number);
  if (file_) std::fclose(file_);
  file_ = nullptr;
}

}  // namespace memio
