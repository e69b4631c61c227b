"""The small signs of the site: engine shapes, basis marks, article stamps, where one is."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from recommender import rulebook
from recommender.recommendation import Basis, Figure

register = template.Library()

# One shape per engine in a 16×16 box, so that colour is never the only difference.
_SHAPES = {
    "ollama": '<circle cx="8" cy="8" r="7"/>',
    "llama.cpp": '<rect x="1.6" y="1.6" width="12.8" height="12.8"/>',
    "vllm": '<path d="M8 .8 15.6 14.6H.4Z"/>',
    "mlx-lm": '<path d="M8 .2 15.8 8 8 15.8.2 8Z"/>',
    "sglang": '<path d="M4.2 1.4h7.6L15.6 8l-3.8 6.6H4.2L.4 8Z"/>',
    "tensorrt-llm": '<path d="M5.6.8h4.8v4.8h4.8v4.8h-4.8v4.8H5.6v-4.8H.8V5.6h4.8Z"/>',
    "tgi": '<path d="M15.2 1.4H.8L8 15.2Z"/>',
}

_BASIS_MARKS = {
    Basis.MEASURED_HERE: '<circle class="solid" cx="8" cy="8" r="6"/>',
    Basis.MEASURED_SAME_DEVICE: '<circle class="solid" cx="8" cy="8" r="6"/>',
    Basis.CALIBRATED: '<rect class="band" x="4" y="1" width="8" height="14"/><path d="M2 8h12"/>',
    Basis.ESTIMATED: '<circle cx="8" cy="8" r="6"/>',
    Basis.CLAIMED: '<circle class="dashed" cx="8" cy="8" r="6"/>',
    Basis.UNKNOWN: '<path d="M3 8h10"/>',
}

_BASIS_WORDS = {
    Basis.MEASURED_HERE: ("measured here", "by a host of this site, on this machine"),
    Basis.MEASURED_SAME_DEVICE: ("measured, same device", "by a host with the same accelerator"),
    Basis.CALIBRATED: (
        "calibrated",
        "estimated, refined by measurements of this engine here",
    ),
    Basis.ESTIMATED: ("estimated", "computed from the machine's bandwidth and the model's shape"),
    Basis.CLAIMED: ("claimed", "said by an article, tested by nobody here"),
    Basis.UNKNOWN: ("not known", "neither measured nor to be estimated from these answers"),
}


_WORDMARK = SafeString(
    '<svg viewBox="0 0 24 24" aria-hidden="true">'
    '<path d="M2 21h20M6.5 21v-9M12 21V6M17.5 21v-6" fill="none" stroke="currentColor"'
    ' stroke-width="2.4"/><circle class="wordmark-dot" cx="12" cy="6" r="3.2"/></svg>'
)


def _svg(css: str, shape: str) -> SafeString:
    """`shape` is one of the constants above."""
    box = '<svg class="{}" viewBox="0 0 16 16" aria-hidden="true">{}</svg>'
    return format_html(box, css, SafeString(shape))


@register.simple_tag
def engine_mark(engine: str) -> SafeString:
    return _svg("engine-mark", _SHAPES.get(engine, ""))


@register.simple_tag
def engine_point(engine: str, x: float, y: float, label: str) -> SafeString:
    """The engine's shape in a picture, centred at `x` and `y`; pointed at, it shows `label`."""
    shape = SafeString(_SHAPES.get(engine, _SHAPES["ollama"]))
    place = f"translate({x - 5:.1f} {y - 5:.1f}) scale(.625)"
    point = '<g class="point" data-engine="{}" transform="{}">{}<title>{}</title></g>'
    return format_html(point, engine, place, shape, label)


@register.simple_tag
def engine(engine: str | None, *, link: bool = False) -> SafeString:
    """The shape and the name; `link` makes it lead to the engine's page."""
    if not engine:
        return SafeString('<span class="soft">none</span>')
    inner = format_html("{}{}", engine_mark(engine), engine_name(engine))
    if link:
        page = '<a class="engine" data-engine="{}" href="/engines/{}/">{}</a>'
        return format_html(page, engine, engine, inner)
    return format_html('<span class="engine" data-engine="{}">{}</span>', engine, inner)


@register.filter
def engine_name(engine: str) -> str:
    known = rulebook.load().engines.get(engine)
    return known.name if known else engine


