// A driver in plain C, written as text books show the API of Linux 2.6: a slab cache with an example object,
// a memory pool over it, the flow of ports, the flow of I/O memory with an interrupt handler that allocates,
// and the walk through a user program's page table. It must compile and run as it stands. Its device is
// memio's GPIO block; the ports are those of the CMOS RTC. Their own drivers are detached meanwhile.
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mmu_context.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "ktest.h"

struct xxx {
  int count;
  char name[28];
};

static kmem_cache_t* xxx_cachep;
static mempool_t* xxx_pool;
static void* xxx_base;
static struct xxx* from_handler;

// clang-format off
static int
pin_page_for_write(const void __user *_addr, pte_t **ptep, spinlock_t **ptlp)
{
    unsigned long addr = (unsigned long)_addr;
    pgd_t *pgd;
    pmd_t *pmd;
    pte_t *pte;
    pud_t *pud;
    spinlock_t *ptl;

    pgd = pgd_offset(current->mm, addr);
    if (unlikely(pgd_none(*pgd) || pgd_bad(*pgd)))
        return 0;

    pud = pud_offset(pgd, addr);
    if (unlikely(pud_none(*pud) || pud_bad(*pud)))
        return 0;

    pmd = pmd_offset(pud, addr);
    if (unlikely(pmd_none(*pmd)))
        return 0;

    if (unlikely(pmd_thp_or_huge(*pmd))) {
        ptl = &current->mm->page_table_lock;
        spin_lock(ptl);
        if (unlikely(!pmd_thp_or_huge(*pmd)
                     || pmd_hugewillfault(*pmd)
                     || pmd_trans_splitting(*pmd))) {
            spin_unlock(ptl);
            return 0;
        }

        *ptep = NULL;
        *ptlp = ptl;
        return 1;
    }

    if (unlikely(pmd_bad(*pmd)))
        return 0;

    pte = pte_offset_map_lock(current->mm, pmd, addr, &ptl);
    if (unlikely(!pte_present(*pte) || !pte_young(*pte) ||
                 !pte_write(*pte) || !pte_dirty(*pte))) {
        pte_unmap_unlock(pte, ptl);
        return 0;
    }

    *ptep = pte;
    *ptlp = ptl;

    return 1;
}

static int xxx_use_cache(void)
{
    struct xxx *ctx;

    ctx = kmem_cache_alloc(xxx_cachep, GFP_KERNEL);
    if (!ctx)
        return -ENOMEM;
    ctx->count = 1;
    kmem_cache_free(xxx_cachep, ctx);
    return 0;
}

static int xxx_use_pages(void)
{
    unsigned long page = __get_free_page(GFP_KERNEL);
    unsigned long zeroed = get_zeroed_page(GFP_DMA);
    unsigned long block = __get_free_pages(GFP_KERNEL, 3);
    struct page *high = alloc_pages(_GFP_HIGHMEM, 0);
    void *large = vmalloc(100 * 1024);
    void *small = kmalloc(100, GFP_KERNEL);
    int good = page && zeroed && block && high && large && small;

    if (good)
        *(char *)kmap(high) = 1;
    kunmap(high);
    kfree(small);
    vfree(large);
    __free_pages(high, 0);
    free_pages(block, 3);
    free_page(zeroed);
    free_page(page);
    return good ? 0 : -ENOMEM;
}

static irqreturn_t xxx_interrupt(int irq, void *dev_id)
{
    u32 status = readl(xxx_base + 0x10);

    (void)irq;
    if (!status)
        return IRQ_NONE;
    writel(status, xxx_base + 0x10);
    if (!from_handler) {
        from_handler = mempool_alloc(xxx_pool, GFP_ATOMIC);
        from_handler->count = *(int *)dev_id;
    }
    return IRQ_HANDLED;
}

/* request_mem_region -> ioremap -> readl, writel -> iounmap -> release_mem_region */
static int xxx_memory_flow(unsigned long start, unsigned long len, unsigned irq)
{
    int cookie = 4711, ret = -EBUSY;

    if (!request_mem_region(start, len, "xxx"))
        return -EBUSY;
    xxx_base = ioremap(start, len);
    if (!xxx_base)
        goto out_region;
    if (request_irq(irq, xxx_interrupt, 0, "xxx", &cookie))
        goto out_map;

    writel(0xffffffff, xxx_base + 0x08);        /* outputs, looped back */
    writel(0xffffffff, xxx_base + 0x1c);
    iowrite32(0x12345670, xxx_base + 0x04);
    ret = ioread32(xxx_base) == 0x12345670 && readl_relaxed(xxx_base) == 0x12345670 ? 0 : -EIO;
    writel(1, xxx_base + 0x14);                 /* a rising edge of line 0 interrupts */
    writel(0xffffffff, xxx_base + 0x10);
    writel(1, xxx_base + 0x0c);
    writel_relaxed(0x12345671, xxx_base + 0x04);
    mdelay(1);
    writel(0, xxx_base + 0x0c);
    writel(0, xxx_base + 0x1c);
    writel(0, xxx_base + 0x08);

    free_irq(irq, &cookie);
out_map:
    iounmap(xxx_base);
out_region:
    release_mem_region(start, len);
    return ret;
}

