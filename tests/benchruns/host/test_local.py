"""What of a command line is kept: neither secrets nor where things lie."""

from __future__ import annotations

import pytest

from benchruns.host.local import for_strangers, redacted, short


@pytest.mark.parametrize(
    "given",
    [
        ("--api-key", "s3cret"),
        ("--api-key=s3cret",),
        ("--hf-token", "s3cret"),
        ("--hf_token=s3cret",),
        ("--password", "s3cret"),
        ("--API-KEY", "s3cret"),
        ("--api-key", "--s3cret"),
        ("--api-key", "/s3cret"),
    ],
)
def test_it_hides_secrets(given: tuple[str, ...]) -> None:
    kept = redacted(("serve", *given, "--port", "80"))
    assert "s3cret" not in " ".join(kept)
    assert kept[-2:] == ("--port", "80")
    assert "***" in " ".join(kept)


def test_it_keeps_what_is_no_secret() -> None:
    argv = ("serve", "--prompt-tokens", "64", "--no-cache-prompt", "--max-tokens=8", "-np", "4")
    assert redacted(argv) == argv


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("/home/alice/models/m.gguf", "…/m.gguf"),
        ("~/m.gguf", "…/m.gguf"),
        ("C:\\models\\m.gguf", "…/m.gguf"),
        ("synthetic:/home/alice/config.json", "synthetic:…/config.json"),
        ("models/m.gguf", "models/m.gguf"),
        ("llama-server", "llama-server"),
        ("http://127.0.0.1:80", "http://127.0.0.1:80"),
        ("64", "64"),
    ],
)
def test_it_keeps_of_a_path_only_the_file(given: str, kept: str) -> None:
    assert short(given) == kept
    assert redacted(("--model", given)) == ("--model", kept)
    assert redacted((f"--model={given}",)) == (f"--model={kept}",)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("load /home/alice/models/m.gguf: no", "load ~/models/m.gguf: no"),
        ('File "/Users/alice/x.py", line 3', 'File "~/x.py", line 3'),
        ("in /root/.cache/rigguide", "in ~/.cache/rigguide"),
        (r"in C:\Users\alice\m.gguf", r"in ~\m.gguf"),
        ("from https://me:s3cret@host.example/simple", "from https://***@host.example/simple"),
        ("args: --api-key s3cret --port 80", "args: --api-key *** --port 80"),
        ("non-default: {'api_key': ['s3cret'], 'port': 80}", "non-default: {'api_key': ***'], "),
        ("Authorization: Bearer s3cret", "Authorization: Bearer ***"),
        ("HF_TOKEN=s3cret", "HF_TOKEN=***"),
    ],
)
def test_strangers_read_neither_homes_nor_secrets_in_a_log(line: str, kept: str) -> None:
    told = for_strangers(f"{line}\nnext line")
    assert told.startswith(kept)
    assert told.endswith("\nnext line")
    assert "s3cret" not in told
    assert "alice" not in told


def test_the_home_of_this_very_machine_is_hidden_wherever_it_lies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", "/srv/people/alice")
    assert for_strangers("/srv/people/alice/m.gguf") == "~/m.gguf"


@pytest.mark.parametrize(
    "line",
    [
        "print_info: BOS token = 1 '<s>'",
        "max_tokens: 64, eos_token: 5 of 8",
        "usr/lib/x, /usr/lib/x, /opt/rootfs/x, http://127.0.0.1:80/v1",
        "error: no matching distribution for tiny@2.0 at https://host.example/a@b",
    ],
)
def test_the_rest_of_a_log_stays_as_it_was(line: str) -> None:
    assert for_strangers(line) == line
