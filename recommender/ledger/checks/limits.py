"""Can it be at all? Claimed speeds against the memory's bandwidth, claimed sizes against bits."""

from __future__ import annotations

from collections.abc import Iterator

from recommender import catalogue
from recommender.catalogue import Device, Model
from recommender.estimate.weights import weights_bytes
from recommender.ledger import arithmetic
from recommender.ledger.finding import Stance
from recommender.ledger.schema import Claim, FileSize, Speed

Checked = tuple[Stance, str, int | None]
ROUNDING = 1.1
"""A size that is more than a tenth off is not rounding any more."""


def checked(claim: Claim) -> Iterator[Checked]:
    for part, quantity in enumerate(claim.quantities):
        if isinstance(quantity, Speed):
            yield *speed_check(quantity), part
        if isinstance(quantity, FileSize):
            yield *size_check(quantity), part


def speed_check(speed: Speed) -> tuple[Stance, str]:
    """Can this card give so many tokens/s of this model at all?"""
    device = catalogue.load().devices[speed.device]
    model = catalogue.load().models[speed.model]
    smallest = arithmetic.weights_gb(model.params, speed.bits[0])
    if not arithmetic.fits(smallest, _memory(device)):
        return _too_large(speed, device, model)
    limit, bound = decode_limits(speed)
    if speed.value > bound:
        return Stance.IMPOSSIBLE, (
            f"{_weights(speed, model)}; {_moves(device)}, so one stream gets at most "
            f"{limit:.0f} tok/s without speculation ({bound:.0f} if the input embedding, of which "
            f"a step needs one row, is not counted), yet {speed.value:.0f} is claimed."
        )
    return Stance.BEARS, (
        f"{_weights(speed, model)}; {_moves(device)}, so up to {limit:.0f} tok/s are possible and "
        f"the {speed.value:.0f} claimed are not ruled out."
    )


def _too_large(speed: Speed, device: Device, model: Model) -> tuple[Stance, str]:
    limit, bound = decode_limits(speed)
    size = f"{_weights(speed, model)}, but the card has {_memory(device):.0f} GB"
    if speed.value > bound:
        return Stance.IMPOSSIBLE, (
            f"{size}. Even if they fitted: {_moves(device)}, which gives at most "
            f"{limit:.0f} tok/s, yet {speed.value:.0f} is claimed."
        )
    smallest = arithmetic.weights_gb(model.params, speed.bits[0])
    spilled = arithmetic.spilled_gb(smallest, _memory(device))
    most = arithmetic.spill_limit_tok_s(spilled, streams=speed.clients)
    return (Stance.IMPOSSIBLE if speed.value > most else Stance.BEARS), (
        f"{size}. At least {spilled:.0f} GB would have to cross PCI Express "
        f"({arithmetic.PCIE4_X16_GB_S} GB/s) in every step, which gives {speed.clients} streams at "
        f"most {most:.0f} tok/s together, yet {speed.value:.0f} is claimed."
    )


def decode_limits(speed: Speed) -> tuple[float, float]:
    """Ceilings in tok/s, with the whole file read and with the input embedding left out where it
    is a matrix of its own. The second is the strict one."""
    device = catalogue.load().devices[speed.device]
    model = catalogue.load().models[speed.model]
    read = model.active if model.tied else model.active - model.embedding_params
    return _limit(speed, device, model.active), _limit(speed, device, read)


def ceiling_tok_s(speed: Speed) -> float:
    """What the claim is held against: the strict limit, or that of the link to the card where
    the weights do not fit and the claim would otherwise be possible."""
    device = catalogue.load().devices[speed.device]
    smallest = arithmetic.weights_gb(catalogue.load().models[speed.model].params, speed.bits[0])
    _, bound = decode_limits(speed)
    if speed.value > bound or arithmetic.fits(smallest, _memory(device)):
        return bound
    spilled = arithmetic.spilled_gb(smallest, _memory(device))
    return arithmetic.spill_limit_tok_s(spilled, streams=speed.clients)


def _limit(speed: Speed, device: Device, params: int) -> float:
    read_gb = arithmetic.weights_gb(params, speed.bits[0])
    return arithmetic.decode_limit_tok_s(device.bandwidth_gb_s, read_gb, speed.clients)


def _weights(speed: Speed, model: Model) -> str:
    low, high = (arithmetic.weights_gb(model.params, bits) for bits in speed.bits)
    count = f"{model.params_b:.2f} billion weights"
    if low == high:
        return f"{count} in {speed.bits[0]:g} bits are {low:.1f} GB"
    places = 1 if high < 10 else 0
    bits = f"{speed.bits[0]:g} to {speed.bits[1]:g} bits"
    return f"{count} at {bits} are {low:.{places}f} to {high:.{places}f} GB"


def _moves(device: Device) -> str:
    return f"the {device.name} moves {device.bandwidth_gb_s:,.0f} GB/s"


def _memory(device: Device) -> float:
    """Of one card, GiB. Devices without a fixed memory are not used in claims."""
    assert device.memory_gib is not None, device.id
    return device.memory_gib


def size_check(size: FileSize) -> tuple[Stance, str]:
    """Do the bits per weight, the gigabytes and the files there really are agree?"""
    model = catalogue.load().models[size.model]
    quant = catalogue.load().quants[size.quant]
    own = arithmetic.weights_gb(model.params, size.bits)
    real = weights_bytes(model, quant.variants[0]) / 1e9
    bits = arithmetic.bits_per_weight(model.params, real)
    off = max(own, real) > size.gb * ROUNDING
    return (Stance.CONTRADICTS if off else Stance.SUPPORTS), (
        f"{model.params_b:.2f} billion weights at {size.bits:g} bits are {own:.1f} GB, "
        f"{'not' if off else 'about'} {size.gb:.0f}; {size.quant} really takes {bits:.1f} bits "
        f"a weight, a file of {real:.1f} GB."
    )
