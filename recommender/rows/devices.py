"""Which device a row means: one of the catalogue, or a stand-in by bandwidth and memory."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import log

from recommender import catalogue
from recommender.catalogue import Catalogue, Device
from recommender.rows import lexicon
from recommender.rows.names import words

COUNT = re.compile(
    r"(?:^|\s)(\d{1,2})\s*[x×*](?=\s|[a-z])(?!\s*(?:\d+\s*gi?b\s*)?ddr)"
    r"|(?:^|\s)\(?[x×](\d{1,2})\)?(?=\s|$)",
    re.IGNORECASE,
)
MEMORY = re.compile(r"^(\d+)(?:gb|gib|g)$")
MEMORY_ALONE = re.compile(r"(\d+)\s*(?:GB|GiB|G)\b", re.IGNORECASE)
MACHINES = re.compile(
    r"\b(?:macbook\s*(?:pro|air)|mac\s*(?:studio|mini|book)|i?mac\s*(?:pro)?|framework\s*desktop"
    r"|gmktec\s*evo-?x2|beelink\s*gtr9(?:\s*pro)?|hp\s*z2\s*mini(?:\s*g1a)?)\b",
    re.IGNORECASE,
)
NOISE = {"nvidia", "geforce", "amd", "radeon", "intel", "apple", "gpu", "gpus", "graphics", "core"}
NOISE |= {"instinct", "tesla", "generation", "workstation", "server", "edition", "founders", "fe"}
NOISE |= {"hbm2", "hbm2e", "hbm3", "hbm3e", "gddr6", "gddr6x", "gddr7", "vram", "nvl"}
NOISE |= {"sxm", "pcie", "rtx", "gtx", "rx", "card", "cards", "with", "the", "unified", "memory"}
NOISE |= {"chip", "soc", "ram", "single", "dual", "blackwell", "hopper", "cuda", "rocm", "igpu"}
NOISE |= {"and", "oc", "eagle", "ventus", "of", "by", "on", "in", "discrete", "desktop", "nvl8"}
KINDS = {"ti", "super", "max", "pro", "ultra", "laptop", "mobile", "xt", "xtx", "gre", "d", "ada"}
KINDS |= {"nano", "agx", "nx", "plus", "q"}
FORMS = {"pcie", "sxm", "nvl"}
CORES = re.compile(r"^(?:\d+c|\d+-?core|cores?)$")
GLUED = re.compile(r"(\d{3,4})(ti|super|xtx?|gre)\b", re.IGNORECASE)  # 3070Ti
SEVERAL = {"dual": 2, "quad": 4, "octa": 8}
WORDS_FOR = {"dual": 2, "quad": 4, "hexa": 6, "octa": 8}
SAME_BANDWIDTH = 0.08
ACCELERATED = ("nvidia", "amd", "apple", "intel", "edge")
OTHER_MEMORY = 2.1  # a card is sold with twice the memory, hardly with more
USUAL_CHANNELS, USUAL_MT_S = 2, 5200
SERVERS_MT_S = 4800  # of DDR5 in more than two channels, as the catalogue has it
OLDER_MT_S = {"3": 1600, "4": 3200}  # of DDR3 and DDR4


@dataclass(frozen=True, slots=True)
class Machined:
    """A device for a row, and how many. `doubt`: what was taken instead, empty where it is it."""

    device: Device
    count: int
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What a row tells of its device."""

    name: str | None
    count: int
    bandwidth_gb_s: float | None
    memory_gib: float | None
    hints: str = ""  # backend and engine, lower case


def machined(said: Said, shelf: Catalogue) -> Machined | None:
    """None where neither name nor bandwidth says anything."""
    name, count = _counted(said.name or "", said.count)
    found = _listed(name, said, shelf) if name else None
    if found is not None:
        return Machined(_corrected(found, said, name), count)
    kind = _kind(name, said)
    if kind == "cpu" or (kind is None and lexicon.load().processor_named(name)):
        return _processor(name, count, said, shelf)
    if said.bandwidth_gb_s is not None:
        device, like = _stand_in(name, said, shelf)
        why = f"{said.bandwidth_gb_s:g} GB/s with the arithmetic of {like.name} are taken"
        return Machined(device, count, f"{device.name} is not in the catalogue; {why}")
    near = _relative(name, shelf)
    if near is None:
        return None
    return Machined(near, count, f"{name} is not in the catalogue; {near.name} is taken")


def able(found: Machined, shelf: Catalogue) -> Machined:
    """With another's arithmetic where a device's maker never told its own."""
    device = found.device
    if device.tflops:
        return found
    kin = (d for d in shelf.devices.values() if d.hardware == device.hardware and d.tflops)
    like = min(kin, key=lambda d: abs(log(d.bandwidth_gb_s / device.bandwidth_gb_s)), default=None)
    if like is None:
        return found
    doubt = f"the arithmetic of {device.name} is not published; that of {like.name} is taken"
    told = "; ".join(filter(None, (found.doubt, doubt)))
    return Machined(device.model_copy(update={"tflops": like.tflops}), found.count, told)


