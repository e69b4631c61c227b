"""The forms for a model or device that is in no list: what was typed, and what was wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import QueryDict

from recommender.own.config import MOST_BYTES
from recommender.own.model import START, tidy


@dataclass(frozen=True, slots=True)
class OwnModel:
    name: str = ""
    config: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class OwnDevice:
    name: str = ""
    bandwidth: str = ""
    memory: str = ""
    tflops: str = ""
    error: str = ""

    @property
    def answer(self) -> str:
        """As the answer to `device` says it, right or wrong."""
        said = [self.bandwidth, self.memory, *([self.tflops] if self.tflops else [])]
        return START + ";".join((tidy(self.name) or "My device", *said))


@dataclass(frozen=True, slots=True)
class Own:
    model: OwnModel = OwnModel()
    device: OwnDevice = OwnDevice()

    def wrong_model(self, error: str) -> Own:
        """What was pasted is kept, where it could be a config.json at all."""
        config = self.model.config if len(self.model.config) <= MOST_BYTES else ""
        return replace(self, model=replace(self.model, config=config, error=error))

    def wrong_device(self, error: str) -> Own:
        return replace(self, device=replace(self.device, error=error))


def typed_model(said: QueryDict) -> Own:
    """One character more than a config.json can have is kept, so that reading it says so."""
    return Own(model=OwnModel(said.get("name", "")[:200], said.get("config", "")[: MOST_BYTES + 1]))


def typed_device(said: QueryDict) -> Own:
    names = ("name", "bandwidth", "memory", "tflops")
    typed = (said.get(name, "").replace(";", " ").strip()[:60] for name in names)
    return Own(device=OwnDevice(*typed))
