"""What a row means: which model, quantisation, engine and machine, and how they were used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from recommender.catalogue import GIB, Backend, Catalogue, Model, Quant, Variant
from recommender.estimate import machine as machines
from recommender.estimate.load import Talk
from recommender.estimate.machine import Machine
from recommender.estimate.weights import weights_bytes
from recommender.rows import known, lexicon
from recommender.rows.conditions import Conditions, conditions
from recommender.rows.devices import Machined, Said, able, machined
from recommender.rows.lexicon import EngineName
from recommender.rows.models import named
from recommender.rows.quants import Quantised, quantised
from recommender.rows.read import Row

PROMPT, OUTPUT = 512, 128  # tokens, where nobody said
SHARE_GPT = (220, 200)  # tokens of prompt and answer, about what its conversations have
PLAUSIBLE_FILE = (0.6, 1.6)  # a stated file size over the computed one
EVERYBODY, CROWD = 1000, 16  # requests, where a load is measured and nobody says which
STAND_IN, NEAR = 1.35, 1.15  # how much wider an interval becomes
MOST_DEVICES = 64
EXPERTS_AS_TRAINED = 4.25  # bits of MXFP4


@dataclass(frozen=True, slots=True)
class Resolved:
    """A row in terms of the catalogue. None: nothing is known of it.

    `quant` has one variant, which the engine reads. `doubts` are sentences about what was taken
    instead of what the row says, and `widen` what they do to the interval's ends.
    """

    row: Row
    engine_id: str
    model: Model | None
    quant: Quant | None
    machine: Machine | None
    backend: Backend | None
    conditions: Conditions
    clients: int
    talk: Talk
    depth: float  # tokens already in the cache
    doubts: tuple[str, ...]
    widen: float
    slower: float
    grows: bool  # no pool, though the engine it is taken for has one

    @property
    def devices(self) -> int:
        """How many share the work, by the row, its device's name or its flags."""
        return self.row.devices if self.machine is None else self.machine.gpus

    @property
    def variant(self) -> Variant | None:
        return None if self.quant is None else self.quant.variants[0]


def resolve(row: Row, shelf: Catalogue | None = None) -> Resolved:
    """Never raises: what cannot be told is None, with a doubt that says so."""
    shelf = shelf or known.load()
    said = conditions(row.conditions)
    engine = _engine(row)
    found = named(row.model, row.params_b, shelf)
    quant = _quant(row, engine.engine, found.model if found else None, shelf)
    device = _device(row, engine.engine, shelf)
    machine = None if device is None else _machine(device, row, said, engine.engine, shelf)
    backend = machines.backend_of(engine.engine, machine, shelf) if machine else None
    doubts = (
        engine.like
        and f"{row.engine or engine.names[0]} is estimated like {engine.engine}: {engine.like}",
        "" if found is None else found.doubt,
        quant.doubt,
        "" if device is None else device.doubt,
        _no_constants(engine.engine, machine, backend),
        _no_clients(row, said),
    )
    other = backend or _nearest_backend(engine.engine, machine, shelf)
    return Resolved(
        row=row,
        engine_id=engine.engine,
        model=found.model if found else None,
        quant=quant.quant,
        machine=machine,
        backend=other,
        conditions=said,
        clients=_clients(row, said),
        talk=_talk(row, said),
        depth=_depth(row, said),
        doubts=tuple(doubt for doubt in doubts if doubt),
        widen=engine.widen
        * (NEAR if quant.doubt else 1.0)
        * STAND_IN ** sum(bool(d) for d in (*doubts[1:2], *doubts[3:])),
        slower=engine.slower,
        grows=engine.grows,
    )


def _engine(row: Row) -> EngineName:
    words = lexicon.load()
    on_mlx = re.search(r"\bmlx\b", f"{row.engine} {row.backend}", re.IGNORECASE)
    found = words.engine_named("mlx-lm" if on_mlx else row.engine or "")
    if found is not None:
        return found
    like = "it has no entry here" if row.engine else "the engine is not told"
    usual = "mlx-lm" if on_mlx else _usual_engine(row)
    return EngineName(
        engine=usual,
        names=(row.engine or "an engine without a name",),
        like=like,
        widen=1.6,
        sources=words.engine[0].sources,
    )


def _usual_engine(row: Row) -> str:
    """GGUF names and processors are llama.cpp's, the rest is served by vLLM more often."""
    text = f"{row.quant} {row.model} {row.backend} {row.device}".lower()
    return "llama.cpp" if re.search(r"gguf|q\d_|cpu|vulkan|metal|apple|\bm\d\b", text) else "vllm"


