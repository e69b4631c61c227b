"""How one engine's server is started, said once: shell, container, unit and manifest render it."""

from __future__ import annotations

from dataclasses import dataclass, field

from recommender import rulebook
from recommender.recipe.plan import Plan
from recommender.recipe.releases import Image, image

Word = str | int | None
LOOPBACK = "127.0.0.1"
ANYWHERE = "0.0.0.0"  # noqa: S104 - only ever inside a container
OWN_FOLDER = "/srv/models/"
OWN_FOLDERS = {"macos": "/Users/Shared/models/", "windows": "C:\\models\\"}
"""Where the recipe looks for weights that nobody publishes: the reader puts them there."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server runs. `rank` and `head` tell one machine of several from the others; they
    may be words that only the place itself resolves, such as `$(LWS_WORKER_INDEX)`."""

    host: str = LOOPBACK
    prefix: str = "~"  # of what was installed by hand
    rank: str = "0"
    head: str = "192.0.2.1"

    @property
    def is_head(self) -> bool:
        return self.rank == "0"


CONTAINER = Place(host=ANYWHERE)


@dataclass(frozen=True, slots=True)
class Server:
    """`binary` are the words up to the arguments where it is installed by hand, `arguments` the
    rest, `env` is set beside them. `image`: it runs in this one, even without Compose."""

    binary: tuple[str, ...]
    arguments: tuple[str, ...]
    port: int
    env: dict[str, str] = field(default_factory=dict)
    health: str = "/health"
    shared_memory_gib: int = 0  # that its processes talk through
    image: Image | None = None


def words(*parts: Word) -> tuple[str, ...]:
    """As text; None drops out."""
    return tuple(str(part) for part in parts if part is not None)


def published(plan: Plan) -> Image | None:
    """The image for this machine, or None where nobody publishes one."""
    if plan.os == "macos" or plan.from_source:
        return None
    return image(plan.engine, plan.runs_on, plan.arch)


def engine_name(plan: Plan) -> str:
    """As people write it."""
    return rulebook.load().engines[plan.engine].name


def asks_for_licence(plan: Plan) -> bool:
    """Whether the weights that are fetched wait behind one; copies by others ask nothing."""
    places = plan.model.repositories
    copy = places.folder(plan.quant.id) or places.mlx.get(plan.quant.id)
    original = plan.variant.format != "gguf" and copy in (None, plan.model.hf_id)
    return plan.model.gated and original and not plan.own_weights


def own_path(plan: Plan) -> str:
    """Where the reader's own weights are expected."""
    ending = ".gguf" if plan.variant.format == "gguf" else ""
    return f"{OWN_FOLDERS.get(plan.os, OWN_FOLDER)}{plan.name}{ending}"
