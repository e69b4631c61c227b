"""The same model in the form that an engine loads: a GGUF file or a Hugging Face folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchruns.host.document import ModelFacts
from benchruns.host.errors import CannotMeasure
from benchruns.host.synthetic import config, folders, hf, safetensors
from benchruns.host.synthetic.shape import Shape
from benchruns.host.weights import Step, Synthetic, Weights

DUMMY, SAFETENSORS = "hf-dummy", "safetensors"
FOLDERS: Final = frozenset({DUMMY, SAFETENSORS})
FOLDER_QUANT: Final = "BF16"
"""What such a folder holds unless somebody says otherwise."""


@dataclass(frozen=True, slots=True)
class SyntheticFolder:
    """Random weights in a model's exact shape; `weights` False where the engine makes its own."""

    id: str
    name: str
    shape: Shape
    quant: str
    where: Path
    weights: bool
    seed: int = 1

    def prepare(self, step: Step) -> Path:
        return folders.provide(
            self.where,
            self.id,
            self.shape,
            self.quant,
            weights=self.weights,
            seed=self.seed,
            wrote=step,
        )

    def facts(self) -> ModelFacts:
        return ModelFacts(
            id=self.id,
            name=self.name,
            quant=self.quant,
            params=safetensors.params(self.shape),
            weights_bytes=safetensors.weights_bytes(self.shape),
            decode_bytes=safetensors.decode_bytes(self.shape),
            synthetic=True,
            spec=self.shape.spec(),
        )


class RealFolder:
    """A folder of real weights that the host's owner has."""

    def __init__(self, path: Path) -> None:
        """Raises CannotMeasure for what is no such folder."""
        self.path = path
        self._files = sorted(path.glob("*.safetensors"))
        if not (path / "config.json").is_file() or not self._files:
            raise CannotMeasure(f"{path} holds no config.json and *.safetensors: no model folder.")

    def prepare(self, step: Step) -> Path:
        del step
        return self.path

    def facts(self) -> ModelFacts:
        told = json.loads((self.path / "config.json").read_text())
        dtype = str(told.get("torch_dtype") or told.get("dtype") or "")
        quant = next((q for q, name in hf.DTYPES.items() if name == dtype), "unknown")
        return ModelFacts(
            id=self.path.resolve().name,
            name=self.path.resolve().name,
            quant=quant if "quantization_config" not in told else "unknown",
            params=self._params(),
            weights_bytes=sum(file.stat().st_size for file in self._files),
            synthetic=False,
        )

    def _params(self) -> int | None:
        """None where the shape is none that is known here: nobody guesses it from bytes."""
        try:
            return safetensors.params(config.from_file(self.path / "config.json"))
        except CannotMeasure:
            return None


def in_form(source: Weights, form: str, engine: str) -> Weights:
    """`source` as an engine loads it. Raises CannotMeasure where it has no such form."""
    if form not in FOLDERS:
        if isinstance(source, RealFolder):
            raise CannotMeasure(f"{engine} loads GGUF files, not a folder of safetensors.")
        return source
    if isinstance(source, RealFolder | SyntheticFolder):
        return source
    if not isinstance(source, Synthetic):
        raise CannotMeasure(f"{engine} loads a folder of safetensors, not a GGUF file.")
    hf.check(source.shape, source.quant)
    return SyntheticFolder(
        source.id,
        source.name,
        source.shape,
        source.quant,
        source.where,
        weights=form == SAFETENSORS,
        seed=source.seed,
    )
