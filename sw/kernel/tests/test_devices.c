// Devices and drivers on the real machine: what is bound, detaching and attaching, interrupts after that, and
// what /proc shows of it. On memio's default machine.
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/proc_fs.h>

#include "ktest.h"
#include "string.h"

static char text[4096];
static size_t text_length;

static void keep(struct seq_file* file, const char* piece, size_t length) {
  (void)file;
  if (length > sizeof(text) - 1 - text_length) length = sizeof(text) - 1 - text_length;
  memcpy(text + text_length, piece, length);
  text_length += length;
  text[text_length] = 0;
}

// Whether /proc/`name` has `wanted` in it.
static bool proc_has(const char* name, const char* wanted) {
  struct seq_file file = {keep, NULL};
  struct proc_dir_entry* entry = proc_find(name);
  size_t i;
  text_length = 0;
  if (entry == NULL || entry->show(&file, entry->data) != 0) return false;
  for (i = 0; i < text_length; i++) {
    if (strncmp(text + i, wanted, strlen(wanted)) == 0) return true;
  }
  return false;
}

static void count_bound(const struct platform_device* pdev, void* data) {
  if (pdev->dev.driver != NULL) ++*(unsigned*)data;
}

static unsigned bound_devices(void) {
  unsigned count = 0;
  for_each_device(count_bound, &count);
  return count;
}

KTEST(devices_show_in_proc) {
  EXPECT(proc_has("iomem", "\n00101000-00101fff : rtc@101000\n  00101000-00101fff : goldfish-rtc\n"));
  EXPECT(proc_has("iomem", "\n10000000-100000ff : serial@10000000\n  10000000-100000ff : uart16550\n"));
  EXPECT(proc_has("iomem", "\n80000000-"));
  EXPECT(proc_has("iomem", " : System RAM\n  80000000-"));
  EXPECT(proc_has("iomem", " : Kernel code\n"));
  EXPECT(proc_has("ioports", "0040-0043 : timer@40\n  0040-0043 : pit\n0070-0071 : rtc@70\n"));
  EXPECT(proc_has("ioports", "\n03f8-03ff : serial@3f8\n  03f8-03ff : port-uart\n"));
  EXPECT(proc_has("interrupts", "\n 11: "));
  EXPECT(proc_has("interrupts", "  PLIC  11  goldfish-rtc\n"));
  EXPECT(proc_has("interrupts", "\nERR:          0\n"));
}

// The probe takes an alarm interrupt, so a bind that succeeds has tried the interrupt as well.
KTEST(devices_rtc_unbind_and_bind) {
  const unsigned bound = bound_devices();
  int round;
  for (round = 0; round < 3; round++) {
    EXPECT_EQ(0, device_unbind("rtc@101000"));
    EXPECT_EQ(-ENODEV, device_unbind("rtc@101000"));
    EXPECT_EQ(bound - 1, bound_devices());
    EXPECT(proc_has("iomem", "\n00101000-00101fff : rtc@101000\n02000000-"));
    EXPECT(!proc_has("interrupts", "goldfish-rtc"));
    EXPECT_EQ(0, device_bind("rtc@101000"));
    EXPECT_EQ(-EBUSY, device_bind("rtc@101000"));
    EXPECT(proc_has("iomem", ": goldfish-rtc\n"));
    EXPECT(proc_has("interrupts", "goldfish-rtc"));
  }
  EXPECT_EQ(bound, bound_devices());
  EXPECT_EQ(-ENODEV, device_bind("rtc@0"));
  EXPECT_EQ(-ENODEV, device_unbind("rtc@0"));
}

// Every driver, the console's too: while it is detached the firmware prints.
KTEST(devices_all_unbind_and_bind) {
  static const char* const names[] = {"gpio@10020000",   "timer@40",   "rtc@70",   "debug@80",
                                      "serial@10000000", "serial@3f8", "reset@cf9"};
  const unsigned bound = bound_devices();
  unsigned i;
  for (i = 0; i < ARRAY_SIZE(names); i++) {
    EXPECT_EQ(0, device_unbind(names[i]));
    EXPECT_EQ(0, device_bind(names[i]));
  }
  EXPECT_EQ(bound, bound_devices());
}

