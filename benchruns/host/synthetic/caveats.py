"""What synthetic weights cannot tell, in plain words: a document says it of itself."""

from __future__ import annotations

from collections.abc import Iterator

from benchruns.host.document import ModelFacts

ROUTING = (
    "the router of synthetic weights is random: which experts a batch reads, and how many, "
    "is not as with the real weights"
)


def caveats(model: ModelFacts) -> Iterator[str]:
    """Nothing for real weights, nor for a whole dense model: its speed is that of the real one."""
    if not model.synthetic:
        return
    if model.spec.get("experts"):
        yield ROUTING
    if whole := model.spec.get("layers_of"):
        yield (
            f"only {model.spec['layers']} of the model's {whole} layers were made: "
            "the figures are of this part, not of the model"
        )


def layers_made(model: ModelFacts) -> int | None:
    """None where the whole model was made."""
    return int(model.spec["layers"]) if model.spec.get("layers_of") else None
