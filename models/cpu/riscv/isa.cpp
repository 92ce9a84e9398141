// Parsing of instruction-set strings (unprivileged specification, chapter 27: naming conventions).
#include <cctype>
#include <stdexcept>

#include "cpu/riscv/hart_config.h"

namespace memio::riscv {

namespace {

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
  throw std::invalid_argument("isa \"" + std::string(text) + "\": " + why +
                              "; allowed: rv32 or rv64, i, any of m a c s u, then _zicsr _zifencei _zicntr "
                              "_zihpm _zicbom _zicbop _zicboz, and on rv64 _svpbmt");
}

}  // namespace

Isa parse_isa(std::string_view text) {
  Isa isa;
  isa.m = isa.a = isa.c = false;
  std::string lower;
  for (const char c : text) lower.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  if (lower.rfind("rv32", 0) == 0)
    isa.xlen = 32;
  else if (lower.rfind("rv64", 0) == 0)
    isa.xlen = 64;
  else
    refuse(text, "it does not begin with rv32 or rv64");

  const std::size_t names = std::min(lower.find('_'), lower.size());
  const std::string letters = lower.substr(4, names - 4);
  if (letters.empty() || letters[0] != 'i') refuse(text, "the base instruction set i is missing");
  for (const char letter : letters.substr(1)) switch (letter) {
      case 'm':
        isa.m = true;
        break;
      case 'a':
        isa.a = true;
        break;
      case 'c':
        isa.c = true;
        break;
      case 's':
      case 'u':
        break;
      default:
        refuse(text, std::string("extension '") + letter + "' is not known");
    }
  for (std::size_t at = names; at < lower.size();) {
    const std::size_t end = std::min(lower.find('_', at + 1), lower.size());
    const std::string name = lower.substr(at + 1, end - at - 1);
    if (name == "svpbmt" && isa.xlen == 64)
      isa.svpbmt = true;
    else if (name == "zicbom")
      isa.zicbom = true;
    else if (name == "zicbop")
      isa.zicbop = true;
    else if (name == "zicboz")
      isa.zicboz = true;
    else if (name != "zicsr" && name != "zifencei" && name != "zicntr" && name != "zihpm")
      refuse(text, "extension \"" + name + "\" is not known");
    at = end;
  }
  return isa;
}

std::string isa_string(const Isa& isa) {
  std::string text = isa.xlen == 64 ? "rv64i" : "rv32i";
  if (isa.m) text += 'm';
  if (isa.a) text += 'a';
  if (isa.c) text += 'c';
  return text;
}

}  // namespace memio::riscv