/* request_region -> inb, outb -> release_region */
static int xxx_port_flow(unsigned first)
{
    unsigned char saved, got;

    if (!request_region(first, 2, "xxx"))
        return -EBUSY;
    outb(0x44, first);
    saved = inb(first + 1);
    outb(0x5a, first + 1);
    got = inb(first + 1);
    outb(saved, first + 1);
    release_region(first, 2);
    return got == 0x5a ? 0 : -EIO;
}
// clang-format on

static int __init xxx_init(void) {
  xxx_cachep =
      kmem_cache_create("xxx-driver", sizeof(struct xxx), 0, SLAB_HWCACHE_ALIGN | SLAB_PANIC, NULL, NULL);
  xxx_pool = mempool_create(4, mempool_alloc_slab, mempool_free_slab, xxx_cachep);
  return xxx_pool ? 0 : -ENOMEM;
}

static int __exit xxx_exit(void) {
  mempool_destroy(xxx_pool);
  return kmem_cache_destroy(xxx_cachep);
}

MODULE_LICENSE("Apache-2.0");

KTEST(seed_driver_memory) {
  const unsigned long free = nr_free_pages();
  EXPECT_EQ(0, xxx_init());
  EXPECT_EQ(0, xxx_use_cache());
  EXPECT_EQ(0, xxx_use_pages());
  EXPECT_EQ(0, xxx_exit());
  // At most a page table of the vmalloc area, which stays.
  EXPECT(free - nr_free_pages() <= 4);
}

KTEST(seed_driver_devices) {
  EXPECT_EQ(0, xxx_init());
  EXPECT_EQ(0, device_unbind("gpio@10020000"));
  EXPECT_EQ(0, device_unbind("rtc@70"));
  EXPECT_EQ(0, xxx_memory_flow(0x10020000, 0x1000, 12));
  EXPECT(from_handler != NULL && from_handler->count == 4711);
  mempool_free(from_handler, xxx_pool);
  from_handler = NULL;
  EXPECT_EQ(0, xxx_port_flow(0x70));
  EXPECT_EQ(0, device_bind("rtc@70"));
  EXPECT_EQ(0, device_bind("gpio@10020000"));
  EXPECT_EQ(0, xxx_exit());
}

// Whether the page at `address` can be pinned; `huge`: as part of a huge page.
static bool can_pin(unsigned long address, bool huge) {
  pte_t* pte;
  spinlock_t* ptl;
  if (!pin_page_for_write((const void*)address, &pte, &ptl)) return false;
  const bool as_expected = huge ? pte == NULL : pte != NULL && pte_present(*pte) && pte_dirty(*pte);
  EXPECT(as_expected);
  EXPECT(spin_is_locked(&current->mm->page_table_lock));
  if (pte) {
    pte_unmap_unlock(pte, ptl);
  } else {
    spin_unlock(ptl);
  }
  return true;
}

KTEST(seed_driver_pins_user_pages) {
  struct mm_struct* mm = mm_alloc();
  use_mm(mm);
  const unsigned long area = do_mmap(NULL, 0x40000000, 4 * PAGE_SIZE, PROT_READ | PROT_WRITE,
                                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, 0);
  EXPECT_EQ(0x40000000, area);
  EXPECT(!can_pin(area, false));  // no table yet
  int value = 1;
  EXPECT_EQ(0, get_user(value, (int __user*)area));
  EXPECT_EQ(0, value);
  EXPECT(!can_pin(area, false));  // the page of zeroes, which is read-only
  EXPECT_EQ(0, put_user(5, (int __user*)area));
  EXPECT(can_pin(area, false));
  EXPECT(!can_pin(area + PAGE_SIZE, false));
  EXPECT(!can_pin(0x50000000, false));
  // The direct map consists of huge pages. Those of a gigabyte stand one level too high to be pinned.
  const unsigned long linear = PAGE_OFFSET + (48ul << 20);
  const bool gigabyte = pud_bad(*pud_offset(pgd_offset(mm, linear), linear));
  EXPECT_EQ(!gigabyte, can_pin(linear, true));
  unuse_mm(mm);
  mmput(mm);
}
