// The resource trees: linking, claims and their conflicts, release, and a long random history against a
// model.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/errno.h>
#include <linux/proc_fs.h>

#include <map>
#include <random>

#include "fake_heap.h"
#include "fake_machine.h"
#include "kernel/device.h"
#include "kernel/resource_tree.h"

namespace memio {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

resource range(resource_size_t start, resource_size_t end, const char* name, unsigned long flags = 0) {
  return {start, end, name, flags, nullptr, nullptr, nullptr};
}

// The tree below `root` as text, one range after the other, depth shown by dots.
std::string text(resource& root) {
  std::string all;
  ResourceTree tree(root);
  ResourceTree::Entry entry;
  for (unsigned i = 0; tree.entry(i, &entry); i++) {
    all += std::string(entry.depth, '.') + entry.name + ' ';
  }
  return all;
}

// Every link agrees with every other; the number of nodes below `parent`.
unsigned check_links(const resource& parent) {
  unsigned count = 0;
  const resource* last = nullptr;
  for (const resource* at = parent.child; at != nullptr; last = at, at = at->sibling) {
    EXPECT_EQ(at->parent, &parent);
    EXPECT_LE(at->start, at->end);
    EXPECT_GE(at->start, parent.start);
    EXPECT_LE(at->end, parent.end);
    if (last != nullptr) {
      EXPECT_GT(at->start, last->end);
    }
    count += 1 + check_links(*at);
  }
  return count;
}

class Resources : public ::testing::Test {
 protected:
  Resources() { fake_heap = {}; }
  ~Resources() override {
    EXPECT_EQ(fake_heap.objects, 0);
    EXPECT_EQ(ioport_resource.child, nullptr);
    EXPECT_EQ(iomem_resource.child, nullptr);
  }