@register.simple_tag
def basis_mark(basis: str) -> SafeString:
    return _svg("basis-mark", _BASIS_MARKS[Basis(basis)])


@register.simple_tag
def basis(basis: str) -> SafeString:
    """The mark and what it means, in words; the longer explanation as its title. An estimate leads
    to how far estimates are off."""
    word, meaning = _BASIS_WORDS[Basis(basis)]
    mark = basis_mark(basis)
    if Basis(basis) in (Basis.ESTIMATED, Basis.CALIBRATED):
        link = '<a class="basis" href="/accuracy/" title="{}">{}{}</a>'
        return format_html(link, meaning, mark, word)
    return format_html('<span class="basis" title="{}">{}{}</span>', meaning, mark, word)


@register.simple_tag
def caveat(figure: Figure) -> SafeString:
    """What is wrong with a measured figure, beside it: "unstable: repeat it"."""
    measured = figure.basis in (Basis.MEASURED_HERE, Basis.MEASURED_SAME_DEVICE)
    if figure.value is None or not measured or not figure.note:
        return SafeString("")
    return format_html(' <span class="caveat">{}</span>', figure.note)


@register.simple_tag
def basis_meaning(basis: str) -> str:
    return _BASIS_WORDS[Basis(basis)][1]


@register.filter
def figure(value: float | None) -> str:
    """No more digits than an estimate or a measurement deserves. None is "not known"."""
    if value is None:
        return "not known"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 1 else f"{value:.2f}"


@register.filter
def thousands(value: int) -> str:
    return f"{value:,}"


@register.filter
def percent(share: float | None) -> str:
    """0.137 is "13.7 %"; whole ones from 20 % on. None is "not known"."""
    if share is None:
        return "not known"
    return f"{100 * share:.1f} %" if share < 0.2 else f"{100 * share:,.0f} %"


@register.filter
def money(value: float) -> str:
    """Two places from one on, else three digits that mean something."""
    return f"{value:,.2f}" if value >= 1 else f"{value:#.3g}"


@register.filter
def gib(value: float) -> str:
    return f"{value:.2f}"


@register.filter
def milliseconds(value: float) -> str:
    """A latency in ms, in the unit a person would say."""
    if value < 1000:
        return f"{value:.0f} ms"
    return f"{value / 1000:.1f} s" if value < 100_000 else f"{value / 1000:.0f} s"


@register.filter
def first_sentence(text: str) -> str:
    """Where there is little room; the recipe has the rest."""
    return text.partition(". ")[0].rstrip(".") + "."


@register.filter
def before_colon(text: str) -> str:
    """What a long headline says first: "Nothing fits"."""
    return text.partition(": ")[0]


@register.filter
def after_colon(text: str) -> str:
    """The rest of it, as a sentence of its own."""
    rest = text.partition(": ")[2]
    return rest[:1].upper() + rest[1:]


@register.filter
def breakable(dotted: str) -> SafeString:
    """A rule's id that may break after each dot and nowhere else."""
    return format_html_join(SafeString(".<wbr>"), "{}", ((part,) for part in dotted.split(".")))


@register.simple_tag
def rule_id(rule: str) -> SafeString:
    """The id, as a link where the rule stands on a page of this site."""
    address = _rule_address(rule)
    if address:
        return format_html('<a class="rule-id" href="{}">{}</a>', address, breakable(rule))
    return format_html('<span class="rule-id">{}</span>', breakable(rule))


def _rule_address(rule: str) -> str:
    book = rulebook.load()
    if rule in book.rules:
        return f"/articles/{book.rules[rule].article}/#{rule}"
    limited = next((limit.engine for limit in book.limits if limit.id == rule), None)
    return f"/engines/{limited}/#{rule}" if limited else ""


@register.simple_tag
def wordmark() -> SafeString:
    return _WORDMARK


@register.simple_tag(takes_context=True)
def here(context: dict[str, Any], prefix: str, *, exact: bool = False) -> SafeString:
    """Says `aria-current` on the link to the part of the site one is in."""
    request = context.get("request")
    path = request.path if request else ""
    current = path == prefix if exact else path.startswith(prefix)
    return SafeString(' aria-current="page"' if current else "")


@register.simple_tag
def rulebook_version() -> str:
    return f"Rule book {rulebook.load().version}."
