// Managed resources, binding and interrupts: a probe that takes several of every kind, made to fail at each
// of its steps, must leave nothing behind and give back newest first.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/proc_fs.h>

#include <set>

#include "fake_heap.h"
#include "fake_machine.h"
#include "kernel/device.h"
#include "kernel/interrupt.h"

namespace memio {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::set<unsigned> lines_on;

unsigned count_nodes(const resource& parent) {
  unsigned count = 0;
  for (const resource* at = parent.child; at != nullptr; at = at->sibling) count += 1 + count_nodes(*at);
  return count;
}

// All that a driver can hold.
struct Holdings {
  long objects;
  long mappings;
  unsigned ports;
  unsigned ranges;
  std::set<unsigned> lines;

  static Holdings now() {
    return {fake_heap.objects, fake_heap.mappings, count_nodes(ioport_resource), count_nodes(iomem_resource),
            lines_on};
  }
  // Whether nothing that was taken after `other` is left. The objects are left out: the block of a managed
  // resource is freed after its release function.
  bool same_resources(const Holdings& other) const {
    return mappings == other.mappings && ports == other.ports && ranges == other.ranges &&
           lines == other.lines;
  }
};

constexpr unsigned kRounds = 3;  // of each kind in the probe

// What was held when the `number`th mark was set; checked when its turn to be released comes.
struct Mark {
  unsigned number;
  Holdings held;
};
std::vector<Mark> marks;

void release_mark(void* data) {
  const Mark& mark = *static_cast<const Mark*>(data);
  EXPECT_TRUE(Holdings::now().same_resources(mark.held)) << "mark " << mark.number;
  fake_heap.released.push_back(std::to_string(mark.number));
}

int set_mark(device* dev) {
  marks.push_back({static_cast<unsigned>(marks.size()), Holdings::now()});
  return devm_add_action(dev, release_mark, &marks.back());
}

irqreturn_t handler(int, void* dev_id) {
  ++*static_cast<unsigned*>(dev_id);
  return IRQ_HANDLED;
}

unsigned interrupts;

// Each resource is followed by a mark.
int probe(platform_device* pdev) {
  device* dev = &pdev->dev;
  marks.clear();
  marks.reserve(100);
  const unsigned long base =
      static_cast<unsigned long>(platform_get_resource(pdev, IORESOURCE_MEM, 0)->start);
  for (unsigned i = 0; i < kRounds; i++) {
    int error;
    if (devm_kzalloc(dev, 100 * (i + 1), GFP_KERNEL) == nullptr) return -ENOMEM;
    if ((error = set_mark(dev)) != 0) return error;
    if (devm_request_region(dev, 0x300 + 8 * i, 8, "ports") == nullptr) return -EBUSY;
    if ((error = set_mark(dev)) != 0) return error;
    if (devm_request_mem_region(dev, base + 0x100 * i, 0x100, "registers") == nullptr) return -EBUSY;
    if ((error = set_mark(dev)) != 0) return error;
    if (devm_ioremap(dev, base + 0x100 * i, 0x100) == nullptr) return -ENOMEM;
    if ((error = set_mark(dev)) != 0) return error;
    if (devm_ioremap_nocache(dev, base + 0x100 * i, 0x80) == nullptr) return -ENOMEM;
    if ((error = set_mark(dev)) != 0) return error;
    error = devm_request_irq(dev, 20 + i, handler, 0, "test", &interrupts);
    if (error != 0 || (error = set_mark(dev)) != 0) return error;
    error = devm_request_irq(dev, 30, handler, IRQF_SHARED, "shared", &marks[i]);
    if (error != 0 || (error = set_mark(dev)) != 0) return error;
    const resource window = {base + 0x1000 * (i + 1),
                             base + 0x1000 * (i + 1) + 0xff,
                             "window",
                             IORESOURCE_MEM,
                             nullptr,
                             nullptr,
                             nullptr};
    void* mapped = devm_ioremap_resource(dev, &window);
    if (IS_ERR(mapped)) return static_cast<int>(PTR_ERR(mapped));
    if ((error = set_mark(dev)) != 0) return error;
  }
  platform_set_drvdata(pdev, &interrupts);
  return 0;
}

unsigned removed;
int remove(platform_device* pdev) {
  EXPECT_EQ(platform_get_drvdata(pdev), &interrupts);
  EXPECT_EQ(marks.size(), kRounds * 8) << "everything is still held";
  removed++;
  return 0;
}

const of_device_id kMatches[] = {{"test,other", nullptr}, {"test,device", nullptr}, {nullptr, nullptr}};
const char kCompatible[] = "test,newer\0test,device";

class Managed : public ::testing::Test {
 protected:
  Managed() {
    fake_heap = {};
    lines_on.clear();
    removed = 0;
    irq_chip_set(
        {"TEST", 40, [](unsigned irq) { lines_on.erase(irq); }, [](unsigned irq) { lines_on.insert(irq); }});
    pdev_.name = "test@50000000";
    pdev_.compatible = kCompatible;
    pdev_.compatible_size = sizeof kCompatible;
    pdev_.num_resources = 3;
    pdev_.resource = resources_;
    EXPECT_EQ(platform_device_register(&pdev_), 0);
    start_ = Holdings::now();
  }
  ~Managed() override {
    expect_nothing_held();
    platform_device_unregister(&pdev_);
    EXPECT_EQ(count_nodes(iomem_resource) + count_nodes(ioport_resource), 0u);
    EXPECT_EQ(fake_heap.objects, 0);
  }

