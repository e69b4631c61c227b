"""`/host/…`: what a machine fetches to become a host."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.test import AsyncClient, Client
from pytest_django.fixtures import Settings

from benchruns.attaching import locked
from tests.benchruns.attaching.made import NAME, package, wheelhouse

WHEEL = "click-8.5.1-py3-none-any.whl"
OTHER = "nvidia_ml_py-13.615.71-py3-none-any.whl"


@pytest.fixture(autouse=True)
def _data(settings: Settings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


def get(path: str, **headers: str) -> Any:
    return Client().get(path, HTTP_HOST="localhost:8000", **headers)  # type: ignore[arg-type]


def body(path: str) -> tuple[Any, bytes]:
    """Streamed, as a server would send it."""

    async def whole() -> tuple[Any, bytes]:
        answer: Any = await AsyncClient().get(path)
        return answer, b"".join([piece async for piece in answer.streaming_content])

    return asyncio.run(whole())


def test_the_script_is_plain_text_to_be_read_first(tmp_path: Path) -> None:
    package(tmp_path)
    answer = get("/host/install.sh")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "SITE=http://localhost:8000" in answer.text.splitlines()
    assert f"WHEEL={NAME}" in answer.text.splitlines()
    assert "INDEX=''" in answer.text.splitlines()


def test_the_package_comes_whole(tmp_path: Path) -> None:
    there = package(tmp_path)
    answer, got = body(f"/host/{NAME}")
    assert hashlib.sha256(got).hexdigest() == there.sha256
    assert int(answer.headers["Content-Length"]) == len(got)


def test_another_package_than_this_site_s_is_not_there(tmp_path: Path) -> None:
    package(tmp_path)
    answer = get("/host/rigguide-9.9.9-py3-none-any.whl")
    assert answer.status_code == 404
    assert answer.text == f"The package of this site is {NAME}.\n"


@pytest.mark.parametrize("path", ["install.sh", NAME, "files/compose.yaml"])
def test_before_the_package_is_built_a_sentence_says_so(path: str) -> None:
    answer = get(f"/host/{path}")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert "has not built its host package yet" in answer.text


def test_the_requirements_are_those_every_release_is_tested_with(settings: Settings) -> None:
    text = get("/host/requirements.txt").text
    assert text == (settings.BASE_DIR / locked.FILE).read_text()
    assert "xllamacpp==" in text
    assert "xllamacpp==" not in get("/host/requirements-without-engine.txt").text


def test_files_are_for_download(tmp_path: Path) -> None:
    package(tmp_path)
    answer = get("/host/files/Dockerfile")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Dockerfile"'
    assert f"http://localhost:8000/host/{NAME}" in answer.text
    missing = get("/host/files/passwd")
    assert missing.status_code == 404
    assert "there are: rigguide-host.service" in missing.text


def test_a_site_that_keeps_no_wheels_names_no_index(tmp_path: Path) -> None:
    package(tmp_path)
    assert "<a " not in get("/host/simple/").text
    wheelhouse(tmp_path, WHEEL)
    assert "INDEX=http://localhost:8000/host/simple/" in get("/host/install.sh").text.splitlines()


def test_its_index_is_one_that_pip_reads(tmp_path: Path) -> None:
    wheelhouse(tmp_path, WHEEL, OTHER)
    assert '<a href="/host/simple/nvidia-ml-py/">nvidia-ml-py</a>' in get("/host/simple/").text
    page = get("/host/simple/nvidia_ml_py/").text
    digest = hashlib.sha256(OTHER.encode()).hexdigest()
    assert f'<a href="/host/wheels/{OTHER}#sha256={digest}">{OTHER}</a>' in page
    assert get("/host/simple/torch/").status_code == 404


def test_its_wheels_come_whole_and_nothing_else_does(tmp_path: Path) -> None:
    wheelhouse(tmp_path, WHEEL)
    (tmp_path / "secret.whl").write_text("secret")
    _, got = body(f"/host/wheels/{WHEEL}")
    assert got == WHEEL.encode()
    for name in ("secret.whl", "..%2Fsecret.whl", "%2e%2e%2fsecret.whl"):
        assert Client().get(f"/host/wheels/{name}").status_code == 404
