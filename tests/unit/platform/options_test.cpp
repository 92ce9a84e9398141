// Layering, origins and errors of options, from files and from the command line.
#include "platform/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

#include "platform/command_line.h"
#include "platform/errors.h"
#include "platform/hart_setup.h"
#include "platform/ini_file.h"
#include "platform/machine_description.h"
#include "platform/memory_setup.h"
#include "platform/option_hints.h"
#include "platform/options_output.h"
#include "platform/printable.h"
#include "unit/platform/temporary_file.h"

namespace memio {
namespace {

using test::error_of;
using test::TemporaryFile;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string error_setting(const std::string& key, const std::string& text) {
  return error_of<ConfigError>([&] { Options().set(key, text, "base.ini:7"); });
}

TEST(Options, DefaultsAreThoseOfTheReference) {
  const Options options;
  EXPECT_EQ(options.text("cpu.isa"), "rv64imafdc_zihintpause_zba_zbb_zbc_zbs_sstc_svadu");
  EXPECT_EQ(options.number("cpu.frequency"), 1'000'000'000u);
  EXPECT_EQ(options.text("timing"), "lt");
  EXPECT_EQ(options.number("timing.alu"), 1u);
  EXPECT_EQ(options.number("timing.div"), 20u);
  EXPECT_EQ(options.number("ram.base"), 0x80000000u);
  EXPECT_EQ(options.number("map.uart0.base"), 0x10000000u);
  EXPECT_EQ(options.value("bus.hop").origin, "default");
  EXPECT_TRUE(options.value("bus.hop").is_default);
}

TEST(Options, SomeFollowOthersUntilTheyAreSet) {
  Options options;
  options.set("ram.write-latency", "9", "a.ini:1");
  options.set("ram.latency", "20", "a.ini:2");
  EXPECT_EQ(options.number("ram.read-latency"), 20u);
  EXPECT_EQ(options.number("ram.write-latency"), 9u);
  options.set("ram.read-latency", "4", "command line");
  options.set("ram.latency", "30", "command line");
  EXPECT_EQ(options.number("ram.read-latency"), 4u);
}

TEST(Options, KeysAndAliasesAreUnique) {
  std::set<std::string> names;
  for (const auto& spec : option_table()) {
    EXPECT_TRUE(names.insert(spec.key).second) << spec.key;
    EXPECT_FALSE(spec.text.empty()) << spec.key;
    if (spec.alias.empty()) continue;
    EXPECT_TRUE(names.insert(spec.alias).second) << spec.alias;
  }
}

TEST(Options, LaterFilesWinOverEarlierOnesAndTheCommandLineOverAll) {
  const TemporaryFile base("base.ini", "[mmu.dtlb]\nentries = 16\nways = 4\npolicy = fifo\n");
  const TemporaryFile small("small.ini", "# comment\nmmu.dtlb.ways = 2\nmmu.dtlb.entries = 8\n");
  const auto line = parse_command_line(
      {"run", "--mmu.dtlb.entries", "4", base.path(), "--config", small.path(), "--timing=functional"});
  EXPECT_EQ(line.command, Command::run);
  EXPECT_EQ(line.options.number("mmu.dtlb.entries"), 4u);
  EXPECT_EQ(line.options.value("mmu.dtlb.entries").origin, "command line");
  EXPECT_EQ(line.options.number("mmu.dtlb.ways"), 2u);
  EXPECT_EQ(line.options.value("mmu.dtlb.ways").origin, small.path() + ":2");
  EXPECT_EQ(line.options.text("mmu.dtlb.policy"), "fifo");
  EXPECT_EQ(line.options.value("mmu.dtlb.policy").origin, base.path() + ":4");
  EXPECT_EQ(line.options.text("timing"), "functional");
}

TEST(Options, ShortFormsStandForTheirOptions) {
  const auto line = parse_command_line(
      {"run", "--engine", "reference", "--dtlb-entries=7", "--itlb-entries", "9", "--l2tlb-entries", "0"});
  EXPECT_EQ(line.options.text("cpu.engine"), "reference");
  EXPECT_EQ(line.options.number("mmu.dtlb.entries"), 7u);
  EXPECT_EQ(line.options.number("mmu.itlb.entries"), 9u);
  EXPECT_EQ(line.options.number("mmu.l2tlb.entries"), 0u);
}

TEST(Options, UnknownKeysNameTheNearestOneAndTheirPlace) {
  const std::string error = error_setting("mmu.dtlb.entry", "3");
  EXPECT_THAT(error, HasSubstr("base.ini:7"));
  EXPECT_THAT(error, HasSubstr("\"mmu.dtlb.entry\""));
  EXPECT_THAT(error, HasSubstr("\"mmu.dtlb.entries\""));
  const std::string on_line = error_of<ConfigError>([] { parse_command_line({"run", "--quantmu", "10us"}); });
  EXPECT_THAT(on_line, HasSubstr("command line"));
  EXPECT_THAT(on_line, HasSubstr("\"quantum\""));
  EXPECT_THAT(similar_options("completely-different-thing"), IsEmpty());
}

TEST(Options, UnknownKeysNameLikelyMeanings) {
  EXPECT_THAT(similar_options("Kernel"), ElementsAre("kernel"));
  EXPECT_THAT(similar_options("size"), ElementsAre("cache.l1i.size", "cache.l1d.size", "cache.l2.size",
                                                   "ram.size", "ram.uncached-size"));
  EXPECT_THAT(similar_options("dtb"), ElementsAre("dump-dtb"));
  EXPECT_THAT(similar_options("pmp"), ElementsAre("cpu.pmp-regions"));
  for (const char* memory : {"mem", "memory", "Memory"})
    EXPECT_THAT(similar_options(memory), ElementsAre("ram.size"));
  EXPECT_THAT(similar_options("pcie.memory-base"), ElementsAre("map.pcie-memory.base"));
  EXPECT_THAT(similar_options("max-instr"), ElementsAre("max-instructions"));
  EXPECT_THAT(similar_options("entries"), SizeIs(6));  // the most
  // A third of the name may be wrong.
  EXPECT_THAT(similar_options("quantmu"), ElementsAre("quantum"));
  EXPECT_THAT(similar_options("zork"), IsEmpty());
  EXPECT_THAT(similar_options("x"), IsEmpty());
}

TEST(Options, NamesAndDashesOfOtherProgramsAreExplained) {
  struct Case {
    const char *written, *expected;
  };
  for (const auto& [written, expected] :
       {Case{"-kernel", "\"-kernel\"; options begin with two dashes: --kernel"},
        Case{"-smp", "two dashes: --smp"}, Case{"-m", "--ram.size"}, Case{"--m", "--ram.size"},
        Case{"-drive", "--disk"},
        Case{"-kernel=/some/long/path", "\"-kernel\"; options begin with two dashes"},
        Case{"-m=2G", "QEMU's -m is --ram.size"}, Case{"--m=2G", "option \"m\"; QEMU's -m is --ram.size"},
        Case{"--kernle=/some/long/path", "option \"kernle\"; did you mean \"kernel\"?"}})
    EXPECT_THAT(error_of<ConfigError>([written = written] {
                  parse_command_line({"run", written, "256"});
                }),
                HasSubstr(expected));
}

TEST(Options, DashesAndNamesOfOtherProgramsAreOfTheCommandLine) {
  EXPECT_EQ(error_setting("--kernel", "x"),
            "base.ini:7: unknown option \"--kernel\"; did you mean \"kernel\"?");
  EXPECT_EQ(error_setting("drive", "x"), "base.ini:7: unknown option \"drive\"; memio --help lists all");
}

TEST(Options, PrefixesAreNotGuessed) {
  EXPECT_THAT(error_of<ConfigError>([] {
                parse_command_line({"run", "--quant", "10us"});
              }),
              HasSubstr("unknown option \"quant\""));
}

TEST(Options, BadValuesNameKeyValueAndWhatIsAllowed) {
  struct Case {
    const char *key, *value, *allowed;
  };
  for (const Case& bad :
       {Case{"mmu.dtlb.entries", "-1", "from 1 to 65536"}, Case{"mmu.dtlb.entries", "0", "from 1 to 65536"},
        Case{"mmu.dtlb.entries", "many", "from 1 to 65536"}, Case{"max-instructions", "-5", "a number"},
        Case{"ram.size", "0", "from 4K"}, Case{"ram.size", "5Q", "512M"}, Case{"quantum", "10", "100ns"},
        Case{"quantum", "0ns", "from 1ps"}, Case{"cpu.frequency", "fast", "1GHz"},
        Case{"mmu.l2tlb.policy", "mru", "lru, plru, fifo, nru, random"}, Case{"host.dmi", "yes", "on, off"},
        Case{"cpu.isa", "rv64imac_zbq", "extension \"zbq\" is not known; allowed: rv32 or rv64, i"},
        Case{"timing", "ca", "functional, lt, at"}}) {
    const std::string error = error_setting(bad.key, bad.value);
    EXPECT_THAT(error, HasSubstr("base.ini:7")) << bad.key;
    EXPECT_THAT(error, HasSubstr(bad.key));
    EXPECT_THAT(error, HasSubstr(std::string("\"") + bad.value + "\"")) << bad.key;
    EXPECT_THAT(error, HasSubstr(bad.allowed)) << bad.key;
  }
}

// Whatever is said of any option: it is taken, or an error tells of option, value and what is allowed.
TEST(Options, EveryOptionTakesAValueOrSaysWhatItTakes) {
  for (const auto& spec : option_table()) {
    std::string key = spec.key;
    if (is_pattern(spec)) key.replace(key.find('<'), key.find('>') - key.find('<') + 1, "extra");
    Options options;
    for (const char* text : {"", "-1", "0", "3", "18446744073709551616", "1e30", "text", "NaN", "5 parsecs",
                             "1.5", "0x", " 4", "on ", "-", "\xc3\xa9", "\x1b[31m"}) {
      const std::string error = error_of<ConfigError>([&] { options.set(key, text, "base.ini:7"); });
      if (error.empty()) {
        // What speaks against it beside the other options is told, in one way or another.
        error_of<ConfigError>([&] {
          configure_hart(describe_machine(options), options, 0);
          check_memories(options);
        });
        continue;
      }
      for (const std::string& part :
           {std::string("base.ini:7"), key, printable(text), std::string("allowed: ")})
        EXPECT_THAT(error, HasSubstr(part)) << key << " = " << text;
    }
  }
}

TEST(Options, ShapesOfNumbersArePartOfWhatIsAllowed) {
  EXPECT_THAT(error_setting("bus.width", "3"), HasSubstr("a power of two, from 4 to 32"));
  EXPECT_THAT(error_setting("bus.width", "12"), HasSubstr("a power of two, from 4 to 32"));
  EXPECT_THAT(error_setting("dram.interleave", "48"), HasSubstr("0 or a power of two, from 0 to 1M"));
  EXPECT_EQ(error_setting("dram.interleave", "0"), "");
  EXPECT_THAT(error_setting("dma.burst", "12"), HasSubstr("a multiple of 8, from 8 to 4K"));
  EXPECT_THAT(error_setting("ram.base", "0x80000001"), HasSubstr("a multiple of 4096"));
}

TEST(Options, AFileHasANameOrAWord) {
  for (const char* key : {"stats", "report", "vcd", "perfetto", "signature", "dump-dtb", "memory-image",
                          "disk", "bios", "kernel", "initrd"})
    EXPECT_THAT(error_setting(key, ""),
                HasSubstr(std::string("bad value \"\" for ") + key + "; allowed: a file"));
  for (const char* key : {"vcd", "perfetto", "memory-image", "disk", "bios", "kernel", "initrd"})
    EXPECT_THAT(error_setting(key, "-"), HasSubstr("allowed: a file, "));
  Options options;
  EXPECT_EQ(options.file("stats"), "");
  options.set("stats", "s.json", "base.ini:1");
  EXPECT_EQ(options.file("stats"), "s.json");
  options.set("stats", "none", "command line");
  EXPECT_EQ(options.file("stats"), "");
}

std::string error_of_needs(std::vector<std::pair<std::string, std::string>> settings) {
  Options options;
  for (const auto& [key, text] : settings) options.set(key, text, "command line");
  return error_of<ConfigError>([&] { options.check_needs(); });
}

TEST(Options, WhatHasNoEffectIsAnErrorUnlessThePartWasTakenOutOnPurpose) {
  EXPECT_EQ(error_of_needs({{"check.coherency", "on"}}),
            "command line: check.coherency = on has no effect with cache.l1d.size = 0");
  EXPECT_EQ(error_of_needs({{"trace-ring", "1us"}}),
            "command line: trace-ring = 1us has no effect with vcd = none and perfetto = none");
  EXPECT_EQ(error_of_needs({{"trace-ring", "1us"}, {"perfetto", "p.json"}}), "");
  EXPECT_NE(error_of_needs({{"timing.btb-entries", "64"}}), "");
  EXPECT_EQ(error_of_needs({{"timing.btb-entries", "64"}, {"timing.predictor", "gshare"}}), "");
  EXPECT_EQ(error_of_needs({{"timing.btb-entries", "64"}, {"timing.predictor", "none"}}), "");
  EXPECT_EQ(error_of_needs({{"timing.btb-entries", "0"}, {"cache.l1d.ways", "4"}, {"dram.row", "8192"}}), "");
  EXPECT_NE(error_of_needs({{"cache.l1d.ways", "2"}}), "");
  EXPECT_NE(error_of_needs({{"dram.row", "4K"}}), "");
}

TEST(Options, EveryNeedIsAnOptionThatIsAbsentByDefault) {
  for (const auto& spec : option_table())
    for (const auto& need : spec.needs) {
      ASSERT_NE(find_option(need), nullptr) << need;
      EXPECT_THAT((std::set<std::string>{"none", "0", "0ns", "off", "fixed", "coherent", "sram"}),
                  testing::Contains(find_option(need)->default_value));
    }
}

TEST(Options, NegativeNumbersOnTheCommandLineAreRefusedAsValues) {
  EXPECT_THAT(error_of<ConfigError>([] {
                parse_command_line({"run", "--max-instructions", "-5"});
              }),
              HasSubstr("bad value \"-5\" for max-instructions"));
}

TEST(CommandLine, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT(error_of<ConfigError>([] { parse_command_line({}); }), HasSubstr("command is missing"));
  EXPECT_THAT(error_of<ConfigError>([] { parse_command_line({"walk"}); }), HasSubstr("\"walk\""));
  EXPECT_THAT(error_of<ConfigError>([] { parse_command_line({"run", "--quantum"}); }), HasSubstr("quantum"));
  EXPECT_THAT(error_of<ConfigError>([] {
                parse_command_line({"run", "--markdown"});
              }),
              HasSubstr("markdown"));
  EXPECT_THAT(error_of<ConfigError>([] {
                parse_command_line({"run", "no-such.ini"});
              }),
              HasSubstr("cannot read no-such.ini"));
}

TEST(CommandLine, FindsItsCommands) {
  EXPECT_EQ(parse_command_line({"--help"}).command, Command::help);
  EXPECT_EQ(parse_command_line({"--version"}).command, Command::version);
  EXPECT_EQ(parse_command_line({"config", "--markdown"}).command, Command::markdown);
  EXPECT_EQ(parse_command_line({"run", "--help"}).command, Command::help);
  EXPECT_EQ(parse_command_line({"run", "--report", "-"}).options.text("report"), "-");
}

TEST(CommandLine, TakesFurtherDevices) {
  const auto line =
      parse_command_line({"run", "--map.uart2.kind", "uart16550", "--map.uart2.base=0x10000100"});
  EXPECT_EQ(line.options.further_devices(), std::vector<std::string>{"uart2"});
  EXPECT_EQ(line.options.device_value("uart2", "base").number, 0x10000100u);
  EXPECT_EQ(line.options.device_value("uart2", "latency").number, 10u);
}

TEST(Options, ADefaultDeviceHasNoKind) {
  EXPECT_THAT(error_setting("map.uart0.kind", "gpio"), HasSubstr("unknown option"));
}

std::string ini_error(const std::string& text) {
  return error_of<ConfigError>([&] { parse_ini(text, "x.ini"); });
}

TEST(Ini, SectionsPrefixKeysAndCommentsVanish) {
  const auto entries = parse_ini(
      "quantum = 10us\n\n[ mmu.dtlb ]  # data TLB\n; whole line\n  entries=16 # sixteen\n"
      "[x]\nappend = \"a # b\" # c\nurl = a#b\nempty =\n",
      "x.ini");
  ASSERT_EQ(entries.size(), 5u);
  EXPECT_EQ(entries[0].key, "quantum");
  EXPECT_EQ(entries[1].key, "mmu.dtlb.entries");
  EXPECT_EQ(entries[1].value, "16");
  EXPECT_EQ(entries[1].origin, "x.ini:5");
  EXPECT_EQ(entries[2].value, "a # b");
  EXPECT_EQ(entries[3].value, "a#b");
  EXPECT_EQ(entries[4].value, "");
}

TEST(Ini, AcceptsLinesOfOtherSystems) {
  const auto entries = parse_ini("a = 1\r\nb = 2", "x.ini");
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].value, "1");
  EXPECT_EQ(entries[1].value, "2");
}

TEST(Ini, SkipsAByteOrderMark) {
  const auto entries = parse_ini(
      "\xef\xbb\xbf"
      "a = 1\n",
      "x.ini");
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].key, "a");
  EXPECT_THAT(ini_error("a = 1\n\xef\xbb\xbf"
                        "b = 1\n"),
              HasSubstr("x.ini:2"));
}

