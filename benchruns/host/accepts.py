"""What a machine's owner accepts, as the machine tells its site with every claim.

One decision, asked twice: the site asks it before a run is offered, the machine before it starts.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from benchruns.host.plan import Name, Plan

Source = Literal["catalogue", "synthetic", "path"]
SOURCES: Final[tuple[Source, ...]] = get_args(Source)
SOURCE_WORDS: Final = {
    "catalogue": "models of the catalogue, as synthetic weights",
    "synthetic": "synthetic weights of a config.json",
    "path": "files of this machine",
}

Size = Annotated[float, Field(ge=0, lt=1e9)]


def source_of(model: str) -> Source:
    """Where the weights of a plan's model come from."""
    if model.startswith("synthetic:"):
        return "synthetic"
    return "path" if model.endswith(".gguf") or model.startswith((".", "/", "~")) else "catalogue"


class Accepts(BaseModel):
    """The owner's limits, and what is left of them now.

    `engines` None: every one it can start. `measures`: those it can start and its owner allows,
    whatever the hour. `minutes_to_change`: until its hours end where it is open, until they begin
    where not; None where it takes work all day. `room_gib`: of disk, for weights; None where
    nothing limits them together.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    engines: Annotated[tuple[Name, ...], Field(max_length=64)] | None = None
    models: tuple[Source, ...] = ("catalogue",)
    minutes: Size = 30.0
    weights_gib: Size = 64.0
    disk_gib: Size | None = None
    installs: bool = True
    hours: Annotated[str, Field(max_length=20)] = ""
    open: bool = True
    minutes_to_change: Size | None = None
    room_gib: Size | None = None
    measures: Annotated[tuple[Name, ...], Field(max_length=64)] = ()

    @property
    def minutes_left(self) -> float | None:
        """Until its hours end; None where they do not, or have not begun."""
        return self.minutes_to_change if self.open else None

    @property
    def most_minutes(self) -> float:
        """What a plan may take if it begins now."""
        return self.minutes if self.minutes_left is None else min(self.minutes, self.minutes_left)

    @property
    def most_weights_gib(self) -> float:
        return self.weights_gib if self.room_gib is None else min(self.weights_gib, self.room_gib)

    def refusal(self, plan: Plan, weights_gib: float | None) -> str | None:
        """Why its owner does not let it measure this, ever; None where it may be.

        `weights_gib` None: not known, so nothing is said of it.
        """
        return (
            self._other_engine(plan)
            or self._other_source(plan)
            or self._too_long(plan)
            or self._too_large(plan, weights_gib)
        )

    def not_now(self, plan: Plan) -> str | None:
        """Why not at this hour; None where it may begin."""
        if not self.open:
            return f"This machine's owner lets it measure from {_window(self.hours)} only."
        if self.minutes_left is not None and plan.time_limit_s > self.minutes_left * 60:
            return (
                f"This machine's owner lets it measure from {_window(self.hours)} only, which "
                f"leaves {self.minutes_left:.0f} minutes; this was given "
                f"{plan.time_limit_s / 60:g}."
            )
        return None

    def _other_engine(self, plan: Plan) -> str | None:
        if self.engines is None or plan.engine in self.engines:
            return None
        allowed = ", ".join(self.engines) or "no engine"
        return f"This machine's owner lets it start {allowed} only, not {plan.engine}."

    def _other_source(self, plan: Plan) -> str | None:
        source = source_of(plan.model)
        if source in self.models:
            return None
        allowed = " and ".join(SOURCE_WORDS[one] for one in self.models) or "nothing"
        return (
            f"This machine's owner lets it load {allowed} only; {plan.model} is of another kind: "
            f"{SOURCE_WORDS[source]}."
        )

    def _too_long(self, plan: Plan) -> str | None:
        if plan.time_limit_s <= self.minutes * 60:
            return None
        return (
            f"This machine's owner lets it measure for {self.minutes:g} minutes at most; "
            f"this was given {plan.time_limit_s / 60:g}."
        )

    def _too_large(self, plan: Plan, weights_gib: float | None) -> str | None:
        if weights_gib is None or weights_gib <= self.most_weights_gib:
            return None
        what = f"{plan.model} {plan.quant} has {weights_gib:.1f}"
        if weights_gib > self.weights_gib:
            return (
                f"This machine's owner lets it load {self.weights_gib:g} GiB of weights at most; "
                f"{what}."
            )
        return (
            f"This machine's owner lets RigGuide take {self.disk_gib:g} GiB of disk at most, of "
            f"which engines leave {self.room_gib:.1f} for weights; {what}."
        )


def _window(hours: str) -> str:
    return " to ".join(hours.split("-"))
