// The driver of the device to copy: its probe lets the device multiply and sleeps until the interrupt.
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/platform_device.h>

#define A 0x00
#define B 0x04
#define PRODUCT 0x08
#define DONE 0x10

struct example {
  void __iomem* registers;
  struct completion done;
};

static irqreturn_t example_interrupt(int irq, void* dev_id) {
  struct example* example = dev_id;
  writel(1, example->registers + DONE);
  complete(&example->done);
  return IRQ_HANDLED;
}

static int example_probe(struct platform_device* pdev) {
  struct device* dev = &pdev->dev;
  struct example* example = devm_kzalloc(dev, sizeof(*example), GFP_KERNEL);
  if (!example) return -ENOMEM;
  example->registers = devm_ioremap_resource(dev, platform_get_resource(pdev, IORESOURCE_MEM, 0));
  if (IS_ERR(example->registers)) return PTR_ERR(example->registers);
  init_completion(&example->done);
  if (devm_request_irq(dev, platform_get_irq(pdev, 0), example_interrupt, 0, "example", example))
    return -EBUSY;
  writel(6, example->registers + A);
  writel(7, example->registers + B);
  if (!wait_for_completion_timeout(&example->done, HZ)) return -EIO;
  dev_info(dev, "6 * 7 = %u\n", readl(example->registers + PRODUCT));
  return 0;
}

static const struct of_device_id example_matches[] = {{.compatible = "memio,example"}, {}};
static struct platform_driver example_driver = {
    .probe = example_probe,
    .driver = {.name = "example", .of_match_table = example_matches},
};
module_platform_driver(example_driver);