TEST(Options, TheLongestModelledTimeIsNamed) {
  for (const char* text : {"99999999999s", "18446745s"})  // of 2^64 ps, 18,446,744.07 s
    EXPECT_THAT(error_setting("max-sim-time", text), HasSubstr("from 0ps to 18446744s"));
}

TEST(Ini, ErrorsNameTheLine) {
  EXPECT_THAT(ini_error("a = 1\ngarbage\n"), HasSubstr("x.ini:2"));
  EXPECT_THAT(ini_error("[open\n"), HasSubstr("x.ini:1"));
  EXPECT_THAT(ini_error("[]\n"), HasSubstr("x.ini:1"));
  EXPECT_THAT(ini_error("= 1\n"), HasSubstr("x.ini:1"));
  EXPECT_THAT(ini_error("a b = 1\n"), HasSubstr("x.ini:1"));
  EXPECT_THAT(ini_error("a = \"open\n"), HasSubstr("x.ini:1"));
  EXPECT_THAT(ini_error("\x7f\x45\x4c\x46\x01\x02\n"), HasSubstr("x.ini:1"));
  EXPECT_THAT(ini_error("[m]\na = 1\n[n]\nb = 1\n[m]\na = 2\n"),
              testing::AllOf(HasSubstr("x.ini:6"), HasSubstr("m.a"), HasSubstr("line 2")));
}