def _counted(name: str, count: int) -> tuple[str, int]:
    """`2x RTX 3090` is two of them, unless the row says how many."""
    match = COUNT.search(name)
    if match is None:
        first = re.match(r"\w+", name.lower())
        told = SEVERAL.get(first[0], 1) if first else 1
        return name, max(count, told)
    rest = (name[: match.start()] + " " + name[match.end() :]).strip()
    return rest, count if count > 1 else int(match[1] or match[2])


def _listed(name: str, said: Said, shelf: Catalogue) -> Device | None:
    exact = shelf.device(name)
    if exact is not None:
        return exact
    wanted = ("edge",) if _kind(name, said) == "cpu" else ACCELERATED  # processors: by their memory
    kin = [d for d in shelf.devices.values() if d.hardware in wanted]
    scored = [(score, d) for d in kin if (score := _score(name, said, d)) is not None]
    return min(scored, key=lambda pair: pair[0])[1] if scored else None


def _telling(name: str) -> frozenset[str]:
    bare = MACHINES.sub(" ", name.replace("+", " plus ").replace("®", "").replace("™", ""))
    bare = GLUED.sub(r"\1 \2", bare)
    said = words(re.sub(r"\bAI\b", " ", re.sub(r"(?i)(sxm)\d", r"\1 ", bare)))
    kept = (w for w in said if w not in NOISE and not MEMORY.match(w) and not CORES.match(w))
    return frozenset(w for w in kept if not re.fullmatch(r"\d+\.\d+ghz|w|\d+w", w))


def _relative(name: str, shelf: Catalogue) -> Device | None:
    """Another device of that number: a laptop's version of a card, a D or a Super."""
    numbers = {word.rstrip("abcdegmnxsv") for word in _numbers(_telling(name))} - {""}
    kin = [
        (len(_telling(n) ^ _telling(name)), d.id)
        for d in shelf.devices.values()
        for n in d.names
        if d.hardware != "cpu" and numbers & _numbers(_telling(n))
    ]
    found = min(kin, default=None)
    return shelf.devices[found[1]] if found else None


def _processor(name: str, count: int, said: Said, shelf: Catalogue) -> Machined:
    """A processor is its memory: as the row says, by its series, or two channels of DDR5. Several
    sockets count as one, for engines gain little from the second: their memory is shared out."""
    series = lexicon.load().processor_named(name)
    told = said.bandwidth_gb_s or _by_memory(name, series, count)
    speed = told or _usual(name, series, count)
    kin = (d for d in shelf.devices.values() if d.hardware == "cpu")
    like = min(kin, key=lambda d: abs(log(d.bandwidth_gb_s / speed)))
    changes: dict[str, object] = {"name": name or like.name, "bandwidth_gb_s": speed}
    changes["memory_gib"] = said.memory_gib or _memory(name)
    if series and series.tflops:
        changes["tflops"] = {"fp16": series.tflops}
    doubt = f"{name} is taken to have {speed:g} GB/s of memory bandwidth"
    return Machined(like.model_copy(update=changes), 1, "" if told else doubt)


def _by_memory(name: str, series: lexicon.Processor | None, sockets: int) -> float | None:
    """`8 channels of DDR4-3200`, of one socket."""
    memory = re.search(r"ddr[345]x?[- ]?(\d{4,5})|(\d{4})\s*MT/s", name, re.IGNORECASE)
    if memory is None:
        return None
    return _channels(name, series, sockets) * float(memory[1] or memory[2]) * 8 / 1000


def _usual(name: str, series: lexicon.Processor | None, sockets: int) -> float:
    """GB/s of one socket where no MT/s are told: the channels that are, at the usual ones."""
    channels = _channels(name, series, sockets)
    ddr = re.search(r"ddr([345])", name, re.IGNORECASE)
    usual = USUAL_MT_S if channels <= USUAL_CHANNELS else SERVERS_MT_S
    mt_s = series.mt_s if series else OLDER_MT_S.get(ddr[1], usual) if ddr else usual
    return channels * mt_s * 8 / 1000


def _channels(name: str, series: lexicon.Processor | None, sockets: int) -> float:
    """As many as its series has where nothing is told; a module each where those are counted."""
    lanes = re.search(r"(?<!\d)(\d{1,2})[- ]?(?:ch\b|channels?)", name, re.IGNORECASE)
    word = re.search(r"(dual|quad|hexa|octa)[- ]?(?=ch|ddr)", name, re.IGNORECASE)
    if lanes or word:
        return int(lanes[1]) if lanes else WORDS_FOR[word[1].lower()] if word else USUAL_CHANNELS
    most = series.channels if series else USUAL_CHANNELS
    modules = re.search(r"(?<!\d)(\d{1,2})[- ]?x ?(?:\d+ ?gi?b )?ddr", name, re.IGNORECASE)
    if modules is None:
        return most
    return min(int(modules[1]) / (sockets if most > USUAL_CHANNELS else 1), most)


