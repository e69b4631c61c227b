"""The commands that make an environment, in order. What differs between engines is in the offer."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from benchruns.host.errors import EngineFailed
from benchruns.host.install import environments, processor
from benchruns.host.install.offers import Offer, StandIn
from benchruns.host.install.running import Shell

_NAME = re.compile(r"([\w.-]+)(\[[\w,-]+\])?")


def uv(shell: Shell, tools: Path) -> str:
    """The program; where this machine has none, one of our own below `tools`."""
    beside = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if beside:
        return beside
    own = environments.program(tools, "uv")
    if not own.exists():
        shell.run([sys.executable, "-m", "venv", str(tools)], "Getting uv")
        python = str(environments.program(tools, "python"))
        shell.run([python, "-m", "pip", "install", "--disable-pip-version-check", "uv"], "uv")
    return str(own)


def build(offer: Offer, where: Path, shell: Shell, program: str) -> None:
    """Makes or completes the environment at `where`. Raises EngineFailed."""
    if not (where / "pyvenv.cfg").exists():
        # Relocatable: it gets its name when it is whole.
        make = [program, "venv", "--relocatable", "--allow-existing", "--no-python-downloads"]
        shell.run([*make, "--python", sys.executable, str(where)], "Making the environment")
    install = [program, "pip", "install", "--python", str(environments.program(where, "python"))]
    if offer.build_requires:
        shell.run([*install, *offer.build_requires], "Installing what it is built with")
    sources = [_source(requirement, where, shell) for requirement in offer.from_source]
    _packages(offer, where, shell, install, sources)
    if offer.stand_in:
        wheel = stand_in_wheel(offer.stand_in, where)
        shell.run([*install, "--no-deps", str(wheel)], "Adding the stand-in")


def _source(requirement: str, where: Path, shell: Shell) -> Path:
    """Unpacked once, at one place: a compiler that was stopped goes on only where it was."""
    folder, loads = where / "source", where / "downloads"
    if not (folder / ".whole").exists():
        python = str(environments.program(where, "python"))
        get = [python, "-m", "pip", "download", "--no-deps", "--no-build-isolation"]
        get += ["--no-binary", ":all:", "--dest", str(loads), requirement]
        shell.run(get, f"Getting the source of {requirement}")
        shutil.rmtree(folder, ignore_errors=True)
        with tarfile.open(next(loads.glob("*.tar.gz"))) as archive:
            archive.extractall(folder, filter="data")
        (folder / ".whole").touch()
    return next(path for path in folder.iterdir() if path.is_dir())


def _packages(
    offer: Offer, where: Path, shell: Shell, install: list[str], sources: list[Path]
) -> None:
    """From the indexes this machine knows; where they lack PyTorch's build, from PyTorch's own."""
    what = f"Installing {offer.name}"
    wanted = [_from_source(package, offer, sources) for package in offer.packages]
    argv = [*install, *_options(offer, where), *wanted]
    if offer.torch_backend is None:
        return shell.run(argv, what)
    if not shell.attempt(argv, what):
        shell.run([*argv, "--torch-backend", offer.torch_backend], what)
    return None


def _from_source(package: str, offer: Offer, sources: list[Path]) -> str:
    """ "name[extra]==1.0" as "name[extra] @ file:///…" where its source lies here."""
    wanted = _NAME.match(package)
    for requirement, source in zip(offer.from_source, sources, strict=True):
        if wanted and requirement.startswith(f"{wanted[1]}=="):
            return f"{wanted[1]}{wanted[2] or ''} @ {source.as_uri()}"
    return package


def _options(offer: Offer, where: Path) -> Iterator[str]:
    if offer.from_source:
        yield from ("--verbose", "--no-build-isolation")  # the compiler's steps are the progress
    settings = offer.build_settings
    if offer.settings_where_amx_faults and processor.amx_faults():
        settings = {**settings, **offer.settings_where_amx_faults}
    for name, value in settings.items():
        yield from ("--config-settings", f"{name}={value}")
    if offer.without:
        overrides = where / "without.txt"
        lines = (f'{package} ; sys_platform == "never"\n' for package in offer.without)
        overrides.write_text("".join(lines))
        yield from ("--overrides", str(overrides))


def stand_in_wheel(package: StandIn, folder: Path) -> Path:
    """A wheel with metadata alone, for programs that ask which version of a package is here."""
    stem = f"{package.name.replace('-', '_')}-{package.version}"
    files = {
        "METADATA": f"Metadata-Version: 2.1\nName: {package.name}\nVersion: {package.version}\n"
        "Summary: Metadata alone; the code comes with another package.\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: rigguide\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    record = [f"{stem}.dist-info/{name},{_hash(text)},{len(text)}" for name, text in files.items()]
    files["RECORD"] = "\n".join([*record, f"{stem}.dist-info/RECORD,,", ""])
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(f"{stem}.dist-info/{name}", text)
    return path


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def packages(program: str, where: Path) -> dict[str, str]:
    """What is installed there, by name. Raises EngineFailed."""
    python = str(environments.program(where, "python"))
    argv = [program, "pip", "list", "--format", "freeze", "--python", python]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise EngineFailed("What was installed cannot be listed.", log=done.stderr[-2000:])
    pairs = (line.partition("==") for line in done.stdout.splitlines())
    return {name: version for name, equals, version in pairs if equals}
