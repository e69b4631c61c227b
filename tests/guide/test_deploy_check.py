"""A site on the net, by its settings alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAID = """
import json
from guide import settings
names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT",
         "SECURE_HSTS_SECONDS", "SECURE_CONTENT_TYPE_NOSNIFF", "X_FRAME_OPTIONS", "DEBUG")
print(json.dumps({name: getattr(settings, name, None) for name in names}))
"""


def site(tmp_path: Path, *words: str, **said: str) -> subprocess.CompletedProcess[str]:
    named = {"DATABASE_URL", "REDIS_URL", "SITE_URL", "ALLOWED_HOSTS", "SECRET_KEY", "DEBUG"}
    clean = {name: value for name, value in os.environ.items() if name not in named}
    return subprocess.run(
        [sys.executable, *words],
        env=clean | {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "guide.settings"} | said,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


def test_django_finds_nothing_to_mend_in_a_site_on_the_net(tmp_path: Path) -> None:
    done = site(
        tmp_path,
        *("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
        SITE_URL="https://rig.example",
        ALLOWED_HOSTS="rig.example",
    )
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_https_brings_secure_cookies_and_hsts(tmp_path: Path) -> None:
    done = site(tmp_path, "-c", SAID, SITE_URL="https://rig.example", ALLOWED_HOSTS="rig.example")
    told = json.loads(done.stdout)
    assert told["SECURE_HSTS_SECONDS"] == 365 * 24 * 3600
    assert told["SESSION_COOKIE_SECURE"]
    assert told["CSRF_COOKIE_SECURE"]
    assert told["SECURE_SSL_REDIRECT"]
    assert not told["DEBUG"]


def test_the_embedded_site_without_tls_sends_its_cookies(tmp_path: Path) -> None:
    told = json.loads(site(tmp_path, "-c", SAID).stdout)
    assert not told["SESSION_COOKIE_SECURE"]
    assert told["X_FRAME_OPTIONS"] == "DENY"
    assert told["SECURE_CONTENT_TYPE_NOSNIFF"]


@pytest.mark.parametrize("form", ["xml", "lines"])
def test_it_says_which_forms_of_logs_there_are(tmp_path: Path, form: str) -> None:
    done = site(tmp_path, "-c", "import guide.settings", LOG_FORMAT=form)
    assert f"LOG_FORMAT is {form!r}; it must be one of line, json" in done.stderr