std::string name_of(const TemporaryFile& file) { return file.path().substr(file.path().rfind('/') + 1); }

TEST(Ini, AnIncludedFileStandsWhereItIsNamed) {
  const TemporaryFile inner("inner.ini", "[bus]\nhop = 5\nbeat = 6\n");
  const TemporaryFile other("other.ini", "quantum = 3us\n");
  const TemporaryFile outer("outer.ini", "bus.beat = 9\ninclude = " + name_of(inner) +
                                             "\ninclude = " + name_of(other) + "\n[bus]\nhop = 7\n");
  Options options;
  options.load_file(outer.path());
  EXPECT_EQ(options.number("bus.hop"), 7u);
  EXPECT_EQ(options.value("bus.hop").origin, outer.path() + ":5");
  EXPECT_EQ(options.number("bus.beat"), 6u);
  EXPECT_EQ(options.value("bus.beat").origin, inner.path() + ":3");
  EXPECT_EQ(options.text("quantum"), "3us");
}

TEST(Ini, AnIncludeThatCannotBeReadNamesItsLine) {
  const TemporaryFile outer("outer.ini", "# first\ninclude = no-such.ini\n");
  EXPECT_THAT(error_of<ConfigError>([&] { read_ini(outer.path()); }),
              testing::AllOf(HasSubstr(outer.path() + ":2"), HasSubstr("no-such.ini")));
  const TemporaryFile bad("bad.ini", "garbage\n");
  const TemporaryFile around("around.ini", "include = " + name_of(bad) + "\n");
  EXPECT_THAT(error_of<ConfigError>([&] { read_ini(around.path()); }),
              testing::AllOf(HasSubstr(around.path() + ":1"), HasSubstr(bad.path() + ":1")));
}

