"""What an attached machine keeps: where its site is and the token of its own, mode 0600."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from benchruns.host.site_errors import HostError

log = logging.getLogger(__name__)


class NotAttached(HostError):
    """There is no usable credential."""


class AlreadyRunning(HostError):
    """Another worker uses this folder."""


@dataclass(frozen=True, slots=True)
class Credential:
    site: str  # "https://guide.example.org", no slash at the end
    host: str  # the id the site gave this machine
    name: str
    token: str = field(repr=False)


def site_address(given: str) -> str:
    """The address as it is kept. Raises ValueError with a sentence."""
    parts = urlsplit(given.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(
            f"{given!r} is not the address of a site: it must begin with https:// or http://, "
            "as in https://guide.example.org"
        )
    if parts.username or parts.query or parts.fragment:
        raise ValueError(f"{given!r} must be a plain address, without a user name, ? or #")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def default_home() -> Path:
    """`RIGGUIDE_HOME`, else the place for a person's configuration."""
    given = os.environ.get("RIGGUIDE_HOME")
    config = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(given or f"{config}/rigguide").expanduser()


class Home:
    """The folder of one attached machine. Made when something is put into it.

    A machine that measures several runs at a time has a slot for each, with a folder of its own;
    the token is one.
    """

    def __init__(self, path: Path | str | None = None, slot: int = 0) -> None:
        self.path = Path(path).expanduser().resolve() if path else default_home()
        self.slot = slot

    @property
    def own(self) -> Path:
        """Of this slot; the first one's is the folder itself."""
        return self.path / "slots" / str(self.slot) if self.slot else self.path

    @property
    def credential_path(self) -> Path:
        return self.path / "credential.json"

    @property
    def board_path(self) -> Path:
        return self.own / "board"

    @property
    def work_dir(self) -> Path:
        return self.own / "work"

    @property
    def results_dir(self) -> Path:
        """Results the site has not taken yet."""
        return self.own / "results"

    def folder_of(self, run_id: str, attempt: int) -> Path:
        return self.work_dir / f"{run_id}-{attempt}"

    def make(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.own.mkdir(parents=True, exist_ok=True)
        self.work_dir.mkdir(exist_ok=True)
        self.results_dir.mkdir(exist_ok=True)

    def tidy(self) -> None:
        """Removes what runs left in their folders. Only between runs."""
        self.make()
        for left in self.work_dir.iterdir():
            try:
                shutil.rmtree(left)
            except OSError as error:  # an engine that is just being killed may still write there
                log.warning("%s is left for the next time: %s", left, error)

    def save(self, credential: Credential) -> None:
        """Replaces the old one whole; nobody else can read it at any moment."""
        self.make()
        handle, name = tempfile.mkstemp(dir=self.path, prefix=".credential-")  # mode 0600
        with os.fdopen(handle, "w") as file:
            json.dump(asdict(credential), file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(self.credential_path)

    def load(self) -> Credential:
        """Raises NotAttached."""
        try:
            text = self._private_text()
        except FileNotFoundError:
            raise NotAttached(
                f"This machine is not attached: there is no {self.credential_path}. "
                "Attach it with: rigguide attach SITE CODE"
            ) from None
        try:
            return Credential(**{key: str(value) for key, value in json.loads(text).items()})
        except (AttributeError, TypeError, ValueError) as error:
            raise NotAttached(
                f"{self.credential_path} cannot be read ({error}). "
                "Attach this machine again with: rigguide attach SITE CODE"
            ) from error

    def newest_token(self) -> str | None:
        """As it is kept now: another process of this machine may have been given a new one."""
        try:
            return self.load().token
        except NotAttached:
            return None

    def forget(self) -> None:
        """The credential; what else is here stays."""
        self.credential_path.unlink(missing_ok=True)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """One process at a time changes the credential."""
        self.make()
        with (self.path / "credential.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _private_text(self) -> str:
        if self.credential_path.stat().st_mode & 0o077:
            self.credential_path.chmod(0o600)  # copied by hand, perhaps
        return self.credential_path.read_text()

    def lock(self) -> IO[str]:
        """One worker per slot, while the returned file is open. Raises AlreadyRunning."""
        self.make()
        file = (self.own / "worker.lock").open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            other = file.read().strip()
            file.close()
            raise AlreadyRunning(
                f"A worker of this machine is running already (process {other}, folder {self.own})."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        return file