def _score(name: str, said: Said, device: Device) -> float | None:
    """How far a name is from a device's names; None where they are two devices."""
    telling = _telling(name)
    found = [
        apart + 0.5 * len(_form(name) ^ _form(n))
        for n in device.names
        if (apart := _apart(telling, _telling(n))) is not None
    ]
    if not found:
        return None
    sizes = device.memory_options_gib or ((device.memory_gib,) if device.memory_gib else ())
    memory, speed = said.memory_gib or _memory(name), said.bandwidth_gb_s
    score = min(found)
    if memory and sizes:
        score += min(3.0, 5 * min(abs(log(memory / size)) for size in sizes))
    if speed:
        score += min(3.0, 5 * abs(log(speed / device.bandwidth_gb_s)))
    return score


def _apart(said: frozenset[str], listed: frozenset[str]) -> float | None:
    """Numbers and kinds (Ti, Max, laptop) must agree; other words may be left out."""
    numbers, wanted = _numbers(said), _numbers(listed)
    if not numbers and not wanted and len(said) > 1 and said <= listed:
        return 0.2 * len(listed - said)
    if all(len(word) == 1 for word in wanted) and not listed <= said:
        return None
    if not wanted or not wanted <= numbers or (said ^ listed) & KINDS:
        return 0.0 if said and said == listed else None
    return 0.2 * len(said ^ listed)


def _numbers(said: frozenset[str]) -> frozenset[str]:
    return frozenset(word for word in said if any(c.isdigit() for c in word))


def _form(name: str) -> set[str]:
    said = set(words(re.sub(r"(?i)(sxm)\d", r"\1 ", name)))
    return (FORMS & said) or ({"sxm"} if {"hbm3", "hbm"} & said else set())


def _memory(name: str) -> float | None:
    match = MEMORY_ALONE.search(name)
    return float(match[1]) if match else None


def _corrected(device: Device, said: Said, name: str) -> Device:
    """With the row's own bandwidth and memory where it differs: there are versions of most."""
    changes: dict[str, object] = {}
    named, built_in = _memory(name), device.memory_gib
    near = named and built_in and max(named / built_in, built_in / named) < OTHER_MEMORY
    memory = said.memory_gib or (named if near or built_in is None else None)
    if memory and memory != built_in:
        changes["memory_gib"] = memory
    speed = said.bandwidth_gb_s
    if speed and abs(speed / device.bandwidth_gb_s - 1) > SAME_BANDWIDTH:
        changes["bandwidth_gb_s"] = speed
    return device.model_copy(update=changes) if changes else device


def _stand_in(name: str, said: Said, shelf: Catalogue) -> tuple[Device, Device]:
    assert said.bandwidth_gb_s is not None
    kind = _kind(name, said)
    listed = catalogue.load().devices
    kin = [d for d in shelf.devices.values() if d.id in listed and kind in (None, d.hardware)]
    like = min(kin, key=lambda d: _distance(d, said))
    changes: dict[str, object] = {"id": "stand-in", "name": name or "the device", "aliases": ()}
    changes |= {"bandwidth_gb_s": said.bandwidth_gb_s, "memory_options_gib": ()}
    changes |= {"memory_gib": said.memory_gib or _memory(name)}
    return like.model_copy(update=changes), like


def _distance(device: Device, said: Said) -> float:
    assert said.bandwidth_gb_s is not None
    apart = abs(log(device.bandwidth_gb_s / said.bandwidth_gb_s))
    if said.memory_gib and device.memory_gib:
        apart += 0.5 * abs(log(device.memory_gib / said.memory_gib))
    return apart


def _kind(name: str, said: Said) -> str | None:
    """Which hardware a name or a backend belongs to; None where it could be any."""
    text = f"{name} {said.hints}".lower()
    marks = (
        ("apple", r"apple|metal|mlx|\bm\d\b"),
        ("cpu", r"\bcpu\b|xeon|epyc|threadripper|ryzen \d|core i\d|\bi[3579]-|graviton|raspberry"),
        ("edge", r"jetson|orin"),
        ("amd", r"\bamd\b|radeon|\brx\b|instinct|rocm|\bmi\d"),
        ("intel", r"\barc\b|intel|sycl|openvino|ipex"),
        ("nvidia", r"nvidia|geforce|rtx|gtx|quadro|tesla|cuda|tensorrt"),
    )
    return next((kind for kind, mark in marks if re.search(mark, text)), None)