TEST(Ini, AFileThatIncludesItselfIsAnError) {
  const TemporaryFile inner("inner.ini");
  const TemporaryFile outer("outer.ini", "include = " + name_of(inner) + "\n");
  std::ofstream(inner.path()) << "include = ./" << name_of(outer) << "\n";
  EXPECT_THAT(error_of<ConfigError>([&] { read_ini(outer.path()); }), HasSubstr("includes itself"));
}

TEST(Ini, AnIncludeTwiceIsNoCycle) {
  const TemporaryFile inner("inner.ini", "bus.hop = 5\n");
  const TemporaryFile outer("outer.ini",
                            "include = " + name_of(inner) + "\nbus.hop = 6\ninclude = " + name_of(inner));
  Options options;
  options.load_file(outer.path());
  EXPECT_EQ(options.number("bus.hop"), 5u);
}

TEST(Ini, TooManyIncludesAreAnError) {
  // 40 includes, and each of those files has 40: 1,640.
  const auto forty = [](const std::string& name) {
    std::string text;
    for (int i = 0; i < 40; ++i) text += "include = " + name + "\n";
    return text;
  };
  const TemporaryFile empty("empty.ini", "");
  const TemporaryFile inner("inner.ini", forty(name_of(empty)));
  const TemporaryFile outer("outer.ini", forty(name_of(inner)));
  EXPECT_EQ(read_ini(inner.path()).size(), 0u);
  EXPECT_THAT(error_of<ConfigError>([&] { read_ini(outer.path()); }),
              testing::AllOf(HasSubstr(inner.path()), HasSubstr("more than 1000 files")));
}

