"""A PostgreSQL of one's own: a cluster in a folder, on a loopback port, gone with whoever made it.

Debian's package is enough (`apt-get install postgresql`); nothing of a system's own cluster is
touched. PostgreSQL refuses to run as root, so root hands it to another user.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

READY_WITHIN_S = 60.0
USER, NAME = "rigguide", "rigguide"


def binaries() -> Path | None:
    """The folder of the newest PostgreSQL on this machine; None where there is none."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda bin_: int(bin_.parts[-2]))
    if debian:
        return debian[-1]
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


class Cluster:
    """Made, not started: `argv` starts it in the foreground, `url` is its DATABASE_URL."""

    def __init__(self, folder: Path, *options: str) -> None:
        found = binaries()
        if found is None:
            raise RuntimeError("PostgreSQL is not installed (Debian: apt-get install postgresql)")
        self._bin, self._data = found, folder / "data"
        self._password, self.port = secrets.token_urlsafe(16), _free_port()
        self.pid: int | None = None  # of the server, once it is running
        self._make(folder)
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
        }
        said = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        extra = [word for option in options for word in ("-c", option)]
        server = [str(self._bin / "postgres"), "-D", str(self._data), *said, *extra]
        self.argv = (*_as_nobody("INT"), *server)

    @property
    def url(self) -> str:
        return self.url_of(NAME)

    def url_of(self, database: str) -> str:
        return f"postgresql://{USER}:{self._password}@127.0.0.1:{self.port}/{database}"

    def _make(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        _hand_over(folder)
        word = folder / "password"
        word.write_text(self._password)
        _hand_over(word)
        command = [str(self._bin / "initdb"), "-D", str(self._data), "-U", USER, "-E", "UTF8"]
        command += ["--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile={word}", "--no-sync"]
        done = subprocess.run([*_as_nobody(), *command], capture_output=True, text=True, cwd=folder)
        if done.returncode:
            raise RuntimeError(f"initdb failed: {done.stderr.strip()}")

    def until_ready(self) -> None:
        """Waits until it answers, then makes the database. Raises TimeoutError."""
        deadline = time.monotonic() + READY_WITHIN_S
        while not self.answers():
            if time.monotonic() > deadline:
                raise TimeoutError(f"PostgreSQL did not answer within {READY_WITHIN_S:g} s")
            time.sleep(0.1)
        import psycopg

        with psycopg.connect(self.url_of("postgres"), autocommit=True) as to:
            found = to.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone()
            if found is None:
                to.execute(f"CREATE DATABASE {NAME}")

    def answers(self) -> bool:
        command = [str(self._bin / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(command).returncode == 0


@contextmanager
def running(*options: str) -> Iterator[Cluster]:
    """A cluster that answers; nothing of it is left at the end of the block."""
    with tempfile.TemporaryDirectory(prefix="rigguide-postgresql-") as made:
        folder = Path(made)
        folder.chmod(0o755)  # another user has to get through
        with _serving(folder / "cluster", *options) as cluster:
            yield cluster


@contextmanager
def _serving(folder: Path, *options: str) -> Iterator[Cluster]:
    cluster = Cluster(folder, *options)
    with (folder / "log").open("ab") as log:
        server = subprocess.Popen(cluster.argv, stdout=log, stderr=log, cwd=folder)
    cluster.pid = server.pid
    try:
        cluster.until_ready()
        yield cluster
    finally:
        server.terminate()  # under SIGTERM it waits for its clients to go
        try:
            server.wait(3)
        except subprocess.TimeoutExpired:
            server.send_signal(2)  # SIGINT: it sends them away
            server.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _owner() -> pwd.struct_passwd:
    """Debian's own user for it, or the one that owns nothing."""
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("there is neither a user postgres nor a user nobody")


def _as_nobody(ends_with: str = "KILL") -> tuple[str, ...]:
    """How root starts it. `ends_with`: the signal it gets when its starter is gone."""
    if os.getuid() != 0:
        return ()
    who = _owner()
    identity = (f"--reuid={who.pw_uid}", f"--regid={who.pw_gid}", "--clear-groups")
    return ("setpriv", *identity, f"--pdeathsig={ends_with}")


def _hand_over(path: Path) -> None:
    if os.getuid() == 0:
        os.chown(path, _owner().pw_uid, _owner().pw_gid)