def _quant(row: Row, engine_id: str, model: Model | None, shelf: Catalogue) -> Quantised:
    found = _as_trained(quantised(row.quant, engine_id, row.model or "", shelf), model, shelf)
    if model is None or row.weights_gib is None or row.kind == "memory_weights":
        return found
    ratio = row.weights_gib * GIB / weights_bytes(model, found.variant)
    if not PLAUSIBLE_FILE[0] <= ratio <= PLAUSIBLE_FILE[1]:
        return found
    bits = ("body_bits", "expert_bits", "embedding_bits", "output_bits")
    scaled = {b: v * ratio for b in bits if (v := getattr(found.variant, b)) is not None}
    variant = found.variant.model_copy(update=scaled)
    quant = found.quant.model_copy(update={"variants": (variant,)})
    return Quantised(quant, variant, found.doubt)


def _as_trained(found: Quantised, model: Model | None, shelf: Catalogue) -> Quantised:
    """The experts of models that are published in four bits stay so in every file of them."""
    native = shelf.quants["MXFP4"]
    if model is None or model.family not in native.only or found.variant.expert_bits:
        return found
    if found.variant.format == "safetensors":
        return quantised(native.id, found.variant.engines[0], "", shelf)
    variant = found.variant.model_copy(update={"expert_bits": EXPERTS_AS_TRAINED})
    quant = found.quant.model_copy(update={"variants": (variant,)})
    return Quantised(quant, variant, found.doubt)


def _device(row: Row, engine_id: str, shelf: Catalogue) -> Machined | None:
    hints = f"{row.backend} {'apple' if engine_id == 'mlx-lm' else ''}".lower()
    said = Said(row.device, row.devices, row.device_mem_bandwidth_gbs, row.device_mem_gib, hints)
    found = machined(said, shelf)
    prompts = row.kind in ("prefill", "ttft")
    return able(found, shelf) if found and prompts else found


@lru_cache(maxsize=1)
def _kinds() -> tuple[tuple[str, str], ...]:
    return (("vulkan", "vulkan"), ("sycl", "sycl"), ("rocm|hip", "rocm"), ("opencl", "vulkan"))


def _machine(
    device: Machined, row: Row, said: Conditions, engine_id: str, shelf: Catalogue
) -> Machine:
    """With the backend the row names where the engine has constants for it."""
    count = device.count
    if count == 1 and device.device.hardware != "cpu":
        count = min(MOST_DEVICES, (said.tensor_parallel or 1) * (said.pipeline or 1))
    found = machines.of_device(device.device, gpus=count)
    kind = next((k for mark, k in _kinds() if re.search(mark, (row.backend or "").lower())), None)
    same = kind is not None and found.backend.split("-")[0] == kind
    if kind and not same and (engine_id, kind) in shelf.backends:
        return machines.on_backend(found, kind)
    on_cpu = (row.backend or "").lower().startswith("cpu")
    return machines.on_backend(found, "cpu") if on_cpu and found.backend != "cpu" else found


def _no_constants(engine_id: str, machine: Machine | None, backend: Backend | None) -> str:
    if machine is None or backend is not None:
        return ""
    return f"nothing is fitted for {engine_id} on {machine.backend}; the nearest constants are used"


def _no_clients(row: Row, said: Conditions) -> str:
    if row.kind != "concurrent" or row.concurrency or said.clients:
        return ""
    return f"how many requests at once is not told: {_clients(row, said)} are taken"


def _nearest_backend(engine_id: str, machine: Machine | None, shelf: Catalogue) -> Backend | None:
    """The same engine on CUDA, or llama.cpp on that kind of device."""
    if machine is None:
        return None
    kinds = (machine.backend, machine.backend.split("-")[0])
    tries = [("llama.cpp", kind) for kind in kinds] + [(engine_id, "cuda"), ("llama.cpp", "cuda")]
    return next((found for key in tries if (found := shelf.backends.get(key))), None)


def _clients(row: Row, said: Conditions) -> int:
    """One, where nobody says that there were more."""
    told = row.concurrency or said.clients
    if told is not None or row.kind != "concurrent":
        return max(1, round(told or 1))
    return EVERYBODY if said.offline else CROWD


def _talk(row: Row, said: Conditions) -> Talk:
    usual = SHARE_GPT if said.share_gpt else (PROMPT, OUTPUT)
    prompt = _first(row.prompt_tokens, said.prompt, usual[0])
    output = _first(row.gen_tokens, said.output, usual[1])
    return Talk(prompt=max(prompt, 0.0), output=max(output, 0.0))


def _depth(row: Row, said: Conditions) -> float:
    """Tokens in the cache before the first is generated. Beside a prompt, a larger `context` is
    what the server allows; alone it is what a benchmark filled in before."""
    if said.depth is not None:
        return float(said.depth)
    prompt, context = row.prompt_tokens or said.prompt or 0, row.context or 0
    if prompt or said.max_len is not None or row.kind not in ("decode", "prefill"):
        return float(prompt) if row.kind == "decode" else 0.0
    return float(context) if context != row.gen_tokens else 0.0


def _first(*numbers: float | None) -> float:
    return next((float(n) for n in numbers if n is not None), 0.0)
