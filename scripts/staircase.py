#!/usr/bin/env python3
"""Draws the latency of memory by size, as measured by sw/examples/pointer_chase.c, into an SVG file.

  scripts/staircase.py --console FILE OUT.svg          from the console output of a run
  scripts/staircase.py OUT.svg MEMIO run ARGUMENT...   runs memio, and reads its console

For instance, with the build in build/:

  scripts/staircase.py stairs.svg build/memio run configs/virt-rv64.ini configs/cores/five-stage.ini \\
      --ram.size 320M --bios none --kernel build/sw/examples/pointer-chase-rv64.elf

Prints the knees: the sizes that a cache or a TLB still holds, where the next size costs more by a share of at least
--rise (0.05). One that goes on rising is the same knee. Needs nothing but Python's standard library.
"""
import argparse
import math
import os
import re
import subprocess
import sys
import tempfile

WIDTH, HEIGHT = 960, 540
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 50, 60
STYLE = ("text{font:13px sans-serif;fill:#222}.grid{stroke:#ddd}.axis{stroke:#222}.knee{stroke:#c33;stroke-dasharray:5 4}"
         ".label{fill:#c33}.stairs{fill:none;stroke:#14609c;stroke-width:2}circle{fill:#14609c}")


class BadInput(Exception):
    """What the user gave cannot be drawn."""


def read_points(text):
    """(bytes, cycles) of each line "SIZE CYCLES-TIMES-100", in the order of sizes; other lines are skipped."""
    points = [(int(size), int(cycles) / 100) for size, cycles in re.findall(r"^(\d+) (\d+)\r?$", text, re.MULTILINE)]
    if len(points) < 2:
        raise BadInput("the console shows no staircase: expected at least two lines of a size and cycles")
    for (size, _), (following, _) in zip([(0, 0), *points], points):
        if following <= size:
            raise BadInput("sizes do not rise: %d after %d" % (following, size))
    return points


def find_knees(points, rise=0.05):
    """The points before the latency rises, by that share of it."""
    steps = [after[1] > before[1] * (1 + rise) for before, after in zip(points, points[1:])]
    return [points[i] for i, step in enumerate(steps) if step and (i == 0 or not steps[i - 1])]


def size_name(size):
    for unit, name in ((1 << 20, "M"), (1 << 10, "K")):
        if size >= unit:
            return "%g%s" % (size / unit, name)
    return str(size)


def grid_step(highest):
    """A round distance of horizontal lines, for at most ten of them."""
    step = 1
    while highest / step > 10:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return step


def draw(points, knees, title):
    first, last = math.log2(points[0][0]), math.log2(points[-1][0])
    step = grid_step(max(cycles for _, cycles in points))
    top = (int(max(cycles for _, cycles in points) / step) + 1) * step
    bottom_line = HEIGHT - BOTTOM

    def x(size):
        return LEFT + (math.log2(size) - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def y(cycles):
        return bottom_line - cycles / top * (bottom_line - TOP)

    def line(kind, x1, y1, x2, y2):
        return '<line class="%s" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>' % (kind, x1, y1, x2, y2)

    def text(where_x, where_y, content, anchor="middle", kind=""):
        content = content.replace("&", "&amp;").replace("<", "&lt;")
        return '<text x="%.1f" y="%.1f" text-anchor="%s" class="%s">%s</text>' % (where_x, where_y, anchor, kind, content)

    parts = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d">' % (WIDTH, HEIGHT),
             "<style>%s</style>" % STYLE, '<rect width="100%" height="100%" fill="white"/>',
             text(WIDTH / 2, 22, title)]
    for cycles in range(0, top + 1, step):
        parts += [line("grid", LEFT, y(cycles), WIDTH - RIGHT, y(cycles)), text(LEFT - 8, y(cycles) + 4, str(cycles), "end")]
    size = 1 << points[0][0].bit_length() - 1
    while size <= points[-1][0]:
        if size >= points[0][0]:
            parts += [line("axis", x(size), bottom_line, x(size), bottom_line + 5),
                      text(x(size), bottom_line + 20, size_name(size))]
        size *= 2
    parts += [line("axis", LEFT, bottom_line, WIDTH - RIGHT, bottom_line), line("axis", LEFT, TOP, LEFT, bottom_line),
              text(WIDTH / 2, HEIGHT - 14, "bytes in use"), text(LEFT, TOP - 12, "cycles of a load")]
    for size, _ in knees:
        parts += [line("knee", x(size), TOP, x(size), bottom_line),
                  text(x(size), TOP - 4, size_name(size), "middle", "label")]
    parts.append('<polyline class="stairs" points="%s"/>' % " ".join("%.1f,%.1f" % (x(s), y(c)) for s, c in points))
    parts += ['<circle cx="%.1f" cy="%.1f" r="3"><title>%s: %.2f</title></circle>' % (x(s), y(c), size_name(s), c)
              for s, c in points]
    return "\n".join([*parts, "</svg>", ""])


def run(command):
    """The console output of memio, called as the user wrote it."""
    with tempfile.TemporaryDirectory() as folder:
        console = os.path.join(folder, "console")
        try:
            status = subprocess.run([*command, "--console", "file:" + console], stdin=subprocess.DEVNULL).returncode
        except OSError as error:
            raise BadInput("cannot run %s: %s" % (command[0], error.strerror)) from error
        if status != 0:
            raise BadInput("%s ended with status %d" % (command[0], status))
        return read_file(console)


def read_file(name):
    try:
        with open(name, encoding="ascii", errors="replace") as file:
            return file.read()
    except OSError as error:
        raise BadInput("cannot read %s: %s" % (name, error.strerror)) from error


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                                     usage="staircase.py [OPTION...] OUT.svg [MEMIO run ARGUMENT...]")
    parser.add_argument("out", metavar="OUT.svg")
    parser.add_argument("--console", metavar="FILE", help="console output of a run that is over")
    parser.add_argument("--title", default="Latency by size")
    parser.add_argument("--rise", type=float, default=0.05, help="share by which a knee rises")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND",
                        help="memio with its arguments, but for --console")
    arguments = parser.parse_args()
    if (arguments.console is None) == (not arguments.command):
        parser.error("give either --console FILE, before OUT.svg, or a command after it")
    if not arguments.rise > 0:
        parser.error("--rise must be more than 0")
    try:
        points = read_points(run(arguments.command) if arguments.command else read_file(arguments.console))
        knees = find_knees(points, arguments.rise)
        try:
            with open(arguments.out, "w", encoding="utf-8") as out:
                out.write(draw(points, knees, arguments.title))
        except OSError as error:
            raise BadInput("cannot write %s: %s" % (arguments.out, error.strerror)) from error
    except BadInput as error:
        sys.exit("staircase.py: %s" % error)
    for size, cycles in knees:
        print("knee at %s: %.2f cycles" % (size_name(size), cycles))


if __name__ == "__main__":
    main()
