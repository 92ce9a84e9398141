// The statistics document and the text report.
#include "platform/statistics_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/report.h"

namespace memio {
namespace {

using testing::HasSubstr;
using testing::Not;

class StatisticsTest : public testing::Test {
 protected:
  StatisticsTest() : root_("") {
    StatGroup& cpu = root_.child("cpu0");
    cpu.add("instructions", "instructions", "", [] { return 1000u; });
    cpu.add("cycles", "cycles", "", [] { return 4000u; });
    StatGroup& stack = cpu.child("cycle_stack");
    stack.add("base", "cycles", "", [] { return 1000u; });
    stack.add("dtlb_walk", "cycles", "", [] { return 3000u; });
    StatGroup& dtlb = cpu.child("mmu").child("dtlb");
    dtlb.add("lookups", "accesses", "", [] { return 200u; });
    dtlb.add("hits", "accesses", "", [] { return 150u; });
    dtlb.add("misses", "accesses", "", [] { return 50u; });
    StatGroup& walker = cpu.child("mmu").child("walker");
    walker.add("walks", "walks", "", [] { return 50u; });
    walker.add("cycles", "cycles", "", [] { return 3000u; });
    StatGroup& route = root_.child("bus").child("memory").child("cpu0").child("ram");
    route.add("reads", "transactions", "", [] { return 1'234'567u; });
    document_.machine = {{"isa", "rv64imac"}};
    document_.run = {7, "guest", 7, 4'000'000, 0.5, 1000};
    document_.groups = &root_;
  }

  StatGroup root_;
  StatisticsDocument document_;
};

TEST_F(StatisticsTest, TheDocumentFollowsItsSchema) {
  const auto json = nlohmann::json::parse(format_json(to_json(document_)));
  EXPECT_EQ(json["schema"], "memio-statistics");
  EXPECT_EQ(json["version"], 1);
  EXPECT_EQ(json["machine"]["isa"], "rv64imac");
  EXPECT_EQ(json["run"]["exit"], 7);
  EXPECT_EQ(json["run"]["reason"], "guest");
  EXPECT_EQ(json["run"]["sim_time_ps"], 4'000'000);
  EXPECT_EQ(json["cpu0"]["cycles"], 4000);
  EXPECT_EQ(json["cpu0"]["cycle_stack"]["dtlb_walk"], 3000);
  EXPECT_EQ(json["cpu0"]["mmu"]["dtlb"]["misses"], 50);
  EXPECT_EQ(json["bus"]["memory"]["cpu0"]["ram"]["reads"], 1234567);
  EXPECT_DOUBLE_EQ(json["host"]["seconds"].get<double>(), 0.5);
  EXPECT_DOUBLE_EQ(json["host"]["mips"].get<double>(), 0.002);
}

TEST_F(StatisticsTest, WhatDependsOnTheHostStandsApart) {
  StatGroup host("host");
  host.add("blocks", "blocks", "", [] { return 12u; });
  document_.host = &host;
  auto one = to_json(document_);
  document_.run.host_seconds = 9;
  auto two = to_json(document_);
  EXPECT_NE(one, two);
  EXPECT_EQ(one["host"]["blocks"], 12);
  one.erase("host");
  two.erase("host");
  EXPECT_EQ(one, two);
}

TEST_F(StatisticsTest, TheReportSaysWhereTheCyclesWentAndWhichTlbMissed) {
  const std::string report = text_report(to_json(document_));
  EXPECT_THAT(report, HasSubstr("Instructions 1,000, cycles 4,000, 4.00 cycles an instruction"));
  EXPECT_THAT(report,
              HasSubstr("dtlb_walk                   3,000   75.00% ##############################\n"));
  EXPECT_THAT(report, HasSubstr("25.00%"));
  EXPECT_THAT(report, HasSubstr("60.0 a walk"));
  EXPECT_THAT(report, HasSubstr("1,234,567"));
  EXPECT_THAT(report, HasSubstr("guest, exit status 7"));
}

TEST_F(StatisticsTest, TheReportTellsOfCachesBranchesAndDramWhereThereAreSome) {
  auto json = to_json(document_);
  EXPECT_THAT(text_report(json), Not(HasSubstr("Caches")));
  EXPECT_THAT(text_report(json), Not(HasSubstr("Branches")));
  EXPECT_THAT(text_report(json), Not(HasSubstr("DRAM")));
  json["cpu0"]["l1d"] = {{"lookups", 4000u}, {"hits", 3000u}, {"misses", 1000u}, {"evictions", 900u}};
  json["cpu0"]["branch"] = {{"predictions", 200u}, {"mispredictions", 10u}};
  json["dram"] = {{"bursts", 50u}, {"row_hits", 20u}, {"row_conflicts", 25u}};
  const std::string report = text_report(json);
  EXPECT_THAT(
      report,
      HasSubstr("l1d               4,000            3,000          1,000    25.00%            900\n"));
  EXPECT_THAT(report, HasSubstr("predictions 200, wrong 10 (5.00%)"));
  EXPECT_THAT(report, HasSubstr("bursts 50, in open rows 20 (40.00%), conflicts 25"));
}

TEST_F(StatisticsTest, AReportOfNothingIsNotAnError) {
  EXPECT_FALSE(text_report(nlohmann::ordered_json::object()).empty());
}

}  // namespace
}  // namespace memio
