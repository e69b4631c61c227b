"""What separates the tests that support a claim from those that contradict it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from recommender.ledger.finding import Finding, Scope

PEAK = 10**6
"""An engine at its own peak: more clients than any number."""

HARDWARE = {
    "cpu": "without a GPU",
    "nvidia": "on NVIDIA",
    "amd": "on AMD",
    "apple": "on Apple silicon",
    "intel": "on Intel",
    "edge": "on a small board",
}
VARIANTS = {"as-shipped": "it is left as it ships", "tuned": "its slots are set for the load"}
Scopes = Sequence[Scope]


def condition(pro: Sequence[Finding], contra: Sequence[Finding], named: Sequence[Finding]) -> str:
    """Completes "holds only if …". What a source names comes first; else the one thing in which
    all that support differ from all that contradict; else the cases themselves."""
    if named:
        return "; and ".join(dict.fromkeys(finding.only_if for finding in named))
    sides = [f.scope for f in pro], [f.scope for f in contra]
    for separates in (_by_variant, _by_clients, _by_precision, _by_hardware) if contra else ():
        found = separates(*sides)
        if found:
            return found
    return _by_case(pro, contra)


def _by_case(pro: Sequence[Finding], contra: Sequence[Finding]) -> str:
    cases = list(dict.fromkeys(str(finding.scope) for finding in pro))
    share = f" ({len(pro)} of {len(pro) + len(contra)} tests)" if contra else ""
    these = "one of these cases" if len(cases) > 1 else "this case"
    return f"it is {these}: {'; '.join(cases)}{share}"


def _by_variant(pro: Scopes, contra: Scopes) -> str:
    one, other = _values(pro, lambda s: s.variant), _values(contra, lambda s: s.variant)
    told_apart = len(one) == 1 and not one & other and "unknown" not in one | other
    return VARIANTS[one.pop()] if told_apart else ""


def _by_clients(pro: Scopes, contra: Scopes) -> str:
    if not all(scope.clients or scope.peak for scope in (*pro, *contra)):
        return ""
    one, other = ([scope.clients or PEAK for scope in side] for side in (pro, contra))
    if max(one) < min(other):
        return f"no more than {max(one)} ask at once" if max(one) > 1 else "one asks at a time"
    return f"{min(one)} or more ask at once" if max(other) < min(one) < PEAK else ""


def _by_precision(pro: Scopes, contra: Scopes) -> str:
    one, other = _values(pro, lambda s: s.same_quant), _values(contra, lambda s: s.same_quant)
    if (one, other) == ({"True"}, {"False"}):
        return "both engines run the same precision"
    different = (one, other) == ({"False"}, {"True"})
    return "the engines run different precisions" if different else ""


def _by_hardware(pro: Scopes, contra: Scopes) -> str:
    one, other = _values(pro, lambda s: s.hardware), _values(contra, lambda s: s.hardware)
    if one & other or not all(one | other):
        return ""
    return "it runs " + " or ".join(HARDWARE.get(hardware, hardware) for hardware in sorted(one))


def _values(scopes: Scopes, of: Callable[[Scope], object]) -> set[str]:
    return {str(of(scope)) for scope in scopes}
