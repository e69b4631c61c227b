"""Speaks to the site: plain HTTPS, outbound, nothing of Celery. Protocol in docs/architecture.md.

Proxies come from the environment (HTTPS_PROXY, NO_PROXY), further certificates from
SSL_CERT_FILE. The token goes into one header and into no log.
"""

from __future__ import annotations

import ipaddress
import json
import logging
from collections.abc import Callable, Sequence
from importlib.metadata import version
from types import TracebackType
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchruns.host.accepts import Accepts
from benchruns.host.credentials import Credential
from benchruns.host.document import HostFacts, ResultDocument
from benchruns.host.local import for_strangers
from benchruns.host.order import Installable
from benchruns.host.plan import PROTOCOL
from benchruns.host.progress import Progress
from benchruns.host.schema.vitals import Vitals
from benchruns.host.site_errors import Rejected, SiteUnreachable, error_of

MOST_WAIT_S = 25.0
LOG_CHARACTERS = 60_000
REASON_CHARACTERS = 2_000
_SLACK_S = 15.0

_NO_PROXY: dict[str, httpx.BaseTransport | None] = {
    "all://": None,
    "http://": None,
    "https://": None,
}

M = TypeVar("M", bound=BaseModel)

logging.getLogger("httpx").setLevel(logging.WARNING)  # else a line per request


class _Said(BaseModel):
    """What the site says; it may be one release ahead and say more."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Claimed(_Said):
    """`plan` is checked by whoever executes it, so that a bad one fails its run and no more."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    attempt: int
    lease_s: Annotated[float, Field(gt=0)]
    plan: dict[str, Any]


class _Work(_Said):
    run: Claimed | None = None
    rotate: bool = False


class _Token(_Said):
    token: Annotated[str, Field(min_length=1)]


class Beat(_Said):
    cancel: bool = False
    lease_s: Annotated[float, Field(gt=0)] | None = None


class _Enrolled(_Said):
    host: str | int
    name: str
    token: Annotated[str, Field(min_length=1)]


class InstalledEngine(_Said):
    """`provider` null: not installed; `detail` says how to get it."""

    id: str
    provider: str | None
    version: str = ""
    detail: str = ""


class _Uploaded(_Said):
    url: str


