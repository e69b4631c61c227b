"""What happens before the site answers: tables, static files, rule book."""

from __future__ import annotations

import hashlib
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from guide.supervisor.say import say


def prepare() -> None:
    django.setup()
    _migrate()
    _collect_static()
    _load_rules()


def _migrate() -> None:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        say("database", f"applying {len(plan)} migrations to {connection.vendor}")
        call_command("migrate", interactive=False, verbosity=0)
    connection.close()


def _collect_static() -> None:
    """Hashed and compressed once; again only when a file changed."""
    sources = [Path(folder) for folder in settings.STATICFILES_DIRS]
    stamp = settings.STATIC_ROOT / ".collected"
    now = _fingerprint(sources)
    if stamp.exists() and stamp.read_text() == now:
        return
    say("static", "collecting and compressing static files")
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(now)


def _fingerprint(folders: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(file for folder in folders for file in folder.rglob("*") if file.is_file()):
        digest.update(str(path).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


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
