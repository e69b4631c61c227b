"""How many people at once, with how long conversations: as answered, or as assumed."""

from __future__ import annotations

from dataclasses import dataclass

from recommender.catalogue import Model
from recommender.facts import Facts

CONTEXT = 8192  # tokens of one conversation, where nobody said
CONTEXT_OF_MANY = 4096  # the same for more than a handful of people
HANDFUL = 4


@dataclass(frozen=True, slots=True)
class Talk:
    """One request: tokens of its prompt and of its answer."""

    prompt: float
    output: float

    @property
    def tokens(self) -> float:
        """What its cache holds on average while it is answered."""
        return self.prompt + self.output / 2


TALK = Talk(prompt=512, output=256)  # what speeds are estimated for, and the recipe measures


PER_NODE = 8  # accelerators that one machine usually holds; matrices are not shared beyond it


def nodes(gpus: int) -> int:
    """Machines that this many accelerators sit in."""
    return max(1, -(-gpus // PER_NODE))


def users(facts: Facts) -> int:
    """People at the same time; one where nobody said."""
    return facts.users or 1


def context(facts: Facts, model: Model) -> int:
    """Tokens of one conversation, never more than the model was made for."""
    wanted = facts.context or (CONTEXT if users(facts) <= HANDFUL else CONTEXT_OF_MANY)
    return min(wanted, model.context_max)
