// Instruction-set strings: what they turn on, their canonical form, what is refused and why.
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "cpu/riscv/hart_config.h"

namespace memio::riscv {
namespace {

TEST(IsaString, Parses) {
  const Isa all = parse_isa("rv64imac");
  EXPECT_EQ(all.xlen, 64u);
  EXPECT_TRUE(all.m && all.a && all.c);
  const Isa base = parse_isa("RV32I_Zicsr_zifencei_zicntr");
  EXPECT_EQ(base.xlen, 32u);
  EXPECT_FALSE(base.m || base.a || base.c || base.zba || base.sstc);
  EXPECT_TRUE(parse_isa("rv32icam").m) << "letters in any order";
  EXPECT_TRUE(parse_isa("rv64imacsu").c) << "S and U mode are always there";
  const Isa general = parse_isa("rv64gc_zfh");
  EXPECT_TRUE(general.m && general.a && general.f && general.d && general.c && general.zfh);
  EXPECT_TRUE(parse_isa("rv32emc").e);
  EXPECT_FALSE(parse_isa("rv32imc").e || general.e);
  EXPECT_TRUE(parse_isa("rv32imaf").f);
  EXPECT_TRUE(parse_isa("rv32imaf_zfhmin").zfhmin);
  EXPECT_FALSE(parse_isa("rv32imaf_zfhmin").zfh);
  EXPECT_FALSE(parse_isa("rv32imaf").d);
}

TEST(IsaString, EachNameTurnsOnItsOwn) {
  struct Name {
    const char* name;
    bool Isa::*member;
  };
  constexpr Name names[] = {{"zicbom", &Isa::zicbom},     {"zicbop", &Isa::zicbop},
                            {"zicboz", &Isa::zicboz},     {"zicond", &Isa::zicond},
                            {"zba", &Isa::zba},           {"zbb", &Isa::zbb},
                            {"zbc", &Isa::zbc},           {"zbs", &Isa::zbs},
                            {"sscofpmf", &Isa::sscofpmf}, {"sstc", &Isa::sstc},
                            {"svade", &Isa::svade},       {"svadu", &Isa::svadu},
                            {"svinval", &Isa::svinval},   {"svnapot", &Isa::svnapot},
                            {"svpbmt", &Isa::svpbmt},     {"zihintpause", &Isa::zihintpause}};
  for (const Name& on : names) {
    const Isa isa = parse_isa(std::string("rv64i_zicsr_") + on.name);
    for (const Name& other : names)
      EXPECT_EQ(isa.*other.member, on.member == other.member) << on.name << ' ' << other.name;
  }
}

TEST(IsaString, IsCanonical) {
  EXPECT_EQ(isa_string(parse_isa("rv64icam_zicsr")), "rv64imac_zicntr_zicsr_zifencei_zihpm");
  EXPECT_EQ(isa_string(parse_isa("rv64gc_zfh")), "rv64imafdc_zicntr_zicsr_zifencei_zihpm_zfh");
  EXPECT_EQ(isa_string(parse_isa("rv32ecm")), "rv32emc_zicntr_zicsr_zifencei_zihpm");
  EXPECT_EQ(isa_string(parse_isa("rv32i")), "rv32i_zicntr_zicsr_zifencei_zihpm");
  EXPECT_EQ(isa_string(parse_isa("rv64i_svpbmt_Sstc_zba_zicond_zicbom_zihintpause")),
            "rv64i_zicbom_zicntr_zicond_zicsr_zifencei_zihintpause_zihpm_zba_sstc_svpbmt");
}

TEST(IsaString, RefusesWithTheReason) {
  const std::pair<const char*, const char*> bad[] = {{"", "rv32 or rv64"},
                                                     {"rv128i", "rv32 or rv64"},
                                                     {"x86", "rv32 or rv64"},
                                                     {"rv64", "base instruction set i"},
                                                     {"rv64mac", "base"},
                                                     {"rv64ie", "'e'"},
                                                     {"rv64ih", "'h'"},
                                                     {"rv64imadc", "'d' needs f"},
                                                     {"rv64imac_zfh", "\"zfh\" needs f"},
                                                     {"rv64imac_zfhmin", "\"zfhmin\" needs f"},
                                                     {"rv64i_zbkb", "\"zbkb\""},
                                                     {"rv64i_", "\"\""},
                                                     {"rv64i m", "no letter, digit or _"},
                                                     {"rv32i_svnapot", "needs rv64"},
                                                     {"rv32imac_svpbmt", "needs rv64"},
                                                     {"rv64i_svadu_svade", "exclude each other"}};
  for (const auto& [text, reason] : bad) {
    try {
      parse_isa(text);
      ADD_FAILURE() << text << " was taken";
    } catch (const std::invalid_argument& error) {
      EXPECT_NE(std::string(error.what()).find(reason), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find('"' + std::string(text) + '"'), std::string::npos)
          << error.what();
      EXPECT_NE(std::string(error.what()).find("_zicond"), std::string::npos) << "what is allowed";
    }
  }
}

}  // namespace
}  // namespace memio::riscv
