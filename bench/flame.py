"""A flame graph as SVG, by itself (B. Gregg, "The Flame Graph", CACM 59.6): stacks side by side, callers below.

A bar is as wide as the samples of all stacks that begin with it and what stands below it; bars are in the order of their
names. Resting the pointer on one tells its name and share. What is narrower than LEAST_WIDTH is left out.
"""
import html
import zlib

WIDTH, EDGE, ROW, LETTER, LEAST_WIDTH = 1200, 10, 16, 6.6, 0.8
# Of the kernel, of libraries without symbols, of thresh, and of all else.
COLOURS = {"kernel": (205, 104, 78), "library": (150, 160, 175), "thresh": (66, 158, 118), "other": (226, 176, 84)}
STYLE = "text{font:11px ui-monospace,monospace;fill:#1c2733}.head{font:600 15px system-ui,sans-serif}rect{stroke:#fff;stroke-width:.4}"


def draw(title, stacks):
    """The SVG. `stacks`: {(outermost, ..., innermost): samples}."""
    root = _tree(stacks)
    depth = max(map(len, stacks), default=0)
    height = 44 + ROW * (depth + 1)
    parts = []
    _place(root, EDGE, (WIDTH - 2 * EDGE) / (root["samples"] or 1), height - EDGE - ROW, root["samples"] or 1, "all", parts)
    return ('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d"><style>%s</style>'
            '<rect width="100%%" height="100%%" fill="#fff"/><text x="%d" y="24" class="head">%s</text>%s</svg>\n'
            % (WIDTH, height, WIDTH, height, STYLE, EDGE, html.escape(title), "".join(parts)))


def _tree(stacks):
    root = {"samples": 0, "callees": {}}
    for stack, samples in stacks.items():
        node = root
        node["samples"] += samples
        for name in stack:
            node = node["callees"].setdefault(name, {"samples": 0, "callees": {}})
            node["samples"] += samples
    return root


def _place(node, x, per_sample, y, total, name, parts):
    width = node["samples"] * per_sample
    if width < LEAST_WIDTH:
        return
    letters = int((width - 4) / LETTER)
    words = name if len(name) <= letters else name[:max(0, letters - 1)] + "…" if letters > 3 else ""
    parts.append('<g><title>%s: %.2f %%</title><rect x="%.1f" y="%d" width="%.1f" height="%d" rx="1.5" fill="%s"/>%s</g>' % (
        html.escape(name), 100 * node["samples"] / total, x, y, width, ROW - 1, _colour(name),
        '<text x="%.1f" y="%d">%s</text>' % (x + 2, y + 11, html.escape(words)) if words else ""))
    for callee, below in sorted(node["callees"].items()):
        _place(below, x, per_sample, y - ROW, total, callee, parts)
        x += below["samples"] * per_sample


def _colour(name):
    kind = ("kernel" if name.endswith("_[k]") else "library" if name.startswith("[") else
            "thresh" if "thresh" in name else "other")
    shade = zlib.crc32(name.encode()) % 24 - 12  # neighbours differ, the same name does not
    return "#%02x%02x%02x" % tuple(min(255, max(0, part + shade)) for part in COLOURS[kind])
