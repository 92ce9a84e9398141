// The syntax of option values: numbers, sizes, times, frequencies, switches and choices.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace memio {

enum class OptionType : std::uint8_t {
  number,     ///< decimal or 0x hexadecimal
  size,       ///< bytes; K, M, G, T are powers of 1024
  time,       ///< ps, ns, us, ms, s; held in picoseconds
  frequency,  ///< Hz, kHz, MHz, GHz; held in Hz
  toggle,     ///< on or off
  choice,     ///< one of a list
  isa,        ///< an instruction set, as riscv::parse_isa takes it; held is the register width
  file,       ///< a name of a file, or one of a list of words
  text        ///< anything
};

/// Parse one value; no value if the text is not of the type, is negative, does not fit 64 bits, or
/// has a fraction finer than the unit held.
std::optional<std::uint64_t> parse_number(std::string_view text);
std::optional<std::uint64_t> parse_size(std::string_view text);
std::optional<std::uint64_t> parse_time(std::string_view text);
std::optional<std::uint64_t> parse_frequency(std::string_view text);

/// The shortest exact spelling of a size in bytes (536870912 -> "512M") a time in picoseconds, a frequency in
/// Hz.
std::string format_size(std::uint64_t bytes);
std::string format_time(std::uint64_t picoseconds);
std::string format_frequency(std::uint64_t hertz);

/// A short text that says what a type accepts, for error messages and listings.
std::string_view describe(OptionType type);

}  // namespace memio
