"""What an engine is given to load: synthetic weights made here, or somebody's file."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from gguf import GGUFReader, LlamaFileType

from benchruns.host.document import ModelFacts
from benchruns.host.errors import CannotMeasure
from benchruns.host.synthetic import cache, config, layout
from benchruns.host.synthetic import shape as shapes
from benchruns.host.synthetic.shape import Shape
from recommender import catalogue
from recommender.catalogue import Model

Step = Callable[[int, int], None]
"""Called with (bytes done, bytes in all) while preparing; may raise to stop."""


class Weights(Protocol):
    def prepare(self, step: Step) -> Path:
        """The file, ready to load. Raises CannotMeasure."""
        ...

    def facts(self) -> ModelFacts: ...


@dataclass(frozen=True, slots=True)
class Synthetic:
    """Random weights in the exact shape of a model."""

    id: str
    name: str
    shape: Shape
    quant: str
    where: Path
    seed: int = 1

    def prepare(self, step: Step) -> Path:
        return cache.provide(
            self.where, self.id, self.shape, self.quant, seed=self.seed, wrote=step
        )

    def facts(self) -> ModelFacts:
        return ModelFacts(
            id=self.id,
            name=self.name,
            quant=self.quant,
            params=layout.params(self.shape),
            weights_bytes=layout.weights_bytes(self.shape, self.quant),
            decode_bytes=layout.decode_bytes(self.shape, self.quant),
            synthetic=True,
            spec=self.shape.spec(),
        )


class GgufFile:
    """Real weights in a file of the host's owner."""

    def __init__(self, path: Path) -> None:
        """Raises CannotMeasure for what is no GGUF file."""
        self.path = path
        try:
            self._reader = GGUFReader(path)
        except (OSError, ValueError, IndexError) as error:
            raise CannotMeasure(f"{path} is not a GGUF file that can be read: {error}.") from error
        self._sha256 = ""

    def prepare(self, step: Step) -> Path:
        whole, done, sha = self.path.stat().st_size, 0, hashlib.sha256()
        with self.path.open("rb") as file:
            while part := file.read(8 * 2**20):
                sha.update(part)
                done += len(part)
                step(done, whole)
        self._sha256 = sha.hexdigest()
        return self.path

    def facts(self) -> ModelFacts:
        return ModelFacts(
            id=_plain(self.path.stem),
            name=self._text("general.name") or self.path.stem,
            quant=self._quant(),
            params=sum(int(t.n_elements) for t in self._reader.tensors),
            weights_bytes=sum(int(t.n_bytes) for t in self._reader.tensors),
            decode_bytes=self._decode_bytes(),
            synthetic=False,
            sha256=self._sha256,
        )

    def _decode_bytes(self) -> int | None:
        """None for mixtures of experts: a step reads only some of them."""
        sizes = {t.name: int(t.n_bytes) for t in self._reader.tensors}
        if any("_exps." in name for name in sizes):
            return None
        looked_up = sizes.get(layout.EMBEDDING, 0) if layout.OUTPUT in sizes else 0
        return sum(sizes.values()) - looked_up

    def _text(self, key: str) -> str:
        field = self._reader.get_field(key)
        return str(field.contents()) if field else ""

    def _quant(self) -> str:
        field = self._reader.get_field("general.file_type")
        if field is None:
            return "unknown"
        return LlamaFileType(field.contents()).name.removeprefix("MOSTLY_")


def _plain(text: str) -> str:
    """A name that plans accept."""
    return re.sub(r"[^A-Za-z0-9._+-]+", "-", text).lstrip("._+-")[:100] or "model"


def from_catalogue(model_id: str, quant: str, where: Path | None = None) -> Synthetic:
    """Synthetic weights of a catalogue entry. Raises CannotMeasure with a sentence."""
    model = catalogue.load().model(model_id)
    if model is None:
        raise CannotMeasure(
            f"There is no model {model_id!r} in the catalogue. Among those that can be measured "
            f"with synthetic weights: {', '.join(measurable_ids()[:8])}."
        )
    shape, kind = shapes.from_model(model), gguf_quant(quant)
    layout.tensors(shape, kind)
    return Synthetic(model.id, model.name, shape, kind, where or cache.directory())


def measurable_ids() -> list[str]:
    """Smallest first."""
    models = [m for m in catalogue.load().models.values() if _has_shape(m)]
    return [m.id for m in sorted(models, key=lambda m: m.params)]


def _has_shape(model: Model) -> bool:
    try:
        shapes.from_model(model)
    except CannotMeasure:
        return False
    return True


def gguf_quant(quant: str) -> str:
    """The GGUF name of a quantisation however it is written."""
    known = catalogue.load().quant(quant)
    names = [quant, known.id, known.name, *known.aliases] if known else [quant]
    found = [n.upper().replace("-", "_") for n in names]
    return next((n for n in found if n in layout.QUANTS), quant)


def from_config(path: Path, quant: str, where: Path | None = None) -> Synthetic:
    shape, kind = config.from_file(path), gguf_quant(quant)
    layout.tensors(shape, kind)
    name = path.parent.name if path.stem == "config" else path.stem
    return Synthetic(_plain(name or path.stem), name, shape, kind, where or cache.directory())


def resolve(spec: str, quant: str, layers: int | None = None) -> Weights:
    """A model SPEC of the command line: catalogue id, `synthetic:config.json`, or a GGUF's path.

    With `layers` only that many of its layers are made. Raises CannotMeasure.
    """
    if spec.startswith("synthetic:"):
        return _some_layers(from_config(Path(spec.removeprefix("synthetic:")), quant), layers)
    if spec.endswith(".gguf") or ("/" in spec and Path(spec).exists()):
        if layers is not None:
            raise CannotMeasure("Only synthetic weights can have fewer layers, not a file of them.")
        return GgufFile(Path(spec))
    return _some_layers(from_catalogue(spec, quant), layers)


def _some_layers(whole: Synthetic, layers: int | None) -> Synthetic:
    """Under a name of its own: nobody shall take the part for the model."""
    if layers is None or layers == whole.shape.layers:
        return whole
    if not 1 <= layers < whole.shape.layers:
        raise CannotMeasure(
            f"{whole.name} has {whole.shape.layers} layers: from 1 to so many can be made, "
            f"not {layers}."
        )
    part = replace(whole.shape, layers=layers, layers_of=whole.shape.layers)
    name = f"{whole.name}, {layers} of {whole.shape.layers} layers"
    return replace(whole, id=f"{whole.id}-{layers}-layers", name=name, shape=part)
