"""Real process trees: whatever happens above or inside, nobody is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from benchruns.host import guard
from benchruns.host.guard import GuardedProcess, GuardError, spawn
from tests.benchruns.host.stub_site import LIMIT_S, until

# An engine that starts what engines start: a child, one in a session of its own, and a daemon
# (double fork, own session) that is deaf to SIGTERM. Every one of them signs in.
ENGINE = textwrap.dedent("""
    import os, signal, sys, time
    def sign_in(name):
        with open("signed-in", "a") as book:
            book.write(f"{name} {os.getpid()}\\n")
        time.sleep(600)
    if not os.fork():
        sign_in("child")
    if not os.fork():
        os.setsid()
        sign_in("session")
    if "--daemon" in sys.argv and not os.fork():
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if not os.fork():
            sign_in("daemon")
        os._exit(0)
    sign_in("engine")
""")
TREE = [sys.executable, "-S", "-c", ENGINE]


def family(cwd: Path, count: int) -> dict[str, psutil.Process]:
    """The processes of the tree by the name they signed in with, once all are there."""
    book = cwd / "signed-in"
    until(lambda: book.exists() and book.read_text().count("\n") == count, f"{count} processes")
    lines = (line.split() for line in book.read_text().splitlines())
    return {name: psutil.Process(int(pid)) for name, pid in lines}


def nobody_is_left(processes: dict[str, psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(list(processes.values()), timeout=LIMIT_S)
    names = {process.pid: name for name, process in processes.items()}
    assert [names[process.pid] for process in alive] == []
    return True


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[GuardedProcess]:
    with spawn([*TREE, "--daemon"], cwd=tmp_path, log_path=tmp_path / "log") as process:
        yield process


def parent_of_a_tree(tmp_path: Path) -> subprocess.Popen[bytes]:
    source = textwrap.dedent(f"""
        import time
        from benchruns.host.guard import spawn
        kept = spawn({[*TREE, "--daemon"]!r}, cwd={str(tmp_path)!r}, log_path="/dev/null")
        time.sleep(600)
    """)
    return subprocess.Popen([sys.executable, "-c", source])


def test_it_starts_the_engine_in_its_folder_with_its_environment(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    show = "import os; print(os.getcwd(), dict(os.environ).get('COLOUR'), flush=True)"
    argv = [sys.executable, "-c", show]

    with spawn(argv, env={"COLOUR": "green"}, cwd=tmp_path, log_path=log) as process:
        until(lambda: not process.alive(), "the engine's end")

    assert process.returncode == 0
    assert log.read_text() == f"before\n{tmp_path} green\n"


def test_it_knows_the_engine_and_that_it_is_alive(tree: GuardedProcess, tmp_path: Path) -> None:
    engine = family(tmp_path, 4)["engine"]

    assert engine.pid == tree.pid
    assert tree.alive()
    assert tree.returncode is None


def test_it_stops_the_whole_tree(tree: GuardedProcess, tmp_path: Path) -> None:
    everybody = family(tmp_path, 4)

    tree.stop(grace_s=3)

    assert nobody_is_left(everybody)
    assert not tree.alive()
    assert tree.returncode == -signal.SIGTERM


def test_it_kills_an_engine_that_is_deaf_to_sigterm(tmp_path: Path) -> None:
    deaf = "trap '' TERM; echo deaf; while :; do sleep 0.1; done"
    log = tmp_path / "log"
    process = spawn(["sh", "-c", deaf], cwd=tmp_path, log_path=log)
    until(lambda: log.read_text() == "deaf\n", "the engine to be deaf")

    process.stop(grace_s=0.2)

    assert process.returncode == -signal.SIGKILL


def test_stopping_twice_changes_nothing(tree: GuardedProcess) -> None:
    tree.stop()
    code = tree.returncode

    tree.stop()

    assert tree.returncode == code


def test_nobody_survives_a_sigkill_of_the_parent(tmp_path: Path) -> None:
    with parent_of_a_tree(tmp_path) as parent:
        everybody = family(tmp_path, 4)
        parent.send_signal(signal.SIGKILL)

    assert nobody_is_left(everybody)


def test_nobody_survives_when_the_parent_just_ends(tmp_path: Path) -> None:
    with parent_of_a_tree(tmp_path) as parent:
        everybody = family(tmp_path, 4)
        parent.send_signal(signal.SIGINT)

    assert nobody_is_left(everybody)


def test_nobody_survives_when_the_engine_dies(tree: GuardedProcess, tmp_path: Path) -> None:
    everybody = family(tmp_path, 4)

    everybody["engine"].kill()

    assert nobody_is_left(everybody)
    assert not tree.alive()
    assert tree.returncode == -signal.SIGKILL


def test_the_engine_goes_on_when_a_child_of_it_dies(tree: GuardedProcess, tmp_path: Path) -> None:
    everybody = family(tmp_path, 4)

    everybody.pop("child").kill()

    assert tree.alive()
    assert all(process.is_running() for process in everybody.values())


def _is_child(process: psutil.Process, parent: psutil.Process) -> bool:
    """False also when it is gone already: the guard may be faster than this question."""
    try:
        return process.ppid() == parent.pid
    except psutil.NoSuchProcess:
        return False


def test_a_grandchild_is_stopped_after_its_parent_died(tmp_path: Path) -> None:
    """The intermediate process is killed by SIGKILL; what it had started is still found."""
    between = 'sh -c "sleep 600 & echo \\$\\$ \\$! > pids; wait" & wait'
    with spawn(["sh", "-c", between], cwd=tmp_path, log_path=tmp_path / "log"):
        pids = tmp_path / "pids"
        until(lambda: pids.exists() and pids.read_text().endswith("\n"), "the grandchild")
        middle, grandchild = (psutil.Process(int(pid)) for pid in pids.read_text().split())
        middle.kill()
        until(lambda: not _is_child(grandchild, middle), "the grandchild to be orphaned")

    assert nobody_is_left({"grandchild": grandchild})


def test_the_engine_dies_with_the_guard(tree: GuardedProcess, tmp_path: Path) -> None:
    everybody = family(tmp_path, 4)
    guarding = everybody["engine"].parent()
    assert guarding is not None

    guarding.kill()

    assert nobody_is_left({"engine": everybody.pop("engine")})
    until(lambda: not tree.alive(), "the news")
    for orphan in everybody.values():  # the price of killing the guard itself
        orphan.kill()


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGHUP])
def test_a_signal_from_the_terminal_does_not_end_the_guard(
    tree: GuardedProcess, tmp_path: Path, sign: signal.Signals
) -> None:
    everybody = family(tmp_path, 4)
    guarding = everybody["engine"].parent()
    assert guarding is not None

    guarding.send_signal(sign)
    assert os.getsid(guarding.pid) != os.getsid(0)
    assert tree.alive()

    tree.stop()
    assert nobody_is_left(everybody)


def test_the_portable_way_stops_all_but_daemons(tmp_path: Path) -> None:
    process = guard._spawn(TREE, None, tmp_path, tmp_path / "log", portable=True)
    everybody = family(tmp_path, 3)

    process.stop(grace_s=1)

    assert nobody_is_left(everybody)


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no-such-engine"):
        spawn(["no-such-engine"], cwd=tmp_path, log_path=tmp_path / "log")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        spawn(["true"], cwd=tmp_path / "nowhere", log_path=tmp_path / "log")


def test_it_says_when_the_guard_itself_cannot_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "_SCRIPT", tmp_path / "gone.py")

    with pytest.raises(GuardError, match="ended before it started"):
        spawn(["true"], cwd=tmp_path, log_path=tmp_path / "log")
