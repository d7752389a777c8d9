"""A bar chart as SVG, by itself: a panel for each workload, a bar for each program, as long as its pages/s.

The scale of each panel is linear and begins at 0. A dashed line is the limit, if it is near enough to be drawn; its words
stand beside the panel's title.
"""
import html

WIDTH, LABEL_WIDTH, NUMBER_WIDTH, EDGE = 860, 190, 210, 16
BAR, GAP, TITLE, PANEL_GAP = 20, 6, 44, 18
LIMIT_NEAR = 1.5  # a limit farther away than this would make all bars short
COLOURS = {"thresh": "#0b6e4f", "peer": "#4a7fb5"}
STYLE = ("text{font:13px system-ui,sans-serif;fill:#1c2733}.title{font-weight:600;font-size:14px}.small{font-size:12px;fill:#5b6773}"
         ".head{font-weight:600;font-size:17px}")


class Bar:
    """A program's bar: its name, pages/s, kind (a key of COLOURS), the words behind its number, and what stands before it."""

    def __init__(self, name, value, kind, words="", mark=""):
        self.name, self.value, self.kind, self.words, self.mark = name, value, kind, words, mark


def draw(title, subtitle, panels):
    """The SVG. `panels`: (title, bars, limit or None), the limit as (words, pages/s)."""
    parts, y = [_text(EDGE, 30, title, "head"), _text(EDGE, 50, subtitle, "small")], 74
    for panel_title, bars, limit in panels:
        body, height = _panel(y, panel_title, bars, limit)
        parts.append(body)
        y += height + PANEL_GAP
    return ('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" aria-label="%s">'
            '<style>%s</style><rect width="100%%" height="100%%" fill="#ffffff"/>%s</svg>\n'
            % (WIDTH, y, WIDTH, y, html.escape(title), STYLE, "".join(parts)))


def _panel(y, title, bars, limit):
    longest = max(bar.value for bar in bars) or 1
    drawn = limit is not None and limit[1] <= LIMIT_NEAR * longest
    longest = max(longest, limit[1]) if drawn else longest
    room = WIDTH - 2 * EDGE - LABEL_WIDTH - NUMBER_WIDTH
    x, parts = EDGE + LABEL_WIDTH, [_text(EDGE, y + 14, title, "title")]
    top = y + TITLE
    for number, bar in enumerate(bars):
        at, length = top + number * (BAR + GAP), max(1.0, room * bar.value / longest)
        parts.append(_text(x - 8, at + 15, bar.name, "", "end"))
        parts.append('<rect x="%d" y="%d" width="%.1f" height="%d" rx="2" fill="%s"/>' % (x, at, length, BAR, COLOURS[bar.kind]))
        parts.append(_text(x + room + 70, at + 15, bar.mark + _number(bar.value), "", "end"))  # a column: clear of the limit's line
        parts.append(_text(x + room + 84, at + 15, bar.words))
    height = TITLE + len(bars) * (BAR + GAP)
    if limit:
        parts.append(_text(EDGE, y + 33, "limit: %s, %s pages/s%s" % (limit[0], _number(limit[1]), "" if drawn else " (not drawn)"), "small"))
    if drawn:
        at = x + room * limit[1] / longest
        parts.append('<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" stroke="#c0392b" stroke-width="1.5" stroke-dasharray="4 3"/>'
                     % (at, at, top - 4, top + len(bars) * (BAR + GAP) - GAP + 4))
    return "".join(parts), height


def _number(value):
    return f"{value:,.0f}" if value >= 100 else "%.1f" % value


def _text(x, y, words, kind="", anchor="start"):
    return '<text x="%.1f" y="%d" class="%s" text-anchor="%s" xml:space="preserve">%s</text>' % (x, y, kind, anchor, html.escape(words))
