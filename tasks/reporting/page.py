"""Figures in, one HTML file out: everything inline, nothing fetched, every value escaped.

Values reach the page in two ways: through Jinja2 with autoescape on, or as JSON in a data block that the viewer's
scripts read and only ever set as text. The page's own policy lets no other script run and nothing load.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from tasks.reporting import charts, flow, heat, plots, wording

TEMPLATES = Path(__file__).parent / "templates"
STYLES = ("report.css", "figures.css", "viewer.css", "print.css")
SCRIPTS = ("language.js", "marks.js", "cards.js", "viewer.js")
NOISE = 1e-9  # a bound so near to 0 or 1 is that bound: Wilson's at nought passed comes out as 1e-17
# JSON inside a script element: `<` would end or open elements, U+2028/9 were line ends to older parsers.
ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def render_page(figures: Mapping[str, Any], viewer: Mapping[str, Any]) -> str:
    """Return the whole report as one HTML document."""
    script, style = script_of(SCRIPTS), style_of(STYLES)
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            f=figures,
            style=Markup(style),  # noqa: S704 -- our own file, not a value
            script=Markup(script),  # noqa: S704 -- as above
            policy=policy(script),
            viewer=embedded_json(viewer),
        )
    )


def render_recipe_page(figures: Mapping[str, Any]) -> str:
    """Return a recipe's report as one HTML document; its script only switches the language."""
    script = script_of(SCRIPTS[:1])
    template = environment().get_template("recipe.html.j2")
    return template.render(
        f=figures,
        style=Markup(style_of(STYLES)),  # noqa: S704 -- our own file, not a value
        script=Markup(script),  # noqa: S704 -- as above
        policy=policy(script),
    )


def policy(script: str) -> str:
    """Return a content security policy under which only this very script runs and nothing is fetched."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:;"
        " base-uri 'none'; form-action 'none'"
    )


def embedded_json(value: object) -> Markup:
    """Return JSON that cannot leave the script element it stands in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.translate(ESCAPES))  # noqa: S704 -- no character that HTML knows is left


def script_of(names: Iterable[str]) -> str:
    """Return the scripts as one, with names of their own: the page's policy knows a single script."""
    parts = "".join((TEMPLATES / "scripts" / name).read_text(encoding="utf-8") for name in names)
    return f'"use strict";\n(() => {{\n{parts}}})();\n'


def style_of(names: Iterable[str]) -> str:
    return "".join((TEMPLATES / "styles" / name).read_text(encoding="utf-8") for name in names)


@lru_cache(maxsize=1)
def environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.globals.update(
        between=between, words=wording, line=charts.line, chart=charts, flow=flow, heat=heat, plots=plots
    )
    found.filters.update(
        whole=whole, share=share, points=points, money=money, number=number, place=place, signed=signed, pvalue=pvalue
    )
    return found


def whole(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def share(value: float | None, digits: int = 1) -> str:
    """Return a share as a percentage; 0% and 100% only where it is exactly that at this many digits."""
    if value is None:
        return "–"
    least = 10.0**-digits
    shown = value * 100
    if NOISE < value < 1 - NOISE:
        shown = min(max(shown, least), 100 - least)
    text = f"{shown:.{digits}f}"
    return f"{text.removesuffix('.0')}%"


def between(estimate: Mapping[str, Any]) -> str:
    """Return the interval of a share as `75.8–100%`."""
    return f"{share(estimate['low']).removesuffix('%')}–{share(estimate['high'])}"


def points(value: float | None) -> str:
    """Return a difference of shares in percentage points, signed, with a true minus."""
    if value is None:
        return "–"
    text = f"{value * 100:+.1f}".removesuffix(".0").replace("-", "−")
    return "0" if text in ("+0", "−0") else text


def signed(value: float | None, digits: int = 2) -> str:
    """Return a number with its sign, a true minus, and no sign at zero."""
    if value is None:
        return "–"
    text = f"{value:+.{digits}f}".replace("-", "−")
    return text[1:] if not float(text[1:]) else text


def pvalue(value: float | None) -> str:
    """Return a p-value as it is printed: three digits, and no smaller than it can be told."""
    if value is None:
        return "–"
    return "<0.001" if value < 0.001 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def money(value: float | None) -> str:
    """Return US dollars; an unknown price is said, never shown as zero."""
    if value is None:
        return "price unknown"
    return f"${value:,.2f}" if value >= 0.1 or value == 0 else f"${value:.4f}"


def number(value: float | None, digits: int = 3) -> str:
    """Return a number with so many significant digits, without an exponent where it is readable."""
    if value is None:
        return "–"
    text = f"{value:.{digits}g}"
    return (f"{value:,.0f}" if "e+" in text else text).replace("-", "−")


def place(value: float, least: float = 0.0, most: float = 1.0) -> str:
    """Return where a value lies between two ends, as a CSS percentage."""
    return f"{min(1.0, max(0.0, (value - least) / (most - least))) * 100:.2f}%"
