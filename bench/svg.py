# SPDX-License-Identifier: GPL-2.0
"""Bar charts as SVG: for each row a bar of ours above one of the in-tree driver.

The same results make the same bytes, so that a picture changes when a figure does.
"""

from xml.sax.saxutils import escape

WIDTH = 760
LEFT = 250			# of the bars; labels stand before them
RIGHT = 130			# what the figures behind the longest bar need
TOP = 64
BAR = 13
ROW = 2 * BAR + 14
SERIES = (("ours", "ours", "#1a66c2"), ("intree", "in-tree", "#a8b0ba"))
STYLE = ("text{font-family:sans-serif;font-size:12px;fill:#1c2127}"
         ".t{font-size:15px;font-weight:bold}.n{font-size:11px}"
         ".r{font-weight:bold}.q{fill:#5c6570}")


def _number(value):
    if value >= 100:
        return "{:,}".format(round(value))
    return "%.3g" % value


def _text(x, y, text, kind="", end=False):
    return '<text x="%.1f" y="%.1f"%s%s>%s</text>' % (
        x, y, ' class="%s"' % kind if kind else "",
        ' text-anchor="end"' if end else "", escape(text))


def _bar(y, value, most, colour):
    width = (WIDTH - LEFT - RIGHT) * value / most if most else 0
    return width, '<rect x="%d" y="%.1f" width="%.1f" height="%d" ' \
                  'fill="%s"/>' % (LEFT, y, width, BAR, colour)


def _row(y, label, values, most):
    """Returns the elements of a row; values is {series: number or None}."""
    parts = [_text(LEFT - 10, y + BAR + 4, label, end=True)]
    for number, (name, _, colour) in enumerate(SERIES):
        at = y + number * (BAR + 1)
        value = values.get(name)
        if value is None:
            parts.append(_text(LEFT + 4, at + BAR - 2, "n/a", "n q"))
            continue
        width, bar = _bar(at, value, most, colour)
        parts += [bar, _text(LEFT + width + 5, at + BAR - 2, _number(value),
                             "n")]
    ours, intree = values.get("ours"), values.get("intree")
    if ours is not None and intree:
        parts.append(_text(WIDTH - 12, y + BAR + 4, "%.2f" % (ours / intree),
                           "r", end=True))
    return parts


def _legend():
    parts, x = [], LEFT
    for _, shown, colour in SERIES:
        parts += ['<rect x="%d" y="42" width="11" height="11" fill="%s"/>'
                  % (x, colour), _text(x + 16, 52, shown, "n")]
        x += 80
    parts.append(_text(WIDTH - 12, 52, "ours / in-tree", "n q", end=True))
    return parts


def chart(title, unit, rows):
    """Returns the SVG of a chart; rows is [(label, {series: number})]."""
    height = TOP + ROW * len(rows) + 10
    known = [value for _, values in rows for value in values.values()
             if value is not None]
    most = max(known, default=0)
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" '
             'viewBox="0 0 %d %d" role="img">' % (WIDTH, height, WIDTH, height),
             "<title>%s</title>" % escape(title), "<style>%s</style>" % STYLE,
             '<rect width="100%" height="100%" fill="#ffffff"/>',
             _text(12, 24, title, "t"), _text(12, 52, unit, "n q")]
    parts += _legend()
    for number, (label, values) in enumerate(rows):
        parts += _row(TOP + number * ROW, label, values, most)
    return "\n".join(parts + ["</svg>"]) + "\n"
