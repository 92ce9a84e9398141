// A statistic of a hart by its path, such as "mmu.dtlb.hits".
#pragma once

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "core/stats.h"
#include "cpu/riscv/hart.h"

namespace memio::test {

/// The value; the test fails if there is no such statistic. Settle the hart before.
inline std::uint64_t stat_value(const riscv::Hart& hart, const std::string& path) {
  StatGroup root("root");
  hart.register_stats(root);
  const StatGroup* group = &root;
  std::istringstream parts(path);
  std::string part;
  while (std::getline(parts, part, '.')) {
    for (const Stat& s : group->stats())
      if (s.name == part) return s.value();
    for (const auto& child : group->children())
      if (child->name() == part) {
        group = child.get();
        break;
      }
  }
  ADD_FAILURE() << "no statistic " << path;
  return 0;
}

/// The sum of the cycle stack's components. Settle the hart before.
inline std::uint64_t stack_sum(const riscv::Hart& hart) {
  StatGroup root("root");
  hart.register_stats(root);
  std::uint64_t sum = 0;
  for (const Stat& part : root.child("cycle_stack").stats()) sum += part.value();
  return sum;
}

}  // namespace memio::test
