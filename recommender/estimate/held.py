"""What the cache takes in memory: of slots reserved whole, or of a pool."""

from __future__ import annotations

from dataclasses import dataclass

from recommender.catalogue import GIB, Engine, Model
from recommender.estimate import buffers, kv, load
from recommender.facts import Facts


@dataclass(frozen=True, slots=True)
class Held:
    """The cache of `wanted` conversations of `tokens` each, on `tensor` devices that share it."""

    engine: Engine
    model: Model
    tokens: int
    wanted: int
    tensor: int

    def bytes_of(self, tokens: float) -> float:
        """Of one conversation, over all devices."""
        return kv.bytes_of(self.model, tokens, tensor=self.tensor)

    def taken(self, room_gib: float | None) -> tuple[float, int]:
        """Bytes, and how many conversations they hold at full length."""
        one, once = self.bytes_of(self.tokens), self._once()
        room = self.wanted * one if room_gib is None else room_gib * GIB - once
        whole = max(1, min(self.wanted, int(room / one)))
        if whole < self.wanted and self.engine.kv != "slots":
            return max(one, room), whole
        return one * whole + once, whole

    def talks(self, room_gib: float) -> int:
        """Conversations whose cache fits. A slot is reserved whole; in a pool they grow, and are on
        average half as long as they may become."""
        return int((room_gib * GIB - self._once()) / self._grown())

    @property
    def grown_gib(self) -> float:
        """What all conversations that are wanted take, counted as `talks` counts them."""
        return (self.wanted * self._grown() + self._once()) / GIB

    def _grown(self) -> float:
        return self.bytes_of(self.tokens if self.engine.kv == "slots" else self.tokens / 2)

    def note(self, size: float, whole: int, room_gib: float | None) -> str:
        """Of what `taken` gave."""
        said = f"{whole} × {self.tokens:,} tokens, 16 bits"
        if whole < self.wanted and self.engine.kv != "slots" and room_gib is not None:
            pool = size / self.bytes_of(self.tokens) * self.tokens
            return self._ended(f"a pool of {pool:,.0f} tokens in 16 bits; {self._pooled(room_gib)}")
        if whole < self.wanted:
            said += f"; {whole} of {self.wanted} people at full length, the others wait"
        return self._ended(said)

    def _pooled(self, room_gib: float) -> str:
        """Counted as `talks` counts, and for the worst case at full length."""
        talks = min(self.wanted, self.talks(room_gib))
        left = ", the others wait" if talks < self.wanted else ""
        full = int(room_gib * GIB / self.bytes_of(self.tokens))
        return (
            f"room for {talks} of {self.wanted} conversations of up to {self.tokens:,} tokens, at "
            f"half of that on average{left}; for {full} at full length"
        )

    def _ended(self, said: str) -> str:
        if self.model.attention.upper_bound:
            said += "; an upper bound for this model's attention"
        return said + self._copied()

    def _copied(self) -> str:
        one = kv.bytes_of(self.model, self.tokens)
        copies = self.bytes_of(self.tokens) / one
        return f"; {copies:.3g} copies, as every device keeps its own" if copies > 1.01 else ""

    def _once(self) -> float:
        """Bytes that do not grow with the slots."""
        if self.engine.kv != "slots":
            return 0.0
        return kv.margin(self.model, buffers.of_engine(self.engine.id).batch_tokens)


def of(engine: Engine, model: Model, facts: Facts, tensor: int) -> Held:
    """For the stated users and context."""
    wanted = min(load.users(facts), engine.slots_limit)
    return Held(engine, model, load.context(facts, model), wanted, tensor)