TEST(Ini, TheCoresInConfigsAreSound) {
  for (const char* core : {"vexriscv-linux", "sifive-e31", "cva6-sv39"})
    EXPECT_NO_THROW(Options().load_file(std::string("configs/cores/") + core + ".ini")) << core;
}

TEST(Ini, UnreadableFilesAreErrors) {
  EXPECT_THAT(error_of<ConfigError>([] { read_ini("/nowhere/x.ini"); }), HasSubstr("No such file"));
  EXPECT_THAT(error_of<ConfigError>([] { read_ini("/"); }), HasSubstr("directory"));
}

TEST(OptionsOutput, TheListingIsAConfigurationFile) {
  Options options;
  options.set("append", "console=ttyS0 # not a comment", "command line");
  options.set("mmu.dtlb.entries", "16", "base.ini:12");
  options.set("map.uart2.kind", "uart16550", "base.ini:13");
  const std::string listing = list_options(options);
  EXPECT_THAT(listing, HasSubstr("mmu.dtlb.entries = 16  # base.ini:12"));
  EXPECT_THAT(listing,
              HasSubstr("unit: entries; allowed: a number, decimal or 0x hexadecimal, from 1 to 65536; "
                        "default: 32"));
  Options again;
  for (const auto& entry : parse_ini(listing, "listing")) again.set(entry.key, entry.value, "listing");
  ASSERT_EQ(again.values().size(), options.values().size());
  for (const auto* value : options.values()) EXPECT_EQ(again.text(value->key), value->text) << value->key;
}

// The test runs in the root of the source tree.
TEST(OptionsOutput, TheReferenceInDocsIsUpToDate) {
  std::ifstream file("docs/options.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(text, options_markdown()) << "write it anew: memio config --markdown > docs/options.md";
}

TEST(OptionsOutput, TheReferenceNamesNeedsAndWhatAnOptionDoesNotGoWith) {
  OptionSpec spec;
  EXPECT_EQ(needs_in_markdown(spec), "");
  spec.unless = "dump-dtb";
  EXPECT_EQ(needs_in_markdown(spec), "; not with `dump-dtb`");
  spec.needs = {"vcd", "perfetto"};
  EXPECT_EQ(needs_in_markdown(spec), "; needs `vcd` or `perfetto`; not with `dump-dtb`");
}

TEST(OptionsOutput, EveryOptionIsInTheReferenceAndInTheHelp) {
  const std::string markdown = options_markdown(), help = help_text();
  for (const auto& spec : option_table()) {
    EXPECT_THAT(markdown, HasSubstr("`" + spec.key + "`"));
    EXPECT_THAT(help, HasSubstr("--" + spec.key));
  }
}

}  // namespace
}  // namespace memio
