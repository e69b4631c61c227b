"""What of a command line is kept: neither secrets nor where things lie."""

from __future__ import annotations

import pytest

from benchruns.host.local import redacted, short


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
