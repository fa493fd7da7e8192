"""HTML for the reports: elements, tables, pictures, and the page around them.

A page is one file that contains its style and its pictures. It loads nothing and runs nothing. Every text that is not
HTML yet is escaped.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from itertools import count
from typing import TYPE_CHECKING

from layerlab.escapes import printable_lines
from layerlab.plots.style import svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STYLE = """
:root { color-scheme: light; --ink: #262626; --faint: #666; --line: #d5d5d5; --shade: #f4f4f4; --paper: #fff;
  --link: #0072B2; --alarm: #b34700 }
@media screen and (prefers-color-scheme: dark) {
  :root { color-scheme: dark; --ink: #e4e4e4; --faint: #a3a3a3; --line: #43464b; --shade: #24272b; --paper: #17191c;
    --link: #56B4E9; --alarm: #f0944d }
}
* { box-sizing: border-box }
body { max-width: 50rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 1rem }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; padding-top: .6rem; border-top: 1px solid var(--line) }
p, ul { margin: .6rem 0 }
a { color: var(--link) }
pre { margin: .6rem 0; padding: .7rem .9rem; background: var(--shade); font-size: .85rem; white-space: pre-wrap;
  overflow-wrap: anywhere }
table { min-width: min(100%, 30rem); border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums }
.wordy { min-width: 48rem }
caption { max-width: calc(100vw - 2rem); padding-bottom: .4rem; text-align: left; color: var(--faint) }
th, td { padding: .25rem .7rem .25rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top }
th { font-weight: 600 }
.numbers td { white-space: nowrap }
.numbers tbody th:has(small) { min-width: 7rem }
.numbers td, .numbers thead th:not(:first-child) { text-align: right; padding-left: .3rem }
.answer { font-size: 1.1rem }
.trouble { margin: 1rem 0; padding: .1rem 1rem .4rem; border-left: .3rem solid var(--alarm); background: var(--shade) }
.trouble pre { padding: .3rem 0 }
.trouble h2 { margin: .6rem 0; padding: 0; border: 0; color: var(--alarm) }
.right { font-weight: 600 }
small, .faint { color: var(--faint) }
td small, tbody th small { display: block; font-weight: 400 }
figure { margin: .8rem 0 }
svg { display: block; width: 100%; min-width: 30rem; height: auto; background: #fff }
.wide { overflow-x: auto }
.wide + .wide { margin-top: 1.2rem }
.narrow { display: none }
@media screen and (max-width: 34rem) {
  .narrow { display: block }
  .numbers { font-size: .8rem }
  th, td { padding-right: .4rem }
}
@media print {
  body { max-width: none; padding: 0; font-size: 10pt }
  svg, .wordy { min-width: 0 }
  .wide { overflow: visible }
  .numbers { font-size: 8pt }
  h2 { break-after: avoid }
  figure, table, tr, pre { break-inside: avoid }
}
"""

MOST_NARROW = 3
"""A telephone shows this many columns of text next to each other; a table with more of them scrolls sideways."""


class Html(str):
    """Text that is HTML already. The functions of this file escape any other text."""

    __slots__ = ()


def escaped(text: str) -> str:
    """Escape a text for HTML: characters of markup, and characters that cannot be printed."""
    return html.escape(printable_lines(text))


def element(name: str, *content: object, **attributes: str) -> Html:
    """Make an HTML element.

    Args:
        name: the element's name, such as "p".
        content: what is inside. ``Html`` stays as it is, anything else is escaped as text.
        attributes: their values are escaped. In a name, an underscore at the end is dropped (``class_``), and any other
            becomes a hyphen.

    Example:
        >>> element("p", "1 < 2, ", element("b", "sure"), class_="note")
        '<p class="note">1 &lt; 2, <b>sure</b></p>'
    """
    inside = "".join(item if isinstance(item, Html) else escaped(str(item)) for item in content)
    inner = "".join(f' {key.rstrip("_").replace("_", "-")}="{escaped(value)}"' for key, value in attributes.items())
    return Html(f"<{name}{inner}>{inside}</{name}>")


def paragraphs(*texts: object) -> Html:
    """Put each text into a paragraph of its own; empty texts are left out."""
    return Html("\n".join(element("p", text) for text in texts if text))


def bullets(texts: Iterable[object]) -> Html:
    """Make a list with a bullet for each text."""
    return element("ul", *(element("li", text) for text in texts))


def table(caption: str, head: Sequence[object], rows: Iterable[Sequence[object]], *, numbers: bool = True) -> Html:
    """Make a table that scrolls sideways where it is too wide; the first cell of each row is its heading.

    Args:
        caption: what the table shows.
        head: the heading of each column; if it is empty, the table has no head.
        rows: the cells; an ``Html`` cell stays as it is.
        numbers: whether the cells are numbers, which are aligned to the right.
    """
    top = element("thead", element("tr", *(element("th", name, scope="col") for name in head))) if head else ""
    body = (
        element("tr", element("th", first, scope="row"), *(element("td", cell) for cell in others)) + "\n"
        for first, *others in rows
    )
    kind = {"class_": "numbers"} if numbers else {"class_": "wordy"} if len(head) > MOST_NARROW else {}
    whole = element("table", element("caption", caption), Html(top), element("tbody", Html("".join(body))), **kind)
    return element("div", whole, class_="wide", tabindex="0", role="region", aria_label=caption)


def picture(figure: Figure, name: str, words: str) -> Html:
    """Put a figure into the page, as SVG.

    Args:
        figure: a result of the functions in ``layerlab.plots``.
        name: begins the picture's ids, so no other picture on the page may have the same one.
        words: a description for those who cannot see the picture.
    """
    drawing = svg(figure)
    drawing = drawing[drawing.index("<svg") :]
    drawing = re.sub(r' xmlns(:\w+)?="[^"]*"| version="[^"]*"', "", drawing, count=3)
    drawing = re.sub(r"<!--.*?-->", "", drawing, flags=re.DOTALL)
    drawing = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", drawing)
    images = count(1)  # matplotlib calls an image by its pixels, and two may be alike
    drawing = re.sub(rf'\bid="{name}-image', lambda found: f"{found[0]}{next(images)}-", drawing)
    title = element("title", words, id=f"{name}-title")
    drawing = drawing.replace("<svg ", f'<svg role="img" aria-labelledby="{name}-title" ', 1).replace(
        ">", f">{title}", 1
    )
    return element("figure", Html(drawing), class_="wide", tabindex="0", role="group", aria_label=words)


def section(title: str, *content: object) -> Html:
    """Make a section of the page: a heading, and the content under it."""
    return Html(f"{element('section', element('h2', title), *content)}\n")


def trouble_box(title: str, *sentences: object, command: str = "") -> Html:
    """Make a section that stands out: what failed, what to do about it, and the command for that if there is one."""
    remedy = (element("p", "As a command:"), element("pre", command)) if command else ()
    return element("section", element("h2", title), paragraphs(*sentences), *remedy, class_="trouble")


def page(title: str, *content: Html) -> str:
    """Make the whole file, with a policy that forbids browsers to load or run anything."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
{element("title", title)}
<style>{STYLE}</style>
</head>
<body>
<main>
{element("h1", title)}
{"".join(content)}</main>
</body>
</html>
"""


NARROW_HINT = element("p", element("small", "Wide pictures and tables scroll sideways."), class_="narrow")
"""A remark that only narrow windows show."""
