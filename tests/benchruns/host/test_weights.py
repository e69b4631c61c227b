"""What an engine is given to load, by the name somebody gives it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchruns.host.errors import CannotMeasure
from benchruns.host.synthetic import cache
from benchruns.host.synthetic.caveats import caveats, layers_made
from benchruns.host.weights import GgufFile, Synthetic, resolve
from tests.benchruns.host.instrument import TINY
from tests.benchruns.host.synthetic.test_config import QWEN3_MOE


def test_it_makes_the_whole_model_unless_told_otherwise() -> None:
    whole = resolve("llama-3.2-1b", "Q8_0").facts()
    assert (whole.id, whole.spec["layers"]) == ("llama-3.2-1b", 16)
    assert (list(caveats(whole)), layers_made(whole)) == ([], None)
    assert resolve("llama-3.2-1b", "Q8_0", layers=16).facts() == whole


def test_a_part_of_a_model_has_a_name_of_its_own_and_says_so() -> None:
    part = resolve("llama-3.2-1b", "Q8_0", layers=4).facts()
    assert (part.id, part.name) == (
        "llama-3.2-1b-4-layers",
        "Llama 3.2 1B Instruct, 4 of 16 layers",
    )
    assert layers_made(part) == 4
    assert "only 4 of the model's 16 layers were made" in " ".join(caveats(part))
    whole = resolve("llama-3.2-1b", "Q8_0").facts()
    assert (part.weights_bytes or 0) < (whole.weights_bytes or 0)


@pytest.mark.parametrize("layers", [0, -1, 17])
def test_it_says_how_many_layers_there_are(layers: int) -> None:
    with pytest.raises(CannotMeasure, match=rf"has 16 layers: .*, not {layers}\."):
        resolve("llama-3.2-1b", "Q8_0", layers=layers)


def test_a_file_is_measured_whole(tmp_path: Path) -> None:
    path = cache.provide(tmp_path, "tiny", TINY, "Q8_0")
    assert isinstance(resolve(str(path), "Q8_0"), GgufFile)
    with pytest.raises(CannotMeasure, match="Only synthetic weights can have fewer layers"):
        resolve(str(path), "Q8_0", layers=1)


def test_a_config_json_of_a_mixture_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "Qwen3-30B-A3B" / "config.json"
    path.parent.mkdir()
    path.write_text(json.dumps(QWEN3_MOE))
    found = resolve(f"synthetic:{path}", "q4_k_m", layers=2)
    assert isinstance(found, Synthetic)
    assert found.facts().name == "Qwen3-30B-A3B, 2 of 48 layers"
    told = list(caveats(found.facts()))
    assert "router of synthetic weights is random" in told[0]
    assert len(told) == 2
