"""A shared recommendation in a few words: for previews, badges and whatever embeds a link."""

from __future__ import annotations

import re

from guide.templatetags.guide_marks import figure, milliseconds
from recommender.recommendation import Basis, Recommendation

MEASURED = {Basis.MEASURED_HERE, Basis.MEASURED_SAME_DEVICE}
SITE = "RigGuide"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#!|])")
WORDS = {
    Basis.MEASURED_HERE: "measured",
    Basis.MEASURED_SAME_DEVICE: "measured",
    Basis.CALIBRATED: "calibrated",
    Basis.ESTIMATED: "estimated",
    Basis.CLAIMED: "claimed",
    Basis.UNKNOWN: "not known",
}


def title(rec: Recommendation) -> str:
    """The verdict without a verb: "Llama 3.1 8B on vLLM, FP8"."""
    if rec.engine is None:
        return rec.headline.partition(": ")[0].rstrip(".")
    name = f"{rec.model.name} on {rec.engine.name}" if rec.model else rec.engine.name
    return f"{name}, {rec.quant.id}" if rec.quant else name


def description(rec: Recommendation) -> str:
    """Two sentences: the verdict, and its figures with what they rest on."""
    return " ".join((f"{rec.headline.rstrip('.')}.", *figures(rec)))


def figures(rec: Recommendation) -> tuple[str, ...]:
    """What is known of speed, as a sentence; what is not known is left out."""
    if rec.speed is None or rec.speed.tok_s_per_user.value is None:
        return ()
    rate, first = rec.speed.tok_s_per_user, rec.speed.ttft_ms
    said = f"{figure(rate.value)} tokens/s for each user ({WORDS[rate.basis]})"
    if first.value is not None:
        said += f", first token after {milliseconds(first.value)} ({WORDS[first.basis]})"
    return (f"{said}.",)


def badge_words(rec: Recommendation) -> str:
    """As much as fits beside other badges: "vLLM, 28 tok/s each, estimated"."""
    if rec.engine is None:
        return "nothing fits"
    rate = rec.speed.tok_s_per_user if rec.speed else None
    if rate is None or rate.value is None:
        return rec.engine.name
    return f"{rec.engine.name}, {figure(rate.value)} tok/s each, {WORDS[rate.basis]}"


def in_markdown(text: str) -> str:
    """So that nothing of it is read as Markdown: a model may be called anything."""
    return _MARKDOWN.sub(r"\\\1", text)
