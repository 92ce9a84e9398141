// memio's accelerator (docs/devices.md) as /dev/accel0: one job at a time, whoever asks. The words of a job
// pass a buffer of the driver's; they reach the device by stores of this CPU or by a DMA channel
// (accelerator_dma.c).
#include "accelerator.h"

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/jiffies.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "memio/accelerator.h"

static DEFINE_MUTEX(one_job);
static struct accelerator* accelerator;  // of the one device that programs can reach; null: none

static irqreturn_t accel_interrupt(int irq, void* dev_id) {
  struct accelerator* accel = dev_id;
  (void)irq;
  if (!(readl(accel->registers + ACCEL_STATUS) & ACCEL_DONE)) return IRQ_NONE;
  writel(ACCEL_DONE, accel->registers + ACCEL_STATUS);
  complete(&accel->done);
  return IRQ_HANDLED;
}

static void accel_begin(struct accelerator* accel, unsigned command, unsigned size, unsigned mode) {
  INIT_COMPLETION(accel->done);
  writel(ACCEL_DONE | ACCEL_ERROR, accel->registers + ACCEL_STATUS);
  writel(mode == ACCEL_DMA ? ACCEL_INTERRUPT : 0, accel->registers + ACCEL_CONTROL);
  writel(size, accel->registers + ACCEL_SIZE);
  writel(command, accel->registers + ACCEL_COMMAND);
}

// Stores `words` words, as many at a time as the device says it takes.
static void accel_push(struct accelerator* accel, const u32* from, unsigned words) {
  unsigned room = 0;
  while (words-- > 0) {
    while (room == 0) room = readl(accel->registers + ACCEL_STATUS) >> 8 & 0xff;
    room--;
    writel_relaxed(*from++, accel->registers + ACCEL_DATA);
  }
}

// Brings `bytes` bytes of user memory to the device, a buffer at a time.
static int accel_send(struct accelerator* accel, const void __user* from, unsigned bytes, unsigned mode) {
  while (bytes > 0) {
    const unsigned piece = bytes < ACCEL_BUFFER ? bytes : ACCEL_BUFFER;
    const unsigned words = (piece + 3) / 4;
    int error = 0;
    if (copy_from_user(accel->buffer, from, piece)) return -EFAULT;
    if (mode == ACCEL_DMA)
      error = accel_dma_send(accel, words);
    else
      accel_push(accel, accel->buffer, words);
    if (error) return error;
    from += piece;
    bytes -= piece;
  }
  return 0;
}

// Waits for the end of the job in hand.
static int accel_finish(struct accelerator* accel, unsigned mode) {
  u32 status;
  if (mode == ACCEL_DMA && !wait_for_completion_timeout(&accel->done, HZ)) return -EIO;
  do status = readl(accel->registers + ACCEL_STATUS);
  while (mode == ACCEL_POLLED && !(status & (ACCEL_DONE | ACCEL_ERROR)));
  return status & ACCEL_ERROR ? -EIO : 0;
}

static int accel_receive(struct accelerator* accel, void __user* to, unsigned words, unsigned mode) {
  unsigned i;
  int error = 0;
  if (mode == ACCEL_DMA)
    error = accel_dma_receive(accel, words);
  else
    for (i = 0; i < words; i++) accel->buffer[i] = readl_relaxed(accel->registers + ACCEL_DATA);
  if (error) return error;
  return copy_to_user(to, accel->buffer, 4 * words) ? -EFAULT : 0;
}

static long accel_crc32(struct accelerator* accel, void __user* argument) {
  struct accel_crc32 job;
  int error;
  if (copy_from_user(&job, argument, sizeof(job))) return -EFAULT;
  if (job.mode > ACCEL_DMA || job.bytes == 0) return -EINVAL;
  accel_begin(accel, ACCEL_COMMAND_CRC32, job.bytes, job.mode);
  error = accel_send(accel, job.data, job.bytes, job.mode);
  if (!error) error = accel_finish(accel, job.mode);
  job.result = readl(accel->registers + ACCEL_RESULT);
  if (error) return error;
  return copy_to_user(argument, &job, sizeof(job)) ? -EFAULT : 0;
}

