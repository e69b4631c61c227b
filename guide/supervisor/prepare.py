"""What happens before the site answers: tables, static files, rule book."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from guide.supervisor import stamp
from guide.supervisor.say import say


def prepare(data: Path) -> None:
    """Brings everything up to date; says only what it did."""
    django.setup()
    _migrate()
    _collect_static()
    _load_rules()
    stamp.leave(data)


def local_code(home: Path) -> str:
    """A one-time code for this machine; empty when it is attached already."""
    out = io.StringIO()
    call_command("attach_local", home=home, stdout=out, stderr=io.StringIO())
    connection.close()
    return out.getvalue().strip()


def owner_link(site: str) -> str:
    """A one-time link that makes its user the owner of this site; empty when it has one."""
    out = io.StringIO()
    call_command("createowner", site=site, stdout=out, stderr=io.StringIO())
    connection.close()
    return out.getvalue().strip()


def host_waits(home: Path, since: datetime) -> bool:
    """Has this machine's worker asked for a run since then?"""
    from benchruns.local import attached_from

    host = attached_from(home)
    connection.close()
    return bool(host and host.measures and host.last_seen_at and host.last_seen_at >= since)


def host_package(data: Path) -> str:
    """Builds what other machines install from this site, and says what came of it."""
    from benchruns.attaching.wheel import NotBuilt, build

    try:
        return f"other machines attach with {build(settings.BASE_DIR, data).name}"
    except NotBuilt as error:
        return f"no package for other machines: {error}"


def _migrate() -> None:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        say("database", f"applying {len(plan)} migrations to {connection.vendor}")
        call_command("migrate", interactive=False, verbosity=0)
    connection.close()


def _collect_static() -> None:
    """Hashed and compressed once; again only when a file changed."""
    files = [file for folder in settings.STATICFILES_DIRS for file in Path(folder).rglob("*")]
    collected = settings.STATIC_ROOT / ".collected"
    now = stamp.fingerprint(file for file in files if file.is_file())
    if collected.exists() and collected.read_text() == now:
        return
    say("static", "collecting and compressing static files")
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    collected.write_text(now)


def _load_rules() -> None:
    """A rule book or catalogue that does not load stops the start, not the first visitor."""
    from recommender import catalogue, rulebook, table

    rules, facts = rulebook.load(), catalogue.load()
    table.load(rules)  # built here once, read from disk by every process of the site
    say(
        "rules",
        f"rule book {rules.version}: {len(rules.rules)} rules, {len(facts.models)} models, "
        f"{len(facts.devices)} devices",
    )
