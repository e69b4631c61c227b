"""The install script and the line that runs it, read by the shells that will read them."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import tree_sitter
import tree_sitter_powershell

from benchruns.attaching import locked, script
from benchruns.attaching.wheel import Wheel

SITE = "https://guide.example.org"
CODE = "rgc_x-Y_9"
WHEEL = Wheel(Path("rigguide-0.1.0-py3-none-any.whl"), "ab" * 32)
SHELLCHECK = Path(sys.executable).with_name("shellcheck")


def install_sh(site: str = SITE, *, locked: bool = True, index: bool = False) -> str:
    return script.install_sh(site, WHEEL, locked=locked, index=index)


@pytest.mark.parametrize(("locked", "index"), [(True, True), (True, False), (False, False)])
def test_shells_understand_the_script(*, locked: bool, index: bool) -> None:
    text = install_sh(locked=locked, index=index)
    checked = subprocess.run(
        [SHELLCHECK, "--shell=sh", "-"], input=text, capture_output=True, text=True, check=False
    )
    assert checked.stdout == ""
    assert "@" not in text.partition("say()")[0].partition("set -eu")[2]


def test_it_knows_the_site_its_package_and_its_index() -> None:
    text = install_sh(index=True)
    for said in (f"SITE={SITE}", f"SHA256={'ab' * 32}", f"INDEX={SITE}/host/simple/", "LOCKED=yes"):
        assert said in text.splitlines()
    assert "INDEX=''" in install_sh().splitlines()


def test_a_half_read_script_does_nothing() -> None:
    *rest, last = install_sh().rstrip().splitlines()
    assert last == 'main "$@" </dev/null'
    half = "\n".join(rest)
    done = subprocess.run(["sh"], input=half, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_no_address_or_list_of_processes_shows_the_code() -> None:
    for command in script.commands(SITE, CODE):
        before, _, after = command.text.partition("RIGGUIDE_CODE=")
        assert CODE not in before, command.id
        assert after.startswith(f"{CODE} sh"), command.id


def test_the_commands_are_what_their_shells_call_commands() -> None:
    by_id = {command.id: command.text for command in script.commands(SITE, CODE)}
    for text in (by_id["shell"], by_id["python"]):
        subprocess.run(["sh", "-n"], input=text, text=True, check=True)
    assert shlex.split(by_id["shell"])[:3] == ["curl", "-fsSL", f"{SITE}/host/install.sh"]
    language = tree_sitter.Language(tree_sitter_powershell.language())
    parsed = tree_sitter.Parser(language).parse(by_id["powershell"].encode())
    assert not parsed.root_node.has_error
    assert f'sh -c "{by_id["shell"]}"' in by_id["powershell"]


def run(text: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The script as a machine would run it that has nothing but the system's programs."""
    env = {"HOME": str(home), "PATH": "/usr/bin:/bin", **environment}
    return subprocess.run(
        ["sh"], input=text, env=env, cwd=home, capture_output=True, text=True, check=False
    )


def test_a_machine_without_a_python_is_told_what_it_needs(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    links = tmp_path / "bin"
    links.mkdir()
    for name in ("sh", "mkdir", "rm", "tail"):
        (links / name).symlink_to(f"/bin/{name}")
    done = run(install_sh(), tmp_path, PATH=str(links), PYTHON=str(old))
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed and was not found" in done.stderr


def test_a_package_that_is_another_one_is_not_installed(tmp_path: Path) -> None:
    """The site's answer was changed on its way, or the site was updated meanwhile."""
    served = tmp_path / "site" / "host"
    served.mkdir(parents=True)
    (served / WHEEL.name).write_bytes(b"another")
    prefix = tmp_path / "prefix"
    done = run(
        install_sh(f"file://{tmp_path}/site"),
        tmp_path,
        RIGGUIDE_PREFIX=str(prefix),
        PYTHON=sys.executable,
    )
    assert done.returncode == 1
    assert "is not the one this script is for" in done.stderr
    assert not (prefix / "requirements.txt").exists()


HASHED = """\
aiohttp==3.14.5 \\
    --hash=sha256:01
    # via rigguide
xllamacpp==2026.10.11549 \\
    --hash=sha256:02
yarl==1.25.1 \\
    --hash=sha256:03
"""


def test_the_locked_requirements_come_with_and_without_the_engine(tmp_path: Path) -> None:
    assert locked.text(tmp_path) is None
    (tmp_path / "requirements").mkdir()
    (tmp_path / locked.FILE).write_text("# a comment\n" + HASHED)
    assert locked.text(tmp_path) == "# a comment\n" + HASHED
    without = locked.text(tmp_path, engines=False) or ""
    assert "xllamacpp" not in without
    assert "sha256:02" not in without
    assert without.count("==") == 2
    assert without.startswith("# a comment\naiohttp")
