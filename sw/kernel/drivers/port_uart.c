// A further 16550 UART in port space (PC16550D data sheet), used for output only. It shows the flow of a
// driver for ports, with everything given back by hand: request_region, inb and outb, release_region.
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/serial_reg.h>
#include <linux/slab.h>

struct port_uart {
  unsigned base;
  unsigned count;
};

static const char greeting[] = "memio: second line, through port space\n";

// The scratch register holds what is written to it: enough to tell a UART from an empty port.
static bool is_uart(const struct port_uart* uart) {
  static const u8 patterns[] = {0x55, 0xAA};
  unsigned i;
  for (i = 0; i < ARRAY_SIZE(patterns); i++) {
    outb(patterns[i], uart->base + UART_SCR);
    if (inb(uart->base + UART_SCR) != patterns[i]) return false;
  }
  return true;
}

static int port_uart_probe(struct platform_device* pdev) {
  struct resource* ports = platform_get_resource(pdev, IORESOURCE_IO, 0);
  struct port_uart* uart;
  int error = -EBUSY;

  if (!ports) return -ENODEV;
  uart = kzalloc(sizeof(*uart), GFP_KERNEL);
  if (!uart) return -ENOMEM;
  uart->base = ports->start;
  uart->count = resource_size(ports);

  if (!request_region(uart->base, uart->count, "port-uart")) goto free_uart;
  error = -EIO;
  if (!is_uart(uart)) goto release_ports;
  outb(UART_LCR_WLEN8, uart->base + UART_LCR);
  outb(UART_FCR_ENABLE_FIFO | UART_FCR_CLEAR_RCVR | UART_FCR_CLEAR_XMIT, uart->base + UART_FCR);
  outsb(uart->base + UART_TX, greeting, sizeof(greeting) - 1);
  platform_set_drvdata(pdev, uart);
  printk(KERN_INFO "port-uart: 16550 at port 0x%x\n", uart->base);
  return 0;

release_ports:
  release_region(uart->base, uart->count);
free_uart:
  kfree(uart);
  return error;
}

static int port_uart_remove(struct platform_device* pdev) {
  struct port_uart* uart = platform_get_drvdata(pdev);
  release_region(uart->base, uart->count);
  kfree(uart);
  return 0;
}

static const struct of_device_id port_uart_matches[] = {{.compatible = "ns16550a"}, {}};
MODULE_DEVICE_TABLE(of, port_uart_matches);

static struct platform_driver port_uart_driver = {
    .probe = port_uart_probe,
    .remove = port_uart_remove,
    .driver = {.name = "port-uart", .of_match_table = port_uart_matches},
};
module_platform_driver(port_uart_driver);

MODULE_LICENSE("Apache-2.0");
MODULE_DESCRIPTION("16550 UART in port space");
