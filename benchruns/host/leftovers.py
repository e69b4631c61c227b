"""Results that the site had not taken when this machine's worker ended."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from benchruns.host.document import ResultDocument
from benchruns.host.site_client import Claimed, SiteClient
from benchruns.host.site_errors import Rejected, Stale, TooLarge

log = logging.getLogger(__name__)

PART = ".part"  # a result that is being written
_NO_LEASE_S = 1.0  # only the run's id and attempt count when a result is told


def name_of(run: Claimed) -> str:
    return f"{run.id}-{run.attempt}.json"


def resend(client: SiteClient, results_dir: Path) -> None:
    """Tells the site each kept result; one that it takes or refuses for good is removed.

    Raises SiteError where the site may take it another time.
    """
    for half in results_dir.glob(f".*{PART}"):
        half.unlink(missing_ok=True)
    for path, run, document in _kept(results_dir):
        try:
            client.result(run, document)
        except TooLarge as error:  # kept: the site's owner may raise the cap, or take it by hand
            log.warning("run %s: the result kept in %s is not taken: %s", run.id, path.name, error)
            continue
        except (Stale, Rejected) as error:
            log.warning("run %s: the site does not want the result kept here: %s", run.id, error)
        else:
            log.info("run %s: the result kept here is delivered", run.id)
        path.unlink(missing_ok=True)


def _kept(results_dir: Path) -> Iterator[tuple[Path, Claimed, ResultDocument]]:
    for path in sorted(results_dir.glob("*.json")):
        run_id, _, attempt = path.stem.rpartition("-")
        try:
            run = Claimed(id=run_id, attempt=int(attempt), lease_s=_NO_LEASE_S, plan={})
            yield path, run, ResultDocument.model_validate_json(path.read_text())
        except (OSError, ValidationError, ValueError) as error:
            log.warning("%s is left where it is, it cannot be read: %s", path, _first(error))


def _first(error: Exception) -> str:
    return str(error).splitlines()[0]
