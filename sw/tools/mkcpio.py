#!/usr/bin/env python3
"""Packs files into a cpio archive of the "newc" format (cpio(5)), as the kernel reads its initrd.

    mkcpio.py OUTPUT NAME=FILE...

Owner, times and inode numbers are fixed, so that the same inputs give the same archive.
"""

import sys


def entry(inode, name, mode, data):
    encoded = name.encode() + b"\0"
    fields = [inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(encoded), 0]
    header = b"070701" + b"".join(b"%08x" % field for field in fields) + encoded
    return pad(header) + pad(data)


def pad(data):
    return data + b"\0" * (-len(data) % 4)


def main(output, *files):
    archive = b""
    for inode, item in enumerate(files, start=1):
        name, path = item.split("=", 1)
        with open(path, "rb") as file:
            archive += entry(inode, name, 0o100755, file.read())
    archive += entry(0, "TRAILER!!!", 0, b"")
    with open(output, "wb") as file:
        file.write(archive + b"\0" * (-len(archive) % 512))


if __name__ == "__main__":
    main(*sys.argv[1:])