static long accel_multiply(struct accelerator* accel, void __user* argument) {
  struct accel_multiply job;
  unsigned words;
  int error;
  if (copy_from_user(&job, argument, sizeof(job))) return -EFAULT;
  if (job.mode > ACCEL_DMA || job.rows == 0 || job.rows > ACCEL_MOST_ROWS) return -EINVAL;
  words = job.rows * job.rows;
  accel_begin(accel, ACCEL_COMMAND_MULTIPLY, job.rows, job.mode);
  error = accel_send(accel, job.left, 4 * words, job.mode);
  if (!error) error = accel_send(accel, job.right, 4 * words, job.mode);
  if (!error) error = accel_finish(accel, job.mode);
  return error ? error : accel_receive(accel, job.product, words, job.mode);
}

static long accel_ioctl(struct file* file, unsigned command, unsigned long argument) {
  long result = -ENOTTY;
  (void)file;
  mutex_lock(&one_job);
  if (!accelerator)
    result = -ENODEV;
  else if (command == ACCEL_CRC32)
    result = accel_crc32(accelerator, (void __user*)argument);
  else if (command == ACCEL_MULTIPLY)
    result = accel_multiply(accelerator, (void __user*)argument);
  // Whatever went wrong, the device is ready for the next job.
  if (accelerator && result < 0) writel(ACCEL_COMMAND_STOP, accelerator->registers + ACCEL_COMMAND);
  mutex_unlock(&one_job);
  return result;
}

static const struct file_operations accel_operations = {.unlocked_ioctl = accel_ioctl};
static struct miscdevice accel_misc;  // filled in by probe: the kernel has no initialised data

static int accel_probe(struct platform_device* pdev) {
  struct device* dev = &pdev->dev;
  struct accelerator* accel = devm_kzalloc(dev, sizeof(*accel), GFP_KERNEL);
  int irq = platform_get_irq(pdev, 0);
  int error;
  if (!accel) return -ENOMEM;
  if (accelerator) return -EBUSY;
  accel->dev = dev;
  accel->buffer = devm_kmalloc(dev, ACCEL_BUFFER, GFP_KERNEL);
  if (!accel->buffer) return -ENOMEM;
  accel->registers = devm_ioremap_resource(dev, platform_get_resource(pdev, IORESOURCE_MEM, 0));
  if (IS_ERR(accel->registers)) return PTR_ERR(accel->registers);
  init_completion(&accel->done);
  if (irq < 0) return irq;
  error = devm_request_irq(dev, irq, accel_interrupt, 0, "accelerator", accel);
  if (error) return error;
  accel_dma_open(accel, platform_get_resource(pdev, IORESOURCE_MEM, 0)->start);
  accel_misc = (struct miscdevice){MISC_DYNAMIC_MINOR, "accel0", &accel_operations, NULL};
  error = misc_register(&accel_misc);
  if (error) {
    accel_dma_close(accel);
    return error;
  }
  accelerator = accel;
  platform_set_drvdata(pdev, accel);
  dev_info(dev, "/dev/accel0, irq %d, %s DMA\n", irq, accel_has_dma(accel) ? "with" : "without");
  return 0;
}

static int accel_remove(struct platform_device* pdev) {
  struct accelerator* accel = platform_get_drvdata(pdev);
  mutex_lock(&one_job);
  accelerator = NULL;
  misc_deregister(&accel_misc);
  writel(0, accel->registers + ACCEL_CONTROL);
  writel(ACCEL_COMMAND_STOP, accel->registers + ACCEL_COMMAND);
  accel_dma_close(accel);
  mutex_unlock(&one_job);
  return 0;
}

static const struct of_device_id accel_matches[] = {{.compatible = "memio,accelerator"}, {}};
MODULE_DEVICE_TABLE(of, accel_matches);

static struct platform_driver accel_driver = {
    .probe = accel_probe,
    .remove = accel_remove,
    .driver = {.name = "accelerator", .of_match_table = accel_matches},
};
module_platform_driver(accel_driver);

MODULE_LICENSE("Apache-2.0");
MODULE_DESCRIPTION("CRC-32 and matrix products in hardware");
