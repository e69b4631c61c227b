"""Who sees a result, how far others bear it out, and whether this reader may change who sees it."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import HttpRequest
from django.template import RequestContext

from benchruns.evidence import DatabaseEvidence
from benchruns.models import Host, Result, Run, Team, Visibility
from benchruns.permits import Act, may, person
from benchruns.sharing import may_share
from benchruns.summaries import measurement
from recommender import trust

register = template.Library()


@register.simple_tag(takes_context=True)
def borne_out(context: RequestContext, result: Result) -> str:
    """In a sentence; whether it decides is told as it is for this reader."""
    host = result.run.host
    bears = host is not None and DatabaseEvidence(_reader(context)).counts(result, host)
    return trust.words(measurement(result, host.name if host else "", bears=bears))


@register.simple_tag(takes_context=True)
def may_say_who_sees(context: RequestContext, run: Run) -> bool:
    return may_share(_reader(context), run)


@register.simple_tag(takes_context=True)
def may_say_default(context: RequestContext, what: Host | Team) -> bool:
    team, act = (what.team, Act.ATTACH) if isinstance(what, Host) else (what, Act.MANAGE)
    return may(_reader(context), team, act)


@register.simple_tag(takes_context=True)
def measures_for(context: RequestContext, host: Host) -> bool:
    """Whether this reader measures there as a member, and so says who will see it."""
    return may(_reader(context), host.team, Act.RUN)


@register.simple_tag
def who_may_see() -> list[tuple[str, str]]:
    return list(Visibility.choices)


def _reader(context: RequestContext) -> Any:
    request = context.get("request")
    assert isinstance(request, HttpRequest)
    return person(request)