  FakeMachine machine_{1 << 20};
};

TEST_F(Resources, RootsHaveTheirNamesAndRanges) {
  EXPECT_STREQ(ioport_resource.name, "PCI IO");
  EXPECT_EQ(ioport_resource.start, 0u);
  EXPECT_EQ(ioport_resource.end, 0xffffu);
  EXPECT_STREQ(iomem_resource.name, "PCI mem");
  EXPECT_EQ(iomem_resource.end, 0xffffffffffffffffu);
  EXPECT_EQ(ioport_resource.parent, nullptr);
}

TEST_F(Resources, AClaimIsABusyChildOfTheRoot) {
  resource* uart = request_region(0x3f8, 8, "uart");
  ASSERT_NE(uart, nullptr);
  EXPECT_EQ(uart->start, 0x3f8u);
  EXPECT_EQ(uart->end, 0x3ffu);
  EXPECT_EQ(resource_size(uart), 8u);
  EXPECT_STREQ(uart->name, "uart");
  EXPECT_EQ(uart->flags, IORESOURCE_IO | IORESOURCE_BUSY);
  EXPECT_EQ(uart->parent, &ioport_resource);
  EXPECT_EQ(ioport_resource.child, uart);
  EXPECT_EQ(uart->child, nullptr);
  EXPECT_EQ(uart->sibling, nullptr);
  release_region(0x3f8, 8);
  EXPECT_TRUE(machine_.bugs.empty());
}

TEST_F(Resources, SiblingsAreInOrderOfAddress) {
  resource* middle = request_mem_region(0x2000, 0x1000, "middle");
  resource* high = request_mem_region(0x3000, 1, "high");
  resource* low = request_mem_region(0x1fff, 1, "low");
  EXPECT_EQ(iomem_resource.child, low);
  EXPECT_EQ(low->sibling, middle);
  EXPECT_EQ(middle->sibling, high);
  EXPECT_EQ(high->sibling, nullptr);
  release_mem_region(0x2000, 0x1000);
  EXPECT_EQ(low->sibling, high);
  release_mem_region(0x1fff, 1);
  release_mem_region(0x3000, 1);
}

TEST_F(Resources, AConflictNamesBoth) {
  ASSERT_NE(request_mem_region(0x10000000, 0x100, "bar"), nullptr);
  for (const auto& [start, size] : {std::pair<unsigned long, unsigned long>{0x100000f8, 0x10},
                                    {0x10000010, 1},
                                    {0xffffff0, 0x1000},
                                    {0x10000000, 0x100}}) {
    machine_.log.clear();
    EXPECT_EQ(request_mem_region(start, size, "foo"), nullptr);
    char expected[128];
    scnprintf(expected, sizeof expected, "foo: region 0x%lx-0x%lx conflicts with bar 0x10000000-0x100000ff\n",
              start, start + size - 1);
    EXPECT_EQ(machine_.log, expected);
  }
  EXPECT_EQ(fake_heap.objects, 1);
  release_mem_region(0x10000000, 0x100);
}

TEST_F(Resources, ZeroLengthAndWrapAroundAreRefused) {
  EXPECT_EQ(request_region(0x10, 0, "none"), nullptr);
  EXPECT_EQ(__request_region(&iomem_resource, 0xfffffffffffffff0, 0x11, "wrap", 0), nullptr);
  EXPECT_THAT(machine_.bugs,
              ElementsAre(HasSubstr("request of 0 bytes from 0x10 in PCI IO by none"),
                          HasSubstr("request of 17 bytes from 0xfffffffffffffff0 in PCI mem")));
  ASSERT_NE(__request_region(&iomem_resource, 0xfffffffffffffff0, 0x10, "last", 0), nullptr);
  __release_region(&iomem_resource, 0xfffffffffffffff0, 0x10);
}

TEST_F(Resources, PortsEndAt0xffff) {
  EXPECT_EQ(request_region(0xfffc, 8, "foo"), nullptr);
  EXPECT_EQ(machine_.log, "foo: region 0xfffc-0x10003 is not inside PCI IO 0x0-0xffff\n");
}

TEST_F(Resources, AClaimNestsInARangeThatIsNotBusy) {
  resource bus = range(0x1000, 0x1fff, "bus", IORESOURCE_MEM);
  ASSERT_EQ(request_resource(&iomem_resource, &bus), 0);
  resource* inner = request_mem_region(0x1100, 0x100, "inner");
  ASSERT_NE(inner, nullptr);
  EXPECT_EQ(inner->parent, &bus);
  EXPECT_EQ(bus.child, inner);
  EXPECT_EQ(request_mem_region(0x1180, 8, "second"), nullptr) << "inner is busy";
  EXPECT_EQ(request_mem_region(0x1f00, 0x200, "across"), nullptr) << "it leaves the bus";
  EXPECT_EQ(request_mem_region(0x0, 0x10000, "around"), nullptr) << "it contains the bus";
  release_mem_region(0x1100, 0x100);
  EXPECT_EQ(bus.child, nullptr);
  EXPECT_EQ(release_resource(&bus), 0);
  EXPECT_TRUE(machine_.bugs.empty());
}

TEST_F(Resources, ReleasingWhatWasNeverRequestedIsReported) {
  request_region(0x3f8, 8, "uart");
  release_region(0x2f8, 8);
  release_region(0x3f8, 4);
  release_region(0x3f8, 0);
  release_mem_region(0x3f8, 8);
  ASSERT_EQ(machine_.bugs.size(), 4u);
  EXPECT_THAT(machine_.bugs[0],
              HasSubstr("Trying to free nonexistent resource <0x2f8-0x2ff> of PCI IO, by 0x"));
  EXPECT_THAT(machine_.bugs[1], HasSubstr("<0x3f8-0x3fb> of PCI IO"));
  EXPECT_THAT(machine_.bugs[3], HasSubstr("<0x3f8-0x3ff> of PCI mem"));
  release_region(0x3f8, 8);
  release_region(0x3f8, 8);
  EXPECT_EQ(machine_.bugs.size(), 5u);
}

TEST_F(Resources, AClaimWithSomethingInsideIsNotReleased) {
  resource* outer = request_mem_region(0x1000, 0x1000, "outer");
  resource inner = range(0x1100, 0x11ff, "inner");
  ASSERT_EQ(request_resource(outer, &inner), 0);
  release_mem_region(0x1000, 0x1000);
  EXPECT_THAT(machine_.bugs,
              ElementsAre(HasSubstr("free resource outer <0x1000-0x1fff> with inner inside it")));
  EXPECT_EQ(release_resource(&inner), 0);
  release_mem_region(0x1000, 0x1000);
  EXPECT_EQ(machine_.bugs.size(), 1u);
}

TEST_F(Resources, RequestResourceReportsMisuse) {
  resource once = range(0x1000, 0x1fff, "once");
  ASSERT_EQ(request_resource(&iomem_resource, &once), 0);
  EXPECT_EQ(request_resource(&iomem_resource, &once), -EBUSY);
  resource backwards = range(0x20, 0x10, "backwards");
  EXPECT_EQ(request_resource(&iomem_resource, &backwards), -EINVAL);
  resource other = range(0x1800, 0x2000, "other");
  EXPECT_EQ(request_resource(&iomem_resource, &other), -EBUSY);
  EXPECT_EQ(release_resource(&other), -EINVAL);
  EXPECT_THAT(machine_.bugs, ElementsAre(HasSubstr("once 0x1000-0x1fff is already inside PCI mem"),
                                         HasSubstr("other 0x1800-0x2000 is in no tree")));
  EXPECT_EQ(release_resource(&once), 0);
}

TEST_F(Resources, InsertTakesInWhatLiesInside) {
  resource root = range(0, 0xffff, "root");
  resource a = range(0x1000, 0x1fff, "a"), b = range(0x3000, 0x3fff, "b"), far = range(0x8000, 0x8fff, "far");
  resource around = range(0x1000, 0x4fff, "around"), inside = range(0x3800, 0x38ff, "inside");
  resource same = range(0x3800, 0x38ff, "same"), across = range(0x4000, 0x8800, "across");
  for (resource* node : {&a, &b, &far, &around, &inside, &same}) ASSERT_EQ(insert_resource(&root, node), 0);
  EXPECT_EQ(text(root), "around .a .b ..same ...inside far ");
  EXPECT_EQ(insert_resource(&root, &across), -EBUSY);
  EXPECT_EQ(machine_.log, "across: region 0x4000-0x8800 conflicts with around 0x1000-0x4fff\n");
  EXPECT_EQ(check_links(root), 6u);
  EXPECT_EQ(release_resource(&around), 0);
  EXPECT_EQ(text(root), "far ");
  EXPECT_EQ(text(around), "a b .same ..inside ");
}

TEST_F(Resources, ProcFilesShowTheTreesIndented) {
  resource_proc_init();
  resource uart = range(0x10000000, 0x10000007, "serial@10000000", IORESOURCE_MEM);
  ASSERT_EQ(insert_resource(&iomem_resource, &uart), 0);
  request_mem_region(0x10000000, 8, "uart16550");
  __request_region(&iomem_resource, 0x140000000, 0x1000, "System RAM", 0);
  request_region(0x70, 2, "cmos-rtc");
  const auto contents = [](const char* name) {
    std::string text;
    seq_file file = {[](seq_file* self, const char* piece, size_t length) {
                       static_cast<std::string*>(self->private_data)->append(piece, length);
                     },
                     &text};
    const proc_dir_entry* entry = proc_find(name);
    EXPECT_EQ(entry->show(&file, entry->data), 0);
    return text;
  };
  EXPECT_EQ(contents("iomem"),
            "10000000-10000007 : serial@10000000\n"
            "  10000000-10000007 : uart16550\n"
            "140000000-140000fff : System RAM\n");
  EXPECT_EQ(contents("ioports"), "0070-0071 : cmos-rtc\n");
  release_region(0x70, 2);
  __release_region(&iomem_resource, 0x140000000, 0x1000);
  release_mem_region(0x10000000, 8);
  release_resource(&uart);
  remove_proc_entry("iomem", nullptr);
  remove_proc_entry("ioports", nullptr);
}

TEST_F(Resources, NoMemoryIsNoClaim) {
  fake_heap.fail_at = 0;
  EXPECT_EQ(request_region(0x100, 8, "foo"), nullptr);
  EXPECT_EQ(ioport_resource.child, nullptr);
}

// Claims and releases at random, some of them wrong, judged by a map of intervals.
TEST_F(Resources, RandomHistoryAgreesWithAModel) {
  constexpr unsigned kSteps = 200000;
  std::mt19937 random(20081);
  const auto below = [&](unsigned limit) { return static_cast<unsigned>(random() % limit); };
  resource windows[] = {range(0x400, 0x7ff, "w0"), range(0x800, 0x8ff, "w1"), range(0xe00, 0xfff, "w2")};
  for (resource& window : windows) ASSERT_EQ(request_resource(&ioport_resource, &window), 0);

  std::map<unsigned, unsigned> claims;  // first port, last port
  const auto is_free = [&](unsigned first, unsigned last) {
    auto after = claims.upper_bound(last);
    if (after != claims.begin() && std::prev(after)->second >= first) return false;
    for (const resource& window : windows) {
      const bool apart = last < window.start || first > window.end;
      const bool inside = first >= window.start && last <= window.end;
      if (!apart && !inside) return false;
    }
    return last <= 0xffff;
  };
  const auto agree = [&] {
    ASSERT_EQ(check_links(ioport_resource), claims.size() + std::size(windows));
    auto expected = claims.begin();
    ResourceTree tree(ioport_resource);
    ResourceTree::Entry entry;
    for (unsigned i = 0; tree.entry(i, &entry); i++) {
      if (entry.name[0] == 'w') continue;
      ASSERT_EQ(entry.start, expected->first);
      ASSERT_EQ(entry.end, expected->second);
      ++expected;
    }
  };

  unsigned granted = 0, refused = 0, wrong_releases = 0;
  for (unsigned step = 0; step < kSteps; step++) {
    const unsigned first = below(4) == 0 ? 0xff80 + below(0x100) : below(0x1100);
    const unsigned last = first + below(below(8) == 0 ? 0x300 : 0x20);
    if (below(2) == 0) {
      const bool expected = is_free(first, last);
      ASSERT_EQ(request_region(first, last - first + 1, "c") != nullptr, expected) << step;
      if (expected) claims[first] = last;
      (expected ? granted : refused)++;
    } else if (below(8) == 0) {
      const auto found = claims.find(first);
      const bool exact = found != claims.end() && found->second == last;
      const size_t bugs = machine_.bugs.size();
      release_region(first, last - first + 1);
      ASSERT_EQ(machine_.bugs.size(), exact ? bugs : bugs + 1);
      if (exact) claims.erase(found);
      if (!exact) wrong_releases++;
    } else if (!claims.empty()) {
      auto victim = claims.lower_bound(first);
      if (victim == claims.end()) victim = claims.begin();
      release_region(victim->first, victim->second - victim->first + 1);
      claims.erase(victim);
    }
    ASSERT_EQ(fake_heap.objects, static_cast<long>(claims.size()));
    if (step % 64 == 0) {
      ASSERT_NO_FATAL_FAILURE(agree());
    }
    machine_.log.clear();
  }
  agree();
  EXPECT_GT(granted, kSteps / 8);
  EXPECT_GT(refused, kSteps / 20);
  EXPECT_GT(wrong_releases, kSteps / 50);
  EXPECT_EQ(machine_.bugs.size(), wrong_releases);
  for (const auto& [first, last] : claims) release_region(first, last - first + 1);
  for (resource& window : windows) EXPECT_EQ(release_resource(&window), 0);
}

// Ranges entered in any order form the same nesting; only those that cross another are refused.
TEST_F(Resources, RandomInsertionsNest) {
  std::mt19937 random(7);
  for (unsigned round = 0; round < 2000; round++) {
    resource root = range(0, 255, "root");
    std::vector<resource> nodes(24);
    unsigned entered = 0;
    for (resource& node : nodes) {
      const unsigned start = random() % 256;
      const unsigned size = 1 + random() % (random() % 3 == 0 ? 128 : 16);
      node = range(start, start + size - 1, "n");
      bool expected = node.end <= 255;
      for (const resource& other : nodes) {
        if (other.parent == nullptr || &other == &node) continue;
        const bool apart = node.end < other.start || other.end < node.start;
        const bool inside = node.start >= other.start && node.end <= other.end;
        const bool around = other.start >= node.start && other.end <= node.end;
        if (!apart && !inside && !around) expected = false;
      }
      ASSERT_EQ(insert_resource(&root, &node) == 0, expected);
      entered += expected;
      ASSERT_EQ(check_links(root), entered);
    }
    machine_.log.clear();
  }
}

}  // namespace
}  // namespace memio
