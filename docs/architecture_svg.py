#!/usr/bin/env python3
"""Draws docs/architecture.svg: every module of CMakeLists.txt, what its README calls it, and which
modules it may see. architecture_svg.py [--check] writes it, or says whether it is up to date."""

import html
import pathlib
import re
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parent.parent
DRAWING = ROOT / "docs" / "architecture.svg"
WIDTH, BOX, HEIGHT, GAP, LINE = 1080, 196, 74, 62, 15


def modules():
    """Name → the modules it may see, in the order of CMakeLists.txt; and those that are platform."""
    found, platform, in_platform = {}, set(), True
    text = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    for match in re.finditer(r"^# Business|^add_module\((\w+)([^)]*)\)", text, re.M):
        if not match[1]:
            in_platform = False
            continue
        if in_platform or " PLATFORM" in match[2]:
            platform.add(match[1])
        depends = re.search(r"DEPENDS((?:\s+[a-z_]+)+)", match[2])
        if "${every_module}" in match[2]:
            found[match[1]] = [name for name in found if name not in ("base", "telemetry")]
        else:
            found[match[1]] = depends[1].split() if depends else []
    for name in found:
        # As in cmake/module.cmake: these two everybody may see.
        if name != "base":
            found[name].append("base")
        if name not in ("base", "telemetry"):
            found[name].append("telemetry")
    return found, platform


def reached(graph, name):
    """What one module sees by way of others."""
    return {far for near in graph[name] for far in (reached(graph, near) | set(graph[near]))}


def rows(graph):
    """Modules that see none of each other stand side by side, the program on top."""
    depth = {}
    for name in graph:
        depth[name] = 1 + max((depth[near] for near in graph[name]), default=-1)
    made = {}
    for name, row in depth.items():
        made.setdefault(row, []).append(name)
    return [made[row] for row in sorted(made, reverse=True)]


def phrase(name):
    """The first line under the title of the module's README."""
    return (ROOT / "src" / name / "README.md").read_text(encoding="utf-8").split("\n")[2]


def draw():
    graph, platform = modules()
    order = rows(graph)
    place = {}
    for number, row in enumerate(order):
        room = (WIDTH - 40) / len(row)
        for column, name in enumerate(row):
            # A little aside in every other row, so that lines do not run through boxes.
            aside = (30 if number % 2 else -30) if len(row) < 5 and len(row) > 1 else 0
            place[name] = (20 + room * column + (room - BOX) / 2 + aside, 60 + number * (HEIGHT + GAP))
    height = 60 + len(order) * (HEIGHT + GAP) - GAP + 60
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
           'font-family="sans-serif" fill="#1b2433">',
           '<title>The modules of portal, and which of them each may see</title>',
           '<defs><marker id="a" markerWidth="9" markerHeight="7" refX="8" refY="3.5" '
           'orient="auto"><path d="M0 0 L9 3.5 L0 7 z" fill="#7a869c"/></marker></defs>',
           f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
           '<text x="20" y="30" font-size="15" font-weight="bold">Modules, and what each asks; '
           'what is reached by way of others is not drawn</text>']
    for name, nears in graph.items():
        for near in sorted(set(nears) - reached(graph, name)):
            x1, y1 = place[name][0] + BOX / 2, place[name][1] + HEIGHT
            x2, y2 = place[near][0] + BOX / 2, place[near][1]
            x1 += max(-70, min(70, (x2 - x1) / 8))
            x2 += max(-70, min(70, (x1 - x2) / 8))
            out.append(f'<path d="M{x1:.0f} {y1:.0f} C{x1:.0f} {y1 + 45:.0f} {x2:.0f} {y2 - 45:.0f} '
                       f'{x2:.0f} {y2:.0f}" fill="none" stroke="#7a869c" stroke-width="1.4" '
                       'marker-end="url(#a)"/>')
    for name, (x, y) in place.items():
        fill = "#fff8e6" if name == "portal" else "#f0f2f5" if name in platform else "#eaf1fb"
        out.append(f'<rect x="{x:.0f}" y="{y:.0f}" width="{BOX}" height="{HEIGHT}" rx="6" '
                   f'fill="{fill}" stroke="#33415c"/>')
        out.append(f'<text x="{x + BOX / 2:.0f}" y="{y + 20:.0f}" text-anchor="middle" '
                   f'font-size="14" font-weight="bold">{name}</text>')
        for number, text in enumerate(textwrap.wrap(phrase(name).rstrip("."), 32)[:3]):
            out.append(f'<text x="{x + BOX / 2:.0f}" y="{y + 37 + number * LINE:.0f}" '
                       f'text-anchor="middle" font-size="11.5">{html.escape(text)}</text>')
    out.append(f'<text x="20" y="{height - 20}" font-size="12">yellow: the program · blue: business, '
               'each with data of its own or none · grey: platform, knows no business</text>')
    out.append("</svg>")
    return "\n".join(out) + "\n"


def main(*arguments):
    made = draw()
    if arguments != ("--check",):
        DRAWING.write_text(made, encoding="utf-8")
        return 0
    if DRAWING.exists() and DRAWING.read_text(encoding="utf-8") == made:
        return 0
    print("docs/architecture.svg is not what CMakeLists.txt and the READMEs say: "
          "run docs/architecture_svg.py.")
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