  void expect_nothing_held() const {
    const Holdings held = Holdings::now();
    EXPECT_TRUE(held.same_resources(start_));
    EXPECT_EQ(held.objects, start_.objects);
    EXPECT_TRUE(list_empty(&pdev_.dev.devres_head));
  }

  // Released from the newest mark to the oldest.
  static void expect_reverse_order() {
    for (size_t i = 0; i < fake_heap.released.size(); i++) {
      EXPECT_EQ(fake_heap.released[i], std::to_string(fake_heap.released.size() - 1 - i));
    }
  }

  FakeMachine machine_{1 << 20};
  resource resources_[3] = {
      {0x50000000, 0x5000ffff, "test@50000000", IORESOURCE_MEM, nullptr, nullptr, nullptr},
      {0x300, 0x37f, "test@50000000", IORESOURCE_IO, nullptr, nullptr, nullptr},
      {21, 21, "test@50000000", IORESOURCE_IRQ, nullptr, nullptr, nullptr}};
  platform_device pdev_ = {};
  platform_driver driver_ = make_driver("test-driver", kMatches, probe, remove);
  Holdings start_;
};

TEST_F(Managed, AProbeThatFailsAtAnyStepLeavesNothing) {
  long fail_at = 0;
  for (;; fail_at++) {
    fake_heap.steps = 0;
    fake_heap.fail_at = fail_at;
    fake_heap.released.clear();
    machine_.log.clear();
    platform_driver_register(&driver_);
    if (pdev_.dev.driver != nullptr) break;
    ASSERT_EQ(fake_heap.steps, fail_at + 1) << "the probe went on after a failure";
    expect_nothing_held();
    expect_reverse_order();
    EXPECT_EQ(pdev_.dev.driver_data, nullptr);
    EXPECT_THAT(machine_.log, HasSubstr("test-driver: test@50000000 not usable (error "));
    platform_driver_unregister(&driver_);
  }
  // A round: 9 managed blocks and 8 marks, 3 claims, 3 mappings, 2 handlers.
  EXPECT_EQ(fail_at, static_cast<long>(kRounds) * 25);
  EXPECT_EQ(removed, 0u);
  EXPECT_EQ(lines_on, (std::set<unsigned>{20, 21, 22, 30}));
  fake_heap.fail_at = -1;
  fake_heap.released.clear();
  EXPECT_EQ(device_unbind("test@50000000"), 0);
  EXPECT_EQ(removed, 1u);
  EXPECT_EQ(fake_heap.released.size(), kRounds * 8);
  expect_reverse_order();
  expect_nothing_held();
  EXPECT_TRUE(machine_.bugs.empty());
  platform_driver_unregister(&driver_);
}

TEST_F(Managed, AProbeThatMeetsAConflictLeavesNothing) {
  const auto expect_refused = [&](const char* message) {
    const Holdings before = Holdings::now();
    machine_.log.clear();
    fake_heap.released.clear();
    platform_driver_register(&driver_);
    EXPECT_EQ(pdev_.dev.driver, nullptr);
    EXPECT_THAT(machine_.log, HasSubstr(message));
    EXPECT_TRUE(Holdings::now().same_resources(before));
    EXPECT_EQ(Holdings::now().objects, before.objects);
    expect_reverse_order();
    platform_driver_unregister(&driver_);
  };
  for (unsigned i = 0; i < kRounds; i++) {
    ASSERT_NE(request_region(0x304 + 8 * i, 1, "thief"), nullptr);
    expect_refused("conflicts with thief 0x3");
    release_region(0x304 + 8 * i, 1);
    ASSERT_NE(request_mem_region(0x50000000 + 0x100 * i, 1, "thief"), nullptr);
    expect_refused("registers: region 0x50000");
    release_mem_region(0x50000000 + 0x100 * i, 1);
    ASSERT_NE(request_mem_region(0x50001080 + 0x1000 * i, 4, "thief"), nullptr);
    expect_refused("test@50000000: region 0x5000");
    release_mem_region(0x50001080 + 0x1000 * i, 4);
    ASSERT_EQ(request_irq(20 + i, handler, IRQF_SHARED, "thief", &interrupts), 0);
    expect_refused("is taken by thief and not shared\n");
    free_irq(20 + i, &interrupts);
  }
  ASSERT_EQ(request_irq(30, handler, 0, "owner", &interrupts), 0);
  expect_refused("shared: interrupt 30 is taken by owner and not shared\n");
  free_irq(30, &interrupts);
  EXPECT_TRUE(machine_.bugs.empty());
}

TEST_F(Managed, DevicesCanBeDetachedAndAttachedAgain) {
  platform_driver_register(&driver_);
  for (unsigned i = 1; i <= 3; i++) {
    EXPECT_EQ(device_bind("test@50000000"), -EBUSY);
    EXPECT_EQ(device_unbind("test@50000000"), 0);
    expect_nothing_held();
    EXPECT_EQ(device_unbind("test@50000000"), -ENODEV);
    EXPECT_EQ(device_bind("test@50000000"), 0);
    EXPECT_EQ(removed, i);
  }
  EXPECT_EQ(device_bind("nobody@0"), -ENODEV);
  std::string seen;
  for_each_device(
      [](const platform_device* pdev, void* data) {
        *static_cast<std::string*>(data) += std::string(pdev->name) + " " + pdev->dev.driver->name;
      },
      &seen);
  EXPECT_EQ(seen, "test@50000000 test-driver");
  platform_driver_unregister(&driver_);
  EXPECT_EQ(pdev_.dev.driver, nullptr);
}

TEST_F(Managed, ADriverThatDeclinesLeavesTheDeviceToTheNext) {
  platform_driver picky = make_driver(
      "picky", kMatches, [](platform_device*) { return -ENODEV; }, nullptr);
  platform_driver_register(&picky);
  platform_driver_register(&driver_);
  ASSERT_EQ(pdev_.dev.driver, &driver_.driver);
  machine_.log.clear();
  report_idle_drivers();
  EXPECT_EQ(machine_.log, "picky: no such device, skipped\n");
  platform_driver_unregister(&driver_);
  platform_driver_unregister(&picky);
}

TEST_F(Managed, OneResourceCanBeGivenBackEarly) {
  device* dev = &pdev_.dev;
  void* memory = devm_kmalloc(dev, 10, GFP_KERNEL);
  devm_request_region(dev, 0x300, 8, "ports");
  void* mapped = devm_ioremap(dev, 0x50000000, 16);
  devm_request_irq(dev, 20, handler, 0, "test", &interrupts);
  devm_kfree(dev, memory);
  devm_release_region(dev, 0x300, 8);
  devm_iounmap(dev, mapped);
  devm_free_irq(dev, 20, &interrupts);
  expect_nothing_held();
  EXPECT_TRUE(machine_.bugs.empty());
  devm_kfree(dev, memory);
  devm_release_region(dev, 0x300, 8);
  devm_release_mem_region(dev, 0x300, 8);
  devm_iounmap(dev, mapped);
  devm_free_irq(dev, 20, &interrupts);
  EXPECT_THAT(machine_.bugs, ElementsAre(HasSubstr("devm_kfree: test@50000000 has no such managed resource"),
                                         HasSubstr("devm_release_region: test@50000000"),
                                         HasSubstr("devm_release_mem_region: test@50000000"),
                                         HasSubstr("devm_iounmap: test@50000000"),
                                         HasSubstr("devm_free_irq: test@50000000")));
}

TEST_F(Managed, ManagedMemoryIsClearedAndAligned) {
  for (size_t size : {1u, 31u, 33u, 5000u}) {
    auto* bytes = static_cast<unsigned char*>(devm_kzalloc(&pdev_.dev, size, GFP_KERNEL));
    EXPECT_EQ(reinterpret_cast<unsigned long>(bytes) % 16, 0u);
    for (size_t i = 0; i < size; i++) ASSERT_EQ(bytes[i], 0);
  }
  EXPECT_EQ(devm_kmalloc(&pdev_.dev, ~size_t{0}, GFP_KERNEL), nullptr);
  EXPECT_EQ(devres_release_all(&pdev_.dev), 4);
}

TEST_F(Managed, PlatformResourcesAreFoundByKindAndIndex) {
  EXPECT_EQ(platform_get_resource(&pdev_, IORESOURCE_MEM, 0), &resources_[0]);
  EXPECT_EQ(platform_get_resource(&pdev_, IORESOURCE_MEM, 1), nullptr);
  EXPECT_EQ(platform_get_resource(&pdev_, IORESOURCE_IO, 0), &resources_[1]);
  EXPECT_EQ(platform_get_irq(&pdev_, 0), 21);
  EXPECT_EQ(platform_get_irq(&pdev_, 1), -ENXIO);
}

TEST_F(Managed, SharedHandlersAreAllCalledAndEachCanLeave) {
  unsigned first = 0, second = 0;
  EXPECT_EQ(request_irq(5, handler, IRQF_SHARED, "first", nullptr), -EINVAL);
  ASSERT_EQ(request_irq(5, handler, IRQF_SHARED, "first", &first), 0);
  ASSERT_EQ(request_irq(5, handler, IRQF_SHARED, "second", &second), 0);
  irq_dispatch(5);
  free_irq(5, &first);
  irq_dispatch(5);
  EXPECT_EQ(first, 1u);
  EXPECT_EQ(second, 2u);
  EXPECT_EQ(lines_on, std::set<unsigned>{5});
  free_irq(5, &second);
  EXPECT_TRUE(lines_on.empty());
  free_irq(5, &second);
  EXPECT_THAT(machine_.bugs, ElementsAre(HasSubstr("Trying to free already-free IRQ 5, by ")));
}

TEST_F(Managed, DisabledLinesNest) {
  unsigned count = 0;
  ASSERT_EQ(request_irq(7, handler, 0, "seven", &count), 0);
  disable_irq(7);
  disable_irq(7);
  EXPECT_TRUE(lines_on.empty());
  enable_irq(7);
  EXPECT_TRUE(lines_on.empty());
  enable_irq(7);
  EXPECT_EQ(lines_on, std::set<unsigned>{7});
  enable_irq(7);
  EXPECT_THAT(machine_.bugs, ElementsAre("Unbalanced enable for IRQ 7"));
  free_irq(7, &count);
  EXPECT_EQ(request_irq(40, handler, 0, "none", &count), -EINVAL);
  EXPECT_EQ(request_irq(0, handler, 0, "none", &count), -EINVAL);
}

TEST_F(Managed, ALineNobodyHandlesIsSwitchedOff) {
  unsigned calls = 0;
  const irq_handler_t not_mine = [](int, void* dev_id) {
    ++*static_cast<unsigned*>(dev_id);
    return IRQ_NONE;
  };
  ASSERT_EQ(request_irq(9, not_mine, 0, "nine", &calls), 0);
  const unsigned long before = irq_spurious_count();
  for (unsigned i = 1; i < kMaxUnhandled; i++) irq_dispatch(9);
  EXPECT_EQ(lines_on, std::set<unsigned>{9});
  irq_dispatch(9);
  EXPECT_TRUE(lines_on.empty());
  EXPECT_EQ(calls, 1000u);
  EXPECT_EQ(irq_spurious_count() - before, 1000u);
  EXPECT_THAT(machine_.bugs, ElementsAre("irq 9: nobody cared, switched off"));
  free_irq(9, &calls);
}

}  // namespace
}  // namespace memio
