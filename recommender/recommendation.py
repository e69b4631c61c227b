"""What `recommend()` returns: one immutable value that every page, file and command renders.

Nothing here decides or estimates. Units are in the names: GiB for memory, tokens/s for speed,
milliseconds for latency.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from recommender.advice.shape import Advice
from recommender.facts import Facts
from recommender.prices import Cost


class Basis(StrEnum):
    """Where a figure comes from, strongest first."""

    MEASURED_HERE = "measured-here"  # by a host attached to this site, which is named
    MEASURED_SAME_DEVICE = "measured-same-device"
    CALIBRATED = "calibrated"  # estimated, refined by measurements of the engine on this device
    ESTIMATED = "estimated"
    CLAIMED = "claimed"  # said by an article, tested by nobody here
    UNKNOWN = "not-known"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its interval, unit and basis. `value` is None when it is not known."""

    value: float | None
    low: float | None
    high: float | None
    unit: str
    basis: Basis
    note: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that fired (`rule` such as `a2.r1`, `limit.vllm.os` or `house.simplest`)."""

    rule: str
    source: str  # source id
    text: str
    url: str = ""
    title: str = ""  # of the source


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one article says of these answers. `engine` is None: it has no opinion."""

    article: str
    title: str
    url: str
    engine: str | None
    rules: tuple[Reason, ...] = ()
    note: str = ""  # why none, or what it still needs to know


@dataclass(frozen=True, slots=True)
class Rejection:
    engine: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class RunnerUp:
    engine: str
    why_not: str


@dataclass(frozen=True, slots=True)
class Flip:
    """One changed answer that would make another engine win."""

    change: str  # a sentence: "10 or more people at the same time"
    # What to put into the query string instead; "" takes an answer out that cannot stay.
    answers: tuple[tuple[str, str], ...]
    engine: str


@dataclass(frozen=True, slots=True)
class MemoryPart:
    id: str  # weights | kv-cache | compute | overhead
    label: str
    gib: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Holds:
    """So many people at once have room for a conversation of `context` tokens each; 0: nobody."""

    context: int
    users: int


@dataclass(frozen=True, slots=True)
class WayOut:
    """One change that makes it fit. `answers` are put into the query string instead; empty where
    the questions do not ask for it. `gpu_layers`: of `layers`, on the accelerator, the rest on the
    processor. `tok_s` is what one person then sees."""

    id: str  # quant | context | kv-type | wired-limit | gpus | memory | offload
    text: str
    answers: tuple[tuple[str, str], ...] = ()
    total_gib: float | None = None
    quant: str | None = None
    context: int | None = None
    kv_type: str | None = None
    gpus: int | None = None
    gpu_layers: int | None = None
    layers: int | None = None
    tok_s: Figure | None = None
    engine: str = ""  # of `shell`
    shell: str = ""  # starts it this way, once it is installed; "" where the way is another answer


@dataclass(frozen=True, slots=True)
class Memory:
    """Parts add up to `total_gib`, over all accelerators. `fits` is None when the machine's memory
    is not known.

    What follows `note` is told of the verdict's own choice alone: `kv_tokens_fit` tokens of cache
    have room beside the rest; `holds` says for how many people that is enough, by the length of
    their conversations; `ways_out` is empty where it fits.
    """

    parts: tuple[MemoryPart, ...]
    total_gib: float
    available_gib: float | None
    fits: bool | None
    note: str = ""
    gpus: int = 1
    nominal_gib: float | None = None  # what is built in, of all accelerators together
    short_gib: float | None = None  # by how much it does not fit
    kv_gib_per_1k_tokens: float | None = None
    kv_tokens_fit: int | None = None
    holds: tuple[Holds, ...] = ()
    ways_out: tuple[WayOut, ...] = ()


@dataclass(frozen=True, slots=True)
class SpeedPoint:
    """Speed at one number of clients at once."""

    clients: int
    tok_s_per_user: Figure
    total_tok_s: Figure
    ttft_ms: Figure


@dataclass(frozen=True, slots=True)
class Speed:
    """`tok_s_per_user`, `ttft_ms` at the stated users; `points` over clients.

    `estimated` and `measured` hold the two side by side; `measured` is empty when nobody measured.
    `meets_target` is None without a target or without a figure.
    """

    tok_s_per_user: Figure
    ttft_ms: Figure
    estimated: tuple[SpeedPoint, ...]
    measured: tuple[SpeedPoint, ...] = ()
    target_tok_s_per_user: float | None = None
    target_ttft_ms: float | None = None
    meets_target: bool | None = None
    measured_where: str = ""  # host name and machine, date
    measured_weights: str = ""  # "synthetic weights" or what it really was
    measured_url: str = ""
    measured_trust: str = ""  # who stands behind it, in a sentence
    measured_tier: str = ""  # unverified | repeated | reproduced
    measured_disputed: bool = False
    measured_decides: bool = False  # False: it is shown, and the estimate decides
    clients: int | None = None  # at once, for whom `tok_s_per_user` and `ttft_ms` hold
    prompt_tokens: float | None = None  # of the requests these two are for
    output_tokens: float | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """One step of the recipe. `shell` works when pasted."""

    step: str  # install get-model serve check load-test cross-check watch upgrade
    title: str
    shell: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class RecipeFile:
    """A file to download. `text` is all of it."""

    name: str
    media_type: str
    text: str


@dataclass(frozen=True, slots=True)
class Form:
    """The recipe as a file of one kind; without a file, `why_not` says why."""

    id: str  # script | compose | service | kubernetes
    title: str
    file: RecipeFile | None = None
    note: str = ""
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Correspondence:
    """What the same thing is called on this engine and on another; "" where it has no name."""

    what: str
    here: str
    there: str


@dataclass(frozen=True, slots=True)
class Switch:
    """The same rig on another engine: what a client and the one who starts it change."""

    engine: str
    note: str
    rows: tuple[Correspondence, ...]


@dataclass(frozen=True, slots=True)
class EngineChoice:
    id: str
    name: str
    summary: str
    url: str


@dataclass(frozen=True, slots=True)
class ModelChoice:
    id: str
    name: str
    params_b: float
    why: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class QuantChoice:
    id: str
    name: str
    bits_per_weight: float
    why: str


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The whole answer. `engine` is None only when nothing can run; `headline` then says so."""

    answers: tuple[tuple[str, str], ...]
    headline: str  # the verdict in one sentence
    engine: EngineChoice | None
    model: ModelChoice | None
    quant: QuantChoice | None
    settled: bool
    next_question: str | None
    opinions: tuple[Opinion, ...]
    because: tuple[Reason, ...]
    dissent: tuple[str, ...]
    rejected: tuple[Rejection, ...]
    runners_up: tuple[RunnerUp, ...]
    flips: tuple[Flip, ...]
    memory: Memory | None
    speed: Speed | None
    commands: tuple[Command, ...]
    rulebook_version: str
    gives: tuple[str, ...] = ()  # when no engine meets the need: what has to give
    assumed: tuple[Reason, ...] = ()  # what was taken for granted because nobody said
    advice: tuple[Reason, ...] = ()  # how rather than which: settings, pairs, migration
    agreement: str = ""  # how many articles agree, and what the figures rest on
    warnings: tuple[str, ...] = field(default=())
    facts: Facts | None = None  # what the recipe was worked out for; None: there is none
    # Only where they are shown or kept: `recommender.recipe.with_forms` works them out.
    forms: tuple[Form, ...] = ()
    switches: tuple[Switch, ...] = ()
    machines: Advice | None = None  # which to get; set beside the decision, where it helps
    cost: Cost | None = None  # where somebody gave prices; none are made up
