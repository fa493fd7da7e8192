"""HTML for the reports: elements that escape whatever is not HTML yet, tables, pictures, and the page around them.

A page is one file that contains its style and its pictures; it loads nothing and runs nothing.
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
  --link: #0072B2 }
@media screen and (prefers-color-scheme: dark) {
  :root { color-scheme: dark; --ink: #e4e4e4; --faint: #a3a3a3; --line: #43464b; --shade: #24272b; --paper: #17191c;
    --link: #56B4E9 }
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
caption { max-width: calc(100vw - 2rem); padding-bottom: .4rem; text-align: left; color: var(--faint) }
th, td { padding: .25rem .7rem .25rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top }
th { font-weight: 600 }
.figures td { white-space: nowrap }
.figures td, .figures thead th:not(:first-child) { text-align: right; padding-left: .3rem }
.right { font-weight: 600 }
small, .faint { color: var(--faint) }
td small, tbody th small { display: block; font-weight: 400 }
figure { margin: .8rem 0 }
svg { display: block; width: 100%; min-width: 32rem; height: auto; background: #fff }
.wide { overflow-x: auto }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt }
  svg { min-width: 0 }
  .wide { overflow: visible }
  .figures { font-size: 8pt }
  h2 { break-after: avoid }
  figure, table, tr, pre { break-inside: avoid }
}
"""


class Html(str):
    """Text that is HTML already; the functions of this page escape any other text."""

    __slots__ = ()


def escaped(text: str) -> str:
    """Text as HTML has it: what is markup, and what cannot be printed, as escapes."""
    return html.escape(printable_lines(text))


def element(name: str, *content: object, **attributes: str) -> Html:
    """An HTML element with its content.

    Args:
        name: of the element.
        content: ``Html`` stays, anything else is escaped as text.
        attributes: escaped. An underscore at the end of a name is dropped (``class_``), any other becomes a hyphen.

    Example:
        >>> element("p", "1 < 2, ", element("b", "sure"), class_="note")
        '<p class="note">1 &lt; 2, <b>sure</b></p>'
    """
    inside = "".join(item if isinstance(item, Html) else escaped(str(item)) for item in content)
    inner = "".join(f' {key.rstrip("_").replace("_", "-")}="{escaped(value)}"' for key, value in attributes.items())
    return Html(f"<{name}{inner}>{inside}</{name}>")


def paragraphs(*texts: object) -> Html:
    """Each text in a paragraph of its own, empty ones left out."""
    return Html("\n".join(element("p", text) for text in texts if text))


def bullets(texts: Iterable[object]) -> Html:
    """An unordered list with an item for each text."""
    return element("ul", *(element("li", text) for text in texts))


def table(caption: str, head: Sequence[object], rows: Iterable[Sequence[object]], *, figures: bool = True) -> Html:
    """A table that scrolls sideways where it is too wide; the first cell of each row is its heading.

    Args:
        caption: what the table shows.
        head: heading of each column; an empty one draws no head.
        rows: cells; an ``Html`` cell stays as it is.
        figures: whether the cells are numbers, which are aligned at the right.
    """
    top = element("thead", element("tr", *(element("th", name, scope="col") for name in head))) if head else ""
    body = (
        element("tr", element("th", first, scope="row"), *(element("td", cell) for cell in others)) + "\n"
        for first, *others in rows
    )
    kind = {"class_": "figures"} if figures else {}
    whole = element("table", element("caption", caption), Html(top), element("tbody", Html("".join(body))), **kind)
    return element("div", whole, class_="wide", tabindex="0", role="region", aria_label=caption)


def picture(figure: Figure, name: str, words: str) -> Html:
    """A figure as SVG in the page.

    Args:
        figure: as the functions of ``layerlab.plots`` return it.
        name: unlike that of any other picture on the page, because the picture's ids begin with it.
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
    """A section of the page: a heading and the content under it."""
    return Html(f"{element('section', element('h2', title), *content)}\n")


def page(title: str, *content: Html) -> str:
    """The whole file, with a policy that forbids browsers to load or run anything."""
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