// A device of another driver's ports: its probe meets the claim, and leaves nothing behind.
KTEST(devices_probe_meets_a_conflict) {
  EXPECT_EQ(0, device_unbind("timer@40"));
  EXPECT(request_region(0x43, 1, "thief") != NULL);
  EXPECT_EQ(-ENODEV, device_bind("timer@40"));
  EXPECT(!proc_has("interrupts", "  pit\n"));
  release_region(0x43, 1);
  EXPECT_EQ(0, device_bind("timer@40"));
  EXPECT(proc_has("interrupts", "  pit\n"));
}

static irqreturn_t never(int irq, void* dev_id) {
  (void)irq;
  (void)dev_id;
  return IRQ_NONE;
}

KTEST(devices_interrupt_requests) {
  int cookie;
  EXPECT_EQ(-EBUSY, request_irq(11, never, 0, "test", &cookie));
  EXPECT_EQ(-EBUSY, request_irq(11, never, IRQF_SHARED, "test", &cookie));
  EXPECT_EQ(-EINVAL, request_irq(0, never, 0, "test", &cookie));
  EXPECT_EQ(-EINVAL, request_irq(96, never, 0, "test", &cookie));
  EXPECT_EQ(0, request_irq(77, never, IRQF_SHARED, "first", &cookie));
  EXPECT_EQ(0, request_irq(77, never, IRQF_SHARED, "second", text));
  EXPECT(proc_has("interrupts", "\n 77:          0  PLIC  77  first, second\n"));
  free_irq(77, &cookie);
  free_irq(77, text);
  free_irq(77, text);
  EXPECT_BUGS(1);
}

static unsigned bound_at_start;

static int __init remember_bound(void) {
  bound_at_start = bound_devices();
  return 0;
}
module_init(remember_bound);

KTEST(devices_are_there_when_start_functions_run) { EXPECT_EQ(bound_devices(), bound_at_start); }

// A driver as its author would write it, registered at run time, for a device that has no other.
static int finisher_fails_at;  // step of the probe, from 1; 0: none

static void note_release(void* data) { ++*(unsigned*)data; }
static unsigned released;

static int finisher_probe(struct platform_device* pdev) {
  struct device* dev = &pdev->dev;
  struct resource* range = platform_get_resource(pdev, IORESOURCE_MEM, 0);
  int step = 0;
  if (devm_add_action(dev, note_release, &released) || ++step == finisher_fails_at) return -ENOMEM;
  if (!devm_kzalloc(dev, 300, GFP_KERNEL) || ++step == finisher_fails_at) return -ENOMEM;
  if (!devm_request_mem_region(dev, range->start, 0x800, "first half") || ++step == finisher_fails_at)
    return -EBUSY;
  if (!devm_ioremap(dev, range->start, 0x800) || ++step == finisher_fails_at) return -ENOMEM;
  if (!devm_request_region(dev, 0x5000, 16, "ports") || ++step == finisher_fails_at) return -EBUSY;
  if (devm_request_irq(dev, 70, never, 0, "finisher", pdev) || ++step == finisher_fails_at) return -EBUSY;
  return 0;
}

static const struct of_device_id finisher_matches[] = {{.compatible = "sifive,test0"}, {}};
static struct platform_driver finisher_driver = {
    .probe = finisher_probe,
    .driver = {.name = "finisher", .of_match_table = finisher_matches},
};

KTEST(devices_probe_fails_at_each_step) {
  for (finisher_fails_at = 1; finisher_fails_at <= 6; finisher_fails_at++) {
    released = 0;
    EXPECT_EQ(0, platform_driver_register(&finisher_driver));
    EXPECT_EQ(1, released);
    EXPECT(!proc_has("iomem", "first half"));
    EXPECT(!proc_has("ioports", "ports\n"));
    EXPECT(!proc_has("interrupts", "finisher"));
    platform_driver_unregister(&finisher_driver);
  }
  finisher_fails_at = 0;
  released = 0;
  platform_driver_register(&finisher_driver);
  EXPECT(proc_has("iomem", "00100000-00100fff : test@100000\n  00100000-001007ff : first half\n"));
  EXPECT(proc_has("ioports", "5000-500f : ports\n"));
  EXPECT(proc_has("interrupts", "\n 70:          0  PLIC  70  finisher\n"));
  EXPECT_EQ(0, released);
  platform_driver_unregister(&finisher_driver);
  EXPECT_EQ(1, released);
  EXPECT(!proc_has("iomem", "first half"));
}
