"""Speed as the recommendation tells it: measured beside estimated, and what that means."""

from __future__ import annotations

from collections.abc import Iterator

from recommender import limits, measured, trust, underneath
from recommender.catalogue import Catalogue
from recommender.estimate.load import TALK, Talk
from recommender.evidence import MeasuredPoint, Measurement
from recommender.facts import Facts
from recommender.limits import Rig
from recommender.measured import Target
from recommender.recommendation import Basis, Figure, Reason, Speed, SpeedPoint
from recommender.wording import number

UNKNOWN = "Say what machine it is, or measure it."
HEARD = "What was measured of this is shown beside the estimate and not relied on."


def speed(rig: Rig, facts: Facts, catalogue: Catalogue) -> tuple[Speed | None, tuple[str, ...]]:
    """At the stated users and over clients, with remarks where measured and estimated disagree."""
    estimated = limits.estimates(rig, facts, catalogue)
    users, target = facts.users or 1, Target(facts.tokens_per_user, facts.ttft_ms)
    found = rig.shown
    shown = () if found is None else measured.points(found, facts)
    tested = limits.at_users(shown, users) if rig.measurement else None
    here = tested or limits.at_users(estimated, users)
    talk = _talk(rig.measurement if tested else None)
    tok_s = here.tok_s_per_user if here else _unknown("tok/s")
    ttft = here.ttft_ms if here else _unknown("ms")
    result = Speed(
        tok_s_per_user=tok_s,
        ttft_ms=ttft,
        estimated=estimated,
        measured=shown,
        target_tok_s_per_user=facts.tokens_per_user,
        target_ttft_ms=facts.ttft_ms,
        meets_target=_meets(rig, facts, catalogue),
        measured_where=measured.where(found) if found else "",
        measured_weights=measured.weights(found) if found else "",
        measured_url=found.url if found else "",
        measured_trust=trust.words(found) if found else "",
        measured_tier=found.tier if found else "",
        measured_disputed=found is not None and found.disputed,
        measured_decides=rig.measurement is not None,
        clients=here.clients if here else None,
        prompt_tokens=talk.prompt if here else None,
        output_tokens=talk.output if here else None,
    )
    like = limits.like_measured(rig, facts, catalogue)
    if found is not None and rig.measurement is None:
        return result, (f"{HEARD} {trust.words(found)}",)
    own = trust.hidden(found) if found else ()
    return result, (*own, *_remarks(rig.measurement, like, users, target))


def _talk(measurement: Measurement | None) -> Talk:
    """How long the requests are that a figure is for."""
    return Talk(measurement.prompt_tokens, measurement.output_tokens) if measurement else TALK


def _unknown(unit: str) -> Figure:
    return Figure(None, None, None, unit, Basis.UNKNOWN, UNKNOWN)


def _meets(rig: Rig, facts: Facts, catalogue: Catalogue) -> bool | None:
    """Measured, or estimated for what no measurement could tell."""
    users, target = facts.users or 1, Target(facts.tokens_per_user, facts.ttft_ms)
    told = rig.measurement and measured.verdict(rig.measurement, users, target)
    if told:
        return told[0]
    point = limits.estimate(rig, facts, catalogue)
    left = measured.unproven(rig.measurement, users, target)
    if point is None:
        return None
    return left.met(point.tok_s_per_user.value, point.ttft_ms.value)


def _remarks(
    measurement: Measurement | None, like: tuple[SpeedPoint, ...], users: int, target: Target
) -> Iterator[str]:
    if measurement is None:
        return
    exact = measured.at(measurement, users)
    if exact is None:
        loads = ", ".join(str(point.clients) for point in measurement.points)
        yield f"Measured at {loads} clients, not at {users}: the figure for {users} is estimated."
    elif not exact.stable:
        yield f"The measurement at {users} clients was unstable: repeat it before you rely on it."
    else:
        yield from measured.doubts(measurement, exact, target)
    for point in (p for p in measurement.points if p.stable):
        guess = limits.at_users(like, point.clients)
        yield from _miss(point, guess.tok_s_per_user if guess else None)


def _miss(point: MeasuredPoint, guess: Figure | None) -> Iterator[str]:
    """Where a measurement lies outside the interval that was estimated for it."""
    got = point.tok_s_per_user_p50
    if got is None or guess is None or guess.low is None or guess.high is None:
        return
    if not guess.low <= got <= guess.high:
        clients = "1 client" if point.clients == 1 else f"{point.clients} clients"
        how = "slower" if got < guess.low else "faster"
        was = f"estimated {number(guess.low)} to {number(guess.high)}"
        yield f"Measured {how} than estimated: {number(got)} tokens/s for each at {clients}, {was}."


def proof(rig: Rig, facts: Facts) -> Iterator[Reason]:
    """What was measured of the winner, first among the reasons."""
    measurement, users = rig.measurement, facts.users or 1
    if rig.runner is not None:
        yield underneath.reason(rig.runner, rig.engine)
    if measurement is None:
        return
    target = Target(facts.tokens_per_user, facts.ttft_ms)
    told = measured.verdict(measurement, users, target) if target else None
    point = told[1] if told else measured.at(measurement, users)
    if point is None:
        return
    got = measured.figures(measurement, point)
    text = f"Measured on {measurement.host} ({measurement.machine}): {got}"
    if told:
        text += f"; that {'meets' if told[0] else 'misses'} {target.sentence()}"
    elif not point.stable:
        text += "; unstable: repeat it"
    yield measured.reason(measurement, f"{text}.")


def standing(speed: Speed | None) -> str:
    """What the figures rest on, as a sentence."""
    basis = speed.tok_s_per_user.basis if speed else Basis.UNKNOWN
    return _STANDING[basis].format(where=speed.measured_where if speed else "")


_STANDING = {
    Basis.MEASURED_HERE: "The speed was measured on {where}.",
    Basis.MEASURED_SAME_DEVICE: "The speed was measured on the same device.",
    Basis.CALIBRATED: "The speed is estimated, refined by measurements of this engine here.",
    Basis.ESTIMATED: "The speed is estimated.",
    Basis.CLAIMED: "The speed is what an article claims.",
    Basis.UNKNOWN: "The speed is not known yet.",
}


def closeness(rig: Rig, facts: Facts, catalogue: Catalogue) -> float:
    """How near an engine comes to the target: 1 is met, by the worse of the two figures."""
    users, target = facts.users or 1, Target(facts.tokens_per_user, facts.ttft_ms)
    told = rig.measurement and measured.verdict(rig.measurement, users, target)
    if told:
        tok_s, ttft = measured.cautious(told[1])
    else:
        tok_s, ttft = limits.expected(rig, facts, catalogue)
    shares = [1.0]
    if target.tok_s_per_user and tok_s is not None:
        shares.append(tok_s / target.tok_s_per_user)
    if target.ttft_ms and ttft:
        shares.append(target.ttft_ms / ttft)
    return min(shares)
