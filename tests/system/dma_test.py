"""The kernel's DMA functions on machines with the DMA controller: with and without the IOMMU in front of it, in
debug mode, on the ARM-like layout, without an MMU; and what the debug mode says of each mistake
(sw/kernel/tests/test_dma*.c, test_iommu.c)."""
import os
import re
import struct
import unittest

from support import CONFIGS, SW, SystemTest, words

HEX = "(?:0x)?[0-9a-f]+"
# By the function that makes the mistake; SELF stands for its name with an offset.
REPORTS = {
    "never_mapped": r"dma_unmap_single\(test-device, HEX, 64 bytes, to device\) by SELF: not mapped",
    "unmapped_twice": r"dma_unmap_single\(test-device, HEX, 64 bytes, to device\) by SELF: unmapped by SELF; it was "
                      r"64 bytes at HEX, to device, by dma_map_single in map\+HEX",
    "wrong_size": r"dma_unmap_single\(test-device, HEX, 32 bytes, to device\) by SELF: wrong size; mapped are 64 bytes",
    "wrong_direction": r"dma_unmap_single\(test-device, HEX, 64 bytes, from device\) by SELF: wrong direction; mapped "
                       r"are 64 bytes at HEX, to device",
    "wrong_function": r"dma_unmap_page\(.*\) by SELF: wrong function; mapped are .*, by dma_map_single in map\+HEX",
    "error_not_asked": r"dma_unmap_single\(.*\) by SELF: dma_mapping_error was never asked; .* in SELF",
    "sync_beyond_the_end": r"dma_sync_single_for_cpu\(.*65 bytes, from device\) by SELF: reaches beyond the mapping",
    "sync_the_wrong_way": r"dma_sync_single_for_device\(.*, to device\) by SELF: wrong direction; mapped are .*, from "
                          r"device",
    "sync_of_nothing": r"dma_sync_single_for_cpu\(.*\) by SELF: not mapped",
    "freed_while_mapped": r"kfree of 64 bytes at HEX by SELF: still mapped for test-device: 64 bytes at HEX, to device, "
                          r"by dma_map_single in SELF",
    "wrong_coherent_size": r"dma_free_coherent\(test-device, HEX, 1024 bytes, both ways\) by SELF: wrong size; mapped "
                           r"are 4096 bytes at HEX, both ways, by dma_alloc_coherent in SELF",
    "no_direction": r"dma_map_single\(test-device, HEX, 64 bytes\) by SELF: no direction",
}
NAMES = ("dma_masks", "dma_coherent_memory", "dma_single_mapping", "dma_copies_what_is_out_of_reach", "dma_lists",
         "dma_pools", "dmaengine_copies", "dmaengine_many_at_once", "dmaengine_rectangle", "dmaengine_errors_are_told",
         "dmaengine_terminate", "dmaengine_waits_by_polling", "dmaengine_device_flow_control",
         "iommu_scatters_and_gathers", "iommu_refuses_what_is_not_mapped")


class Reservations(SystemTest):
    # LR of the word at 12 KiB; the DMA controller's channel 0 does the descriptor at 4 KiB; SC; its result plus 2 ends it.
    GUEST = words(0x100212B7, 0x00003317, 0x00001397, 0xFFC30313, 0xFF838393, 0x1072A823,  # t1: word, t2: descriptor
                  0x1003252F, 0x00100593, 0x10B2A023, 0x00400693, 0x1042A603, 0xFED61EE3,  # lr.w; start; wait for "done"
                  0x18A3272F, 0x00270713, 0x01071713, 0x000037B7, 0x33378793, 0x00F76733,  # sc.w
                  0x001007B7, 0x00E7A023, 0x0000006F)

    def result_of_sc(self, destination, *arguments):
        # Four bytes from 8 KiB, the last descriptor.
        descriptor = struct.pack("<IIQQ", 0x202, 4, 0x80002000, destination)
        image = self.GUEST.ljust(0x1000, b"\0") + descriptor.ljust(64, b"\0")
        return self.bare(image, "--max-sim-time", "1ms", *arguments).returncode - 2

    def test_dma_to_the_reserved_word_breaks_the_reservation(self):
        for arguments in ([], ["--engine", "reference"], ["--timing", "functional"], ["--timing", "at"],
                          ["--cache.l1d.size", "4K"], ["--cache.l1d.size", "4K", "--cache.dma", "noncoherent"]):
            with self.subTest(arguments=arguments):
                self.assertEqual(self.result_of_sc(0x80003000, *arguments), 1)
                self.assertEqual(self.result_of_sc(0x80003004, *arguments), 0)


