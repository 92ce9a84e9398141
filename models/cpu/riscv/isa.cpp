// Parsing of instruction-set strings (unprivileged specification, chapter 27: naming conventions).
#include <algorithm>
#include <cctype>
#include <stdexcept>

#include "cpu/riscv/hart_config.h"

namespace memio::riscv {

namespace {

struct Letter {
  char letter;
  bool Isa::*member;
};

/// In canonical order.
constexpr Letter letters[] = {{'m', &Isa::m}, {'a', &Isa::a}, {'f', &Isa::f}, {'d', &Isa::d}, {'c', &Isa::c}};

struct Name {
  std::string_view name;
  bool Isa::*member;  ///< null: always there
  bool rv64_only = false;
};

/// In the order of the canonical string.
constexpr Name names[] = {{"zicbom", &Isa::zicbom},
                          {"zicbop", &Isa::zicbop},
                          {"zicboz", &Isa::zicboz},
                          {"zicntr", nullptr},
                          {"zicond", &Isa::zicond},
                          {"zicsr", nullptr},
                          {"zifencei", nullptr},
                          {"zihintpause", &Isa::zihintpause},
                          {"zihpm", nullptr},
                          {"zfh", &Isa::zfh},
                          {"zfhmin", &Isa::zfhmin},
                          {"zba", &Isa::zba},
                          {"zbb", &Isa::zbb},
                          {"zbc", &Isa::zbc},
                          {"zbs", &Isa::zbs},
                          {"sscofpmf", &Isa::sscofpmf},
                          {"sstc", &Isa::sstc},
                          {"svade", &Isa::svade},
                          {"svadu", &Isa::svadu},
                          {"svinval", &Isa::svinval},
                          {"svnapot", &Isa::svnapot, true},
                          {"svpbmt", &Isa::svpbmt, true}};

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
  throw std::invalid_argument("isa \"" + std::string(text) + "\": " + why + "; allowed: " + allowed_isa());
}

void add_letter(Isa& isa, char letter, std::string_view text) {
  if (letter == 's' || letter == 'u') return;
  for (const Letter& known : letters)
    if (letter == known.letter) {
      isa.*known.member = true;
      return;
    }
  refuse(text, std::string("extension '") + letter + "' is not known");
}

void add_name(Isa& isa, std::string_view name, std::string_view text) {
  const auto known =
      std::find_if(std::begin(names), std::end(names), [&](const Name& each) { return each.name == name; });
  const std::string quoted = "extension \"" + std::string(name) + '"';
  if (known == std::end(names)) refuse(text, quoted + " is not known");
  if (known->rv64_only && isa.xlen == 32) refuse(text, quoted + " needs rv64");
  if (known->member) isa.*known->member = true;
}

}  // namespace

Isa parse_isa(std::string_view text) {
  Isa isa;
  for (const Letter& known : letters) isa.*known.member = false;
  // Else a message would name half a character.
  if (std::any_of(text.begin(), text.end(), [](unsigned char c) { return !std::isalnum(c) && c != '_'; }))
    refuse(text, "it has a character that is no letter, digit or _");
  std::string lower;
  for (const char c : text) lower.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  if (lower.rfind("rv32", 0) == 0)
    isa.xlen = 32;
  else if (lower.rfind("rv64", 0) == 0)
    isa.xlen = 64;
  else
    refuse(text, "it does not begin with rv32 or rv64");

  const std::size_t end_of_letters = std::min(lower.find('_'), lower.size());
  const bool general = end_of_letters > 4 && lower[4] == 'g';
  isa.e = end_of_letters > 4 && lower[4] == 'e';
  if (end_of_letters == 4 || (lower[4] != 'i' && !isa.e && !general))
    refuse(text, "the base instruction set i is missing");
  isa.m = isa.a = isa.f = isa.d = general;
  for (const char letter : lower.substr(5, end_of_letters - 5)) add_letter(isa, letter, text);
  for (std::size_t at = end_of_letters; at < lower.size();) {
    const std::size_t end = std::min(lower.find('_', at + 1), lower.size());
    add_name(isa, lower.substr(at + 1, end - at - 1), text);
    at = end;
  }
  if (isa.d && !isa.f) refuse(text, "extension 'd' needs f");
  if (isa.zfh && !isa.f) refuse(text, "extension \"zfh\" needs f");
  if (isa.zfhmin && !isa.f) refuse(text, "extension \"zfhmin\" needs f");
  if (isa.svade && isa.svadu) refuse(text, "svade and svadu exclude each other");
  return isa;
}

std::string allowed_isa() {
  std::string text = "rv32 or rv64, i (or e for i with 16 registers, g for imafd), any of";
  for (const Letter& known : letters) text += std::string(" ") + known.letter;
  text += " s u, then any of";
  for (const Name& known : names) text += " _" + std::string(known.name) + (known.rv64_only ? " (rv64)" : "");
  return text;
}

std::string isa_string(const Isa& isa) {
  std::string text = isa.xlen == 64 ? "rv64" : "rv32";
  text += isa.e ? 'e' : 'i';
  for (const Letter& known : letters)
    if (isa.*known.member) text += known.letter;
  for (const Name& known : names)
    if (!known.member || isa.*known.member) text += '_' + std::string(known.name);
  return text;
}

}  // namespace memio::riscv
