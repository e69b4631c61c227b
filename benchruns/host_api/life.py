"""`token` and `detach`: a machine takes a new token, or leaves by itself."""

from __future__ import annotations

from benchruns import enrolment, host_tokens
from benchruns.host_api.bodies import Nothing
from benchruns.host_api.edge import Answer, Refusal, host_call
from benchruns.models import Host


@host_call(Nothing)
def token(host: Host, body: Nothing) -> Answer:
    del body
    try:
        return 200, {"token": host_tokens.hand_over(host)}
    except host_tokens.NotAsked as error:
        raise Refusal(409, "Nobody asked for a new token for this machine.") from error


@host_call(Nothing)
def detach(host: Host, body: Nothing) -> Answer:
    del body
    enrolment.revoke(host)
    return 200, {}
