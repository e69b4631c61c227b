"""`rigguide schema`: the JSON schema of what a measurement is asked with and answers."""

from __future__ import annotations

import json
from typing import Final

import click
from pydantic import BaseModel

from benchruns.host.document import ResultDocument
from benchruns.host.plan import Plan

_OF: Final[dict[str, type[BaseModel]]] = {"result": ResultDocument, "plan": Plan}


@click.command(name="schema")
@click.argument("which", type=click.Choice(list(_OF)), default="result")
def command(which: str) -> None:
    """Print the JSON schema of a result document, or of a plan.

    It describes the newest version; older result documents are upgraded when they are read.
    """
    found = _OF[which].model_json_schema()
    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    click.echo(json.dumps(draft | found, indent=1))