class SiteClient:
    """One machine's calls. Every method raises a SiteError; one client per process and thread.

    `renew`: asked when the token is refused, for another process of this machine may have been
    given a new one meanwhile.
    """

    def __init__(
        self,
        site: str,
        token: str | None = None,
        *,
        timeout_s: float = 15.0,
        renew: Callable[[], str | None] = lambda: None,
    ) -> None:
        self.site, self.token, self._renew = site, token, renew
        self.asked_to_rotate = False  # by the answer to the last claim
        self.glance: Callable[[], Vitals | None] = lambda: None  # how this machine is just now
        headers = {"User-Agent": f"rigguide/{version('rigguide')}"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._http = httpx.Client(
            base_url=f"{site}/api/host/v1/",
            headers=headers,
            timeout=httpx.Timeout(timeout_s, connect=min(timeout_s, 10.0)),
            mounts=_NO_PROXY if _is_loopback(site) else None,  # no proxy reaches our loopback
        )

    @classmethod
    def of(
        cls, credential: Credential, renew: Callable[[], str | None] = lambda: None
    ) -> SiteClient:
        return cls(credential.site, credential.token, renew=renew)

    def __enter__(self) -> SiteClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def use(self, token: str) -> None:
        """From the next call on."""
        self.token = token
        self._http.headers["Authorization"] = f"Bearer {token}"

    def enrol(
        self, code: str, name: str, facts: HostFacts, engines: Sequence[InstalledEngine]
    ) -> Credential:
        # A code is good once: whoever gives up on a slow site may have lost it.
        body = {"code": code, "name": name, **_machine(facts, engines)}
        said = self._post("enrol", body, timeout_s=60.0)
        enrolled = _read(_Enrolled, said)
        return Credential(self.site, str(enrolled.host), enrolled.name, enrolled.token)

    def facts(self, facts: HostFacts, engines: Sequence[InstalledEngine]) -> None:
        self._post("facts", _machine(facts, engines))

    def claim(
        self,
        engines: Sequence[str],
        wait_s: float = MOST_WAIT_S,
        installs: Sequence[Installable] = (),
        accepts: Accepts | None = None,
        slot: tuple[int, int] = (0, 1),
    ) -> Claimed | None:
        """The next run for this machine, or None when there was none within `wait_s`.

        `slot`: which of how many that ask for work side by side.
        """
        body: dict[str, Any] = {"protocol": PROTOCOL, "wait_s": wait_s, "engines": list(engines)}
        body["installs"] = [offer.model_dump() for offer in installs]
        body |= {"slot": slot[0], "slots": slot[1], "rotates": True}
        if accepts is not None:
            body["accepts"] = accepts.model_dump(mode="json")
        body |= self._vitals()
        said = _read(_Work, self._post("claim", body, timeout_s=wait_s + _SLACK_S))
        self.asked_to_rotate = said.rotate
        return said.run

    def new_token(self) -> str:
        """The old one is good until the new one is used for the first time."""
        return _read(_Token, self._post("token", {})).token

    def detach(self) -> None:
        """The token is good for nothing from now on."""
        self._post("detach", {})

    def heartbeat(self, run: Claimed) -> Beat:
        timeout_s = max(2.0, run.lease_s / 2)
        return _read(Beat, self._about(run, "heartbeat", timeout_s=timeout_s, **self._vitals()))

    def events(self, run: Claimed, events: Sequence[Progress]) -> Beat:
        plain = (e.model_copy(update={"message": for_strangers(e.message)}) for e in events)
        told = [event.model_dump(mode="json") for event in plain]
        return _read(Beat, self._about(run, "events", events=told))

    def release(self, run: Claimed) -> None:
        self._about(run, "release")

    def failure(self, run: Claimed, reason: str, log: str = "") -> None:
        """Neither holds where this machine's homes are, nor secrets: strangers read both."""
        said = for_strangers(reason)[:REASON_CHARACTERS] or "The run failed without saying why."
        self._about(run, "failure", reason=said, log=for_strangers(log)[-LOG_CHARACTERS:])

    def cancelled(self, run: Claimed) -> None:
        self._about(run, "cancelled")

    def installed(self, run: Claimed) -> None:
        """May be said again, as a result may."""
        self._about(run, "installed")

    def result(self, run: Claimed, document: ResultDocument) -> None:
        """May be said again: a repeat of the same attempt changes nothing."""
        told = document.model_dump(mode="json")
        self._about(run, "result", timeout_s=60.0, document=told)

    def upload(self, document: dict[str, Any]) -> str:
        """A result of no run of that site. The address of its page; a repeat gives the same."""
        said = self._post("results", {"document": document}, timeout_s=60.0)
        return f"{self.site}{_read(_Uploaded, said).url}"

    def _vitals(self) -> dict[str, Any]:
        """A site of an earlier release ignores it."""
        vitals = self.glance()
        return {} if vitals is None else {"vitals": vitals.model_dump(mode="json")}

    def _about(
        self, run: Claimed, what: str, *, timeout_s: float | None = None, **body: Any
    ) -> dict[str, Any]:
        path = f"runs/{run.id}/{what}"
        told = {"attempt": run.attempt, **body}
        return self._post(path, told, timeout_s=timeout_s, trace=f"{run.id}.{run.attempt}")

    def _post(
        self, path: str, body: dict[str, Any], *, timeout_s: float | None = None, trace: str = ""
    ) -> dict[str, Any]:
        """`trace`: the site logs it with whatever this leads to."""
        response = self._sent(path, body, timeout_s, trace)
        if response.status_code == httpx.codes.UNAUTHORIZED and self._renewed():
            response = self._sent(path, body, timeout_s, trace)
        if not response.is_success:
            raise error_of(response.status_code, _sentence(response))
        return _json(response)

    def _sent(
        self, path: str, body: dict[str, Any], timeout_s: float | None, trace: str
    ) -> httpx.Response:
        timeout = httpx.USE_CLIENT_DEFAULT if timeout_s is None else httpx.Timeout(timeout_s)
        headers = {"X-Request-ID": trace} if trace else {}
        try:
            return self._http.post(path, json=body, timeout=timeout, headers=headers)
        except httpx.TransportError as error:
            raise SiteUnreachable(_network_sentence(self.site, error)) from error

    def _renewed(self) -> bool:
        token = self._renew() if self.token else None
        if token is None or token == self.token:
            return False
        self.use(token)
        return True


def _machine(facts: HostFacts, engines: Sequence[InstalledEngine]) -> dict[str, Any]:
    return {
        "protocol": PROTOCOL,
        "facts": facts.model_dump(mode="json"),
        "engines": [engine.model_dump() for engine in engines],
    }


def _is_loopback(site: str) -> bool:
    host = urlsplit(site).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _network_sentence(site: str, error: httpx.TransportError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return f"{site} did not answer in time"
    return f"{site} cannot be reached ({str(error) or type(error).__name__})"


def _sentence(response: httpx.Response) -> str:
    """The site's own words; without any, the status."""
    if response.is_redirect:
        there = response.headers.get("location", "another address")
        return f"the site sends us on to {there}; attach this machine with that address"
    try:
        return str(response.json()["error"])
    except (ValueError, KeyError, TypeError):
        return f"{response.request.url} answered {response.status_code} {response.reason_phrase}"


def _json(response: httpx.Response) -> dict[str, Any]:
    if not response.content:
        return {}
    try:
        said = response.json()
    except json.JSONDecodeError as error:
        raise _not_ours(response) from error
    if not isinstance(said, dict):
        raise _not_ours(response)
    return said


def _not_ours(response: httpx.Response) -> Rejected:
    return Rejected(f"{response.request.url} answered something that is not a RigGuide site's JSON")


def _read(model: type[M], said: dict[str, Any]) -> M:
    try:
        return model.model_validate(said)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise Rejected(f"the site's answer is not understood: {where}: {problem['msg']}") from error
