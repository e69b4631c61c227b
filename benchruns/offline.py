"""Machines that no site ever reaches: known by what their result documents say of them."""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction
from django.utils import timezone
from pydantic import ValidationError

from benchruns import audit
from benchruns.credentials import hashed, new_token
from benchruns.enrolment import free_name
from benchruns.host.compare.files import NotOne, documents_in
from benchruns.host.document import HostFacts
from benchruns.models import Host, Run, Team
from benchruns.models.teams import Person
from benchruns.sentences import sentence
from benchruns.storable import without_nul
from benchruns.uploads import UploadRefused, machine, upload_file


@transaction.atomic
def upload_from(team: Team, name: str, text: bytes, by: Person) -> list[Run]:
    """Keeps what an unattached machine measured, and the machine with it, unless refused.

    A machine that the team knows already keeps the name it has. Raises UploadRefused.
    """
    return upload_file(_known(team, name, _facts(text), by), text, by)


def _facts(text: bytes) -> HostFacts:
    """Of the first document; that all are of one machine is checked with each of them."""
    try:
        documents: list[dict[str, Any]] = documents_in(text)
        return HostFacts.model_validate_json(json.dumps(documents[0].get("host")))
    except NotOne as error:
        raise UploadRefused(str(error)) from error
    except (ValidationError, IndexError) as error:
        what = sentence(error) if isinstance(error, ValidationError) else "it is empty"
        raise UploadRefused(f"The file does not say on which machine it was: {what}") from error


def _known(team: Team, name: str, facts: HostFacts, by: Person) -> Host:
    for host in Host.objects.attached().filter(team=team, offline=True):
        if machine(host.machine) == machine(facts):
            return host
    host = Host.objects.create(
        team=team,
        name=free_name(team, name.strip() or facts.cpu),
        token_hash=hashed(new_token()),  # of a token that nobody has
        offline=True,
        facts=without_nul(facts.model_dump(mode="json")),
        probed_at=timezone.now(),
    )
    audit.record(by, team, "host.offline", host.name)
    return host
