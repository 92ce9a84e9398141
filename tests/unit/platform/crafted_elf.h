// ELF files made field by field, so that tests can break any of them.
#pragma once

#include <elf.h>

#include <cstring>
#include <string>
#include <vector>

namespace memio::test {

/// Two loadable segments at 0x80000000 and 0x80001000 and nothing else; 64-bit or 32-bit types.
template <class Header, class Program, unsigned char file_class>
struct CraftedElf {
  Header header{};
  std::vector<Program> programs;
  std::string payload = std::string(64, 'P');

  CraftedElf() {
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = file_class;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_EXEC;
    header.e_machine = EM_RISCV;
    header.e_version = EV_CURRENT;
    header.e_entry = 0x80000004;
    header.e_phoff = sizeof(Header);
    header.e_ehsize = sizeof(Header);
    header.e_phentsize = sizeof(Program);
    header.e_shentsize = file_class == ELFCLASS64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
    for (const unsigned base : {0x80000000u, 0x80001000u}) {
      Program program{};
      program.p_type = PT_LOAD;
      program.p_offset = sizeof(Header) + 2 * sizeof(Program);
      program.p_vaddr = program.p_paddr = base;
      program.p_filesz = 64;
      program.p_memsz = 128;
      programs.push_back(program);
    }
  }

  std::string bytes() const {
    Header copy = header;
    copy.e_phnum = static_cast<unsigned short>(programs.size());
    std::string out(reinterpret_cast<const char*>(&copy), sizeof copy);
    for (const auto& program : programs) out.append(reinterpret_cast<const char*>(&program), sizeof program);
    return out + payload;
  }
};

using Elf64 = CraftedElf<Elf64_Ehdr, Elf64_Phdr, ELFCLASS64>;
using Elf32 = CraftedElf<Elf32_Ehdr, Elf32_Phdr, ELFCLASS32>;

}  // namespace memio::test
