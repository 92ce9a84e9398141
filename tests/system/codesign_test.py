"""One task in software, in a device with polling, and in a device with DMA and an interrupt; and the device to copy."""
import os
import re
import unittest

from support import CONFIGS, SW, SystemTest

ROW = re.compile(rb"^  (CRC-32 of 64 KiB|32 x 32 product) +(software|device, polled|device, DMA \+ irq) +(\d+) ", re.M)
CACHES = ["--cache.l1i.size", "16K", "--cache.l1d.size", "16K", "--cache.l2.size", "256K"]


@unittest.skipUnless(SW, "the guest software is not built")
class Codesign(SystemTest):
    def run_kernel(self, width, *arguments, status=0):
        return self.memio("run", os.path.join(CONFIGS, "virt-rv%s.ini" % width), *arguments, "--stats",
                          self.path("stats.json"), status=status).stdout

    def designs(self, width, *arguments, status=0):
        """Cycles by job and way."""
        output = self.run_kernel(width, "--initrd", os.path.join(SW, "initrd-codesign-rv%s.cpio" % width), "--append",
                                 "noshell", *arguments, status=status)
        self.assertIn(b"codesign: %d wrong" % status, output)
        return {(job, way): int(cycles) for job, way, cycles in ROW.findall(output)}

    def test_the_device_gains_and_dma_gains_more(self):
        for width in ("32", "64"):
            with self.subTest(width=width):
                cycles = self.designs(width)
                self.assertEqual(len(cycles), 6)
                for job in (b"CRC-32 of 64 KiB", b"32 x 32 product"):
                    self.assertLess(cycles[job, b"device, polled"], cycles[job, b"software"] / 2)
                    self.assertLess(cycles[job, b"device, DMA + irq"], cycles[job, b"device, polled"])
                devices = self.statistics()["devices"]
                # Twice 64 KiB, and twice two matrices of 1024 words; each product is read once.
                self.assertEqual(devices["accel0"]["words_in"], 2 * 16384 + 2 * 2048)
                self.assertEqual(devices["accel0"]["words_out"], 2 * 1024)
                self.assertEqual(devices["accel0"]["words_lost"], 0)
                self.assertEqual(devices["accel0"]["jobs"], 4)
                self.assertEqual(devices["dma0"]["channel0"]["bytes_written"], 65536 + 8192)
                self.assertEqual(devices["dma0"]["channel1"]["bytes_written"], 4096)

    def test_caches_and_a_slower_device_change_the_figures(self):
        plain = self.designs("64", *CACHES)
        slow = self.designs("64", *CACHES, "--accel.word-cycles", "40")
        job = b"CRC-32 of 64 KiB"
        self.assertEqual(slow[job, b"software"], plain[job, b"software"])
        # 16384 words, each 40 cycles apart.
        self.assertGreater(slow[job, b"device, DMA + irq"], 16384 * 40)
        self.assertGreater(slow[job, b"device, polled"], 16384 * 40)

    def test_without_a_controller_the_driver_polls(self):
        cycles = self.designs("64", "--map.dma0.enable", "off", status=2)
        self.assertEqual({way for _, way in cycles}, {b"software", b"device, polled"})

    def test_the_device_to_copy(self):
        for width in ("32", "64"):
            output = self.run_kernel(width, "--append", "noshell", "--map.mine.kind", "example", "--map.mine.base",
                                     "0x10030000", "--map.mine.irq", "20")
            self.assertIn(b"example@10030000: 6 * 7 = 42\n", output.replace(b"\r", b""))
            self.assertEqual(self.statistics()["devices"]["mine"]["errors"], 0)


if __name__ == "__main__":
    unittest.main()
