"""The closed domain of the questions that decide the engine, and where a case lies in it.

Numbers are cut at the thresholds the rules use. What a machine is (hardware, class and number of
GPUs, system, architecture) is one axis of the combinations that exist; the needs are one axis of
all their subsets. A combination is a tuple of one position per axis.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from recommender import questionnaire
from recommender.conditions import Atom
from recommender.facts import Facts

CUTS: Mapping[str, tuple[int, ...]] = {"users": (1, 2, 5, 10, 20, 50), "gpus": (1, 2)}
"""Lower ends of the bands. A rule may compare these numbers with no other threshold."""

MACHINE = ("hardware", "gpu_class", "gpus", "os", "arch")
AXES = ("machine", "needs", "purpose", "users", "privacy", "ops", "priority")
IRRELEVANT_NEEDS = ("tool-calling",)
"""Needs that no rule reads; `table.check` fails when that is no longer true."""

Place = tuple[int, ...]
"""One position per axis of AXES."""


@dataclass(frozen=True, slots=True)
class Machine:
    """One kind of machine. `gpus` and `gpu_class` are 1 and consumer where they mean nothing."""

    hardware: str
    gpu_class: str
    gpus: int
    os: str
    arch: str

    def tells(self, fact: str) -> bool:
        """Whether the fact distinguishes this machine from others of its hardware."""
        if fact == "gpu_class":
            return self.hardware == "nvidia"
        return fact != "gpus" or self.hardware in ("nvidia", "amd")


def _systems(hardware: str) -> Iterator[tuple[str, str]]:
    """System and architecture that exist together."""
    if hardware == "apple":
        yield from (("macos", "arm64"), ("linux", "arm64"))
        return
    yield from (("linux", arch) for arch in ("x86_64", "arm64", "other"))
    if hardware != "edge":
        yield from (("windows", "x86_64"), ("windows", "arm64"))
    if hardware in ("cpu", "none-yet"):
        yield from (("macos", "arm64"), ("macos", "x86_64"))


def _kinds(hardware: str) -> Iterator[tuple[str, int]]:
    classes = ("consumer", "datacenter") if hardware == "nvidia" else ("consumer",)
    counts = CUTS["gpus"] if hardware in ("nvidia", "amd") else (1,)
    yield from product(classes, counts)


@cache
def machines() -> tuple[Machine, ...]:
    return tuple(
        Machine(hardware, gpu_class, gpus, os, arch)
        for hardware in _values("hardware")
        for gpu_class, gpus in _kinds(hardware)
        for os, arch in _systems(hardware)
    )


@cache
def needs() -> tuple[str, ...]:
    """Those that some rule reads; the bits of the axis `needs`, lowest first."""
    return tuple(n for n in _values("needs") if n not in IRRELEVANT_NEEDS)


def _values(question: str) -> tuple[str, ...]:
    return tuple(option.value for option in questionnaire.rows()[question].option)


@cache
def values(axis: str) -> tuple[object, ...]:
    """What stands at each position of an axis: facts' values, as conditions compare them."""
    if axis == "machine":
        return machines()
    if axis == "needs":
        subsets = product((False, True), repeat=len(needs()))
        return tuple(
            frozenset(n for n, there in zip(reversed(needs()), bits, strict=True) if there)
            for bits in subsets
        )
    return CUTS[axis] if axis in CUTS else _values(axis)


def size() -> int:
    """How many combinations there are."""
    total = 1
    for axis in AXES:
        total *= len(values(axis))
    return total


def place(whole: Facts) -> Place:
    """Where a case lies whose deciding facts are all known."""
    return tuple(_position(axis, whole) for axis in AXES)


@cache
def position(question: str, option: str) -> int:
    """Where an option of a question lies on the axis of that name."""
    if question in CUTS:
        return bisect_right(CUTS[question], int(option)) - 1
    return values(question).index(option)


@cache
def _index(axis: str) -> dict[object, int]:
    return {value: n for n, value in enumerate(values(axis))}


def _position(axis: str, whole: Facts) -> int:
    if axis == "machine":
        return _index(axis)[_machine(whole)]
    if axis == "users":
        return bisect_right(CUTS["users"], whole.users or 0) - 1
    value: object = getattr(whole, axis)
    if axis == "needs":
        value = (whole.needs or frozenset()) - frozenset(IRRELEVANT_NEEDS)
    return _index(axis)[value]


def _machine(whole: Facts) -> Machine:
    hardware = whole.hardware or ""
    nvidia, several = hardware == "nvidia", (whole.gpus or 1) > 1
    return Machine(
        hardware,
        (whole.gpu_class or "consumer") if nvidia else "consumer",
        2 if several and hardware in ("nvidia", "amd") else 1,
        whole.os or "",
        whole.arch or "",
    )


def facts_at(where: Place) -> Facts:
    """The case that stands for a combination."""
    machine = machines()[where[0]]
    rest = {axis: values(axis)[n] for axis, n in zip(AXES[1:], where[1:], strict=True)}
    fields: dict[str, object] = {fact: getattr(machine, fact) for fact in MACHINE}
    return Facts(**fields, **rest)  # type: ignore[arg-type]


def band(question: str, known: Facts) -> int | None:
    """The lower end of the band a number lies in: all that rules can tell of it."""
    number: int | None = getattr(known, question)
    return None if number is None else CUTS[question][bisect_right(CUTS[question], number) - 1]


def machine_facts(known: Facts) -> Facts:
    """Of what is known only that which tells machines apart."""
    return Facts(
        hardware=known.hardware,
        gpu_class=known.gpu_class,
        gpus=band("gpus", known),
        os=known.os,
        arch=known.arch,
    )


def closed(known: Facts) -> Facts:
    """Of what is known only that which decides, numbers as the lower ends of their bands."""
    return Facts(
        hardware=known.hardware,
        gpu_class=known.gpu_class,
        gpus=band("gpus", known),
        os=known.os,
        arch=known.arch,
        purpose=known.purpose,
        users=band("users", known),
        privacy=known.privacy,
        priority=known.priority,
        ops=known.ops,
        needs=known.needs,
    )


def mask(axis: str, known: Facts) -> NDArray[np.bool_]:
    """Which positions of an axis what is known still allows."""
    if axis == "machine":
        return _machines_left(machine_facts(known))
    result = np.ones(len(values(axis)), dtype=bool)
    if getattr(known, axis) is not None:
        result[:] = False
        result[_position(axis, known)] = True
    return result


@cache
def _machines_left(known: Facts) -> NDArray[np.bool_]:
    left = np.array([_allows(machine, known) for machine in machines()])
    left.flags.writeable = False
    return left


def _allows(machine: Machine, known: Facts) -> bool:
    for fact in MACHINE:
        said = getattr(known, fact)
        if said is None or not machine.tells(fact):
            continue
        if getattr(machine, fact) != said:
            return False
    return True


class Chunk:
    """All combinations of one machine, as arrays with one dimension per remaining axis."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def atom(self, atom: Atom) -> bool | NDArray[np.bool_]:
        if atom.fact in MACHINE:
            return atom.holds(getattr(self._machine, atom.fact))
        return _along(atom)


@cache
def _along(atom: Atom) -> NDArray[np.bool_]:
    """The truth of an atom along its own axis, ready to be broadcast over the others."""
    axis = AXES.index(atom.fact) - 1
    truths = np.array([atom.holds(value) for value in values(atom.fact)])
    shape = [1] * (len(AXES) - 1)
    shape[axis] = len(truths)
    return truths.reshape(shape)
