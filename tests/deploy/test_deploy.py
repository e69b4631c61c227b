"""What a deployment is given: read by the schemas of whoever will read it, and held to promises."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
KUBERNETES = "1.34"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))


@cache
def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return document


@cache
def documents() -> list[dict[str, Any]]:
    return [one for path in MANIFESTS for one in yaml.safe_load_all(path.read_text())]


def pods() -> list[dict[str, Any]]:
    found = [d["spec"]["template"]["spec"] for d in documents() if "template" in d.get("spec", {})]
    assert found
    return found


def test_the_compose_file_is_one() -> None:
    vendor = files("check_jsonschema") / "builtin_schemas" / "vendor"
    schema = json.loads((vendor / "compose-spec.json").read_text())
    assert not [error.message for error in Draft202012Validator(schema).iter_errors(compose())]


def test_every_manifest_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    utils = kubernetes_validate.utils
    monkeypatch.setattr(utils, "schema_contents", cache(utils.schema_contents))
    for document in documents():
        kubernetes_validate.validate(document, KUBERNETES, strict=True)


def test_every_setting_that_compose_asks_for_is_in_the_example() -> None:
    asked = set(re.findall(r"\$\{(\w+):?\?", (DEPLOY / "compose.yaml").read_text()))
    told = set(re.findall(r"^(\w+)=", (DEPLOY / "example.env").read_text(), re.MULTILINE))
    assert asked <= told


def test_compose_refuses_to_start_without_its_secrets() -> None:
    """A default would be everybody's."""
    text = (DEPLOY / "compose.yaml").read_text()
    for secret in ("SECRET_KEY", "POSTGRES_PASSWORD", "VALKEY_PASSWORD"):
        assert re.search(rf"\$\{{{secret}:\?", text)
        assert not re.search(rf"\$\{{{secret}(:?-|\}})", text)


def test_only_the_proxy_is_reached_from_outside() -> None:
    published = {name for name, service in compose()["services"].items() if "ports" in service}
    assert published == {"caddy"}


def test_there_is_one_beat_everywhere() -> None:
    assert "deploy" not in compose()["services"]["beat"]
    beat = next(d for d in documents() if d["metadata"]["name"] == "rigguide-beat")
    assert (beat["spec"]["replicas"], beat["spec"]["strategy"]["type"]) == (1, "Recreate")


def test_an_upgrade_takes_no_site_process_away_before_another_is_ready() -> None:
    site = next(d for d in documents() if d["metadata"]["name"] == "rigguide-site")
    assert site["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    (container,) = site["spec"]["template"]["spec"]["containers"]
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"


def test_pods_have_no_rights_they_do_not_need() -> None:
    for pod in pods():
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        for container in pod["containers"]:
            rights = container["securityContext"]
            assert rights["allowPrivilegeEscalation"] is False
            assert rights["capabilities"] == {"drop": ["ALL"]}


def test_images_are_pinned() -> None:
    images = [s["image"] for s in compose()["services"].values() if "x" not in s and "image" in s]
    images += [container["image"] for pod in pods() for container in pod["containers"]]
    for image in images:
        assert image.startswith("${RIGGUIDE_IMAGE") or re.search(r":\d+\.\d+", image), image


def test_commands_of_containers_are_modules_that_are_there() -> None:
    said = (DEPLOY / "Dockerfile").read_text()
    assert 'CMD ["python", "-m", "guide.serve"]' in said
    assert (ROOT / "guide" / "serve.py").exists()
    for path in re.findall(r"^COPY (?!--from)(.+) \S+$", said, re.MULTILINE):
        assert all((ROOT / part).exists() for part in path.split()), path