@unittest.skipUnless(SW, "the guest software is not built")
class Dma(SystemTest):
    def run_kernel(self, width, options, *arguments, status=0, kernel="kernel-tests", config="virt"):
        result = self.memio("run", os.path.join(CONFIGS, "%s-rv%s.ini" % (config, width)), "--kernel",
                            os.path.join(SW, "%s-rv%s.elf" % (kernel, width)), "--append", options, *arguments,
                            status=status)
        self.said = result.error
        return result.stdout.decode()

    def run_all(self, width, options, *arguments, **more):
        output = self.run_kernel(width, "test=" + ",".join(NAMES) + " " + options, *arguments, **more)
        self.assertIn("ktest: %d tests, 0 failed\n" % len(NAMES), output)
        self.assertIn("dma: dma-controller@10021000, 4 channels, interrupt 15", output)
        return output

    def test_with_and_without_the_iommu_and_the_debug_mode(self):
        for width in ("32", "64"):
            for options in ("", "dma-debug", "iommu=off dma-debug"):
                with self.subTest(width=width, options=options):
                    output = self.run_all(width, options)
                    skipped = output.count("ktest: no IOMMU, skipped\n")
                    self.assertEqual(skipped, 2 if "iommu=off" in options else 0)
                    self.assertEqual("behind an IOMMU" in output, "iommu=off" not in options)
                    self.assertNotIn("no DMA controller", output)

    def test_on_other_layouts_and_sizes_of_memory(self):
        for width, arguments in (("32", ("layout=arm", "--ram.size", "1G")), ("32", ("", "--ram.size", "5G")),
                                 ("32", ("dma-zone=all", "--ram.size", "1G")), ("64", ("paging=sv48",)),
                                 ("64", ("iommu=off", "--ram.size", "5G")),
                                 ("32", ("", "--map.iommu0.enable", "off"))):
            with self.subTest(width=width, arguments=arguments):
                self.run_all(width, *arguments, "--timing", "functional")

    def test_without_an_mmu(self):
        for width in ("32", "64"):
            with self.subTest(width=width):
                self.run_all(width, "", kernel="kernel-nommu", config="nommu")

    def test_data_goes_stale_without_a_sync_where_dma_is_not_coherent(self):
        for width, isa, ways in (("32", "rv32imac_zicbom", ("--ram.alias-base", "0x100000000")),
                                 ("64", "rv64imac_zicbom_svpbmt", ())):
            arguments = ("--cpu.isa", isa, "--cache.dma", "noncoherent", "--cache.l1d.size", "16K", *ways,
                         "--check.coherency", "on")
            for options in ("", " iommu=off"):
                with self.subTest(width=width, options=options):
                    output = self.run_kernel(width, "test=only_dma_stale_data" + options, *arguments, status=None)
                    self.assertIn("dma: coherent buffers at", output)
                    self.assertIn("ktest: 1 tests, 0 failed\n", output)
                    blamed = "0x%s ktest_only_dma_stale_data[+]0x%s" % (HEX, HEX)
                    self.assertRegex(self.said, "a device read it at cycle [0-9]+; stored at [0-9]+ by " + blamed)
                    self.assertRegex(self.said, "read at cycle [0-9]+ by %s .*; a device wrote it at [0-9]+" % blamed)
                    self.run_all(width, "dma-debug" + options, *arguments)
                    self.assertEqual(self.said, "")

    def parts(self, output):
        return dict(re.findall(r"bad use: (\w+)\n(.*?)(?=bad use: )", output, re.S))

    def pattern(self, text, name):
        return text.replace("SELF", r"(?:memio::)?" + name + r"\+HEX").replace("HEX", HEX)

    def test_the_debug_mode_names_each_mistake(self):
        for width in ("32", "64"):
            parts = self.parts(self.run_kernel(width, "test=only_bad_use_of_dma dma-debug", "--timing", "functional"))
            self.assertEqual(set(parts), set(REPORTS))
            for name, expected in REPORTS.items():
                with self.subTest(width=width, name=name):
                    self.assertEqual(parts[name].count("BUG: "), 1)
                    self.assertRegex(parts[name],
                                     "BUG: " + self.pattern(expected, name) + r".*, in task ktest\[\d+\]\n")

    def test_a_controller_that_goes_names_what_was_left(self):
        for options in ("", " iommu=off"):
            with self.subTest(options=options):
                parts = self.parts(self.run_kernel("32", "test=only_bad_use_of_a_controller dma-debug" + options))
                client = r"ktest_only_bad_use_of_a_controller\+" + HEX
                self.assertRegex(parts["transfer_to_a_source"], r"dmaengine_prep_dma_memcpy\(dma-controller@10021000, HEX, 64 bytes, "
                                 r"from device\) by CLIENT: wrong direction; mapped are 64 bytes".replace(
                                     "HEX", HEX).replace("CLIENT", client))
                self.assertIn("the buffer is the CPU's; dma_sync_..._for_device is missing",
                              parts["use_while_the_cpus"])
                self.assertRegex(parts["detached_in_use"],
                                 "dma-controller@10021000: goes with channel 0 in use by copy_channel")
                self.assertRegex(parts["detached_in_use"], r"dma-controller@10021000: detached with 1 DMA mappings left; the first: "
                                 r"64 bytes at HEX, to device, by dma_map_single in CLIENT".replace(
                                     "HEX", HEX).replace("CLIENT", client))

    def test_bad_options_are_told(self):
        output = self.run_kernel("32", "test=dma_masks iommu=maybe")
        self.assertIn("dma: unknown iommu=maybe; on and off are allowed; taking on\n", output)


if __name__ == "__main__":
    unittest.main()
