"""Every file a recipe offers is read by the parser of whoever will read it."""

from __future__ import annotations

import json
import plistlib
import re
import shutil
import subprocess
import sys
from functools import cache
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import tree_sitter
import tree_sitter_powershell
import yaml
from jsonschema import Draft202012Validator

from recommender.facts import Facts
from tests.recommender.recipe.cases import cases, named, planned
from tests.recommender.recipe.said import files, pods, recipe, text_of, unit_lines

KUBERNETES = "1.34"
SHELLCHECK = Path(sys.executable).with_name("shellcheck")  # a package's, beside this Python
FORMS = ("script", "compose", "service", "kubernetes")
SAMPLE = [case for case in cases() if case[1].quant is None]
IDS = [f"{engine}-{n}" for n, (engine, _) in enumerate(SAMPLE)]
each_case = pytest.mark.parametrize(("engine", "facts"), SAMPLE, ids=IDS)


def made(ending: str) -> dict[str, str]:
    """Every different text of this kind, with the case that made it."""
    found = {}
    for case in SAMPLE:
        for form in files(*case).values():
            if form.file is not None and form.file.name.endswith(ending):
                found.setdefault(text_of(form), named(case))
    assert found, f"no recipe makes a file {ending}"
    return found


@cache
def compose_schema() -> Draft202012Validator:
    """The Compose specification's own, as a package brings it."""
    vendor = resources("check_jsonschema") / "builtin_schemas" / "vendor"
    return Draft202012Validator(json.loads((vendor / "compose-spec.json").read_text()))


@each_case
def test_each_form_is_a_file_or_the_reason_why_there_is_none(engine: str, facts: Facts) -> None:
    for form in files(engine, facts).values():
        assert (form.file is None) == bool(form.why_not)
        assert form.file is None or form.note
    assert tuple(files(engine, facts)) == FORMS


def test_every_compose_file_is_one() -> None:
    for text, case in made("docker-compose.yml").items():
        document = yaml.safe_load(text)
        errors = [error.message for error in compose_schema().iter_errors(document)]
        assert not errors, case
        used = {c["source"] for s in document["services"].values() for c in s.get("configs", ())}
        assert used == set(document.get("configs", {}))


def test_no_read_only_service_is_given_a_file_that_compose_has_to_write() -> None:
    """Compose fails with "cannot create config" there (docker/compose issues 12031, 12531)."""
    for text, case in made("docker-compose.yml").items():
        document = yaml.safe_load(text)
        inline = {n for n, one in document.get("configs", {}).items() if "content" in one}
        for service in document["services"].values():
            given = {one["source"] for one in service.get("configs", ())}
            assert not (service.get("read_only") and given & inline), case


def test_the_compose_schema_refuses_what_is_none() -> None:
    wrong = {"services": {"engine": {"image": "a", "portz": ["1:1"]}}}
    assert list(compose_schema().iter_errors(wrong))


@pytest.fixture
def schemas_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kubernetes' definitions are megabytes, and the package reads them for each document."""
    utils = kubernetes_validate.utils
    monkeypatch.setattr(utils, "schema_contents", cache(utils.schema_contents))


@pytest.mark.usefixtures("schemas_read_once")
def test_every_manifest_is_one() -> None:
    for text, case in made("kubernetes.yaml").items():
        for document in yaml.safe_load_all(text):
            if document["kind"] == "LeaderWorkerSet":
                validate_leader_worker_set(document)
            else:
                kubernetes_validate.validate(document, KUBERNETES, strict=True)
            assert document["metadata"]["name"], case


def validate_leader_worker_set(document: dict[str, Any]) -> None:
    """Its own fields by name; what stands in its templates are pods, and Kubernetes knows pods."""
    assert document["apiVersion"] == "leaderworkerset.x-k8s.io/v1"
    assert set(document["spec"]) == {"replicas", "leaderWorkerTemplate"}
    template = document["spec"]["leaderWorkerTemplate"]
    assert set(template) == {"size", "restartPolicy", "leaderTemplate", "workerTemplate"}
    assert template["restartPolicy"] == "RecreateGroupOnPodRestart"
    for pod in (template["leaderTemplate"], template["workerTemplate"]):
        whole = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", **pod["metadata"]}}
        kubernetes_validate.validate({**whole, "spec": pod["spec"]}, KUBERNETES, strict=True)


def test_the_manifest_schema_refuses_what_is_none() -> None:
    wrong = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"porst": 1}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, KUBERNETES, strict=True)


def test_every_unit_is_understood_by_systemd(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd is not on this machine")
    units = []
    for number, text in enumerate(made(".service")):
        units.append(tmp_path / f"rigguide-{number}.service")
        units[-1].write_text(startable(text))
    asked = subprocess.run([analyze, "verify", *units], capture_output=True, text=True)
    assert asked.returncode == 0, asked.stderr
    assert "rigguide" not in asked.stderr, asked.stderr


def startable(text: str) -> str:
    """With programs that this machine has, which is all that systemd misses of a unit."""
    text = re.sub(r"^(Exec\w+=-?)/\S+", r"\1/bin/true", text, flags=re.MULTILINE)
    return "\n".join(line for line in text.splitlines() if not line.startswith("Requires="))


def test_systemd_refuses_what_is_none(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd is not on this machine")
    unit = tmp_path / "wrong.service"
    unit.write_text("[Service]\nExecStart=/bin/true\nNoNewPrivilegez=yes\n")
    asked = subprocess.run([analyze, "verify", unit], capture_output=True, text=True)
    assert "NoNewPrivilegez" in asked.stderr


def test_every_unit_has_its_sections() -> None:
    for text in made(".service"):
        lines = unit_lines(text)
        assert [line for line in lines if line.startswith("[")] == [
            "[Unit]",
            "[Service]",
            "[Install]",
        ]


def test_every_property_list_is_one() -> None:
    for text, case in made(".plist").items():
        job = plistlib.loads(text.encode())
        assert job["Label"].startswith("rigguide-"), case
        assert all(isinstance(word, str) for word in job["ProgramArguments"])


def test_every_script_passes_shellcheck(tmp_path: Path) -> None:
    paths = []
    for number, text in enumerate(made("install.sh")):
        path = tmp_path / f"{number}.sh"
        path.write_text(text)
        paths.append(path)
        assert subprocess.run(["bash", "-n", path]).returncode == 0
    options = ["--severity=info", "--exclude=SC1091", "--format=gcc"]  # files of other programs
    checked = subprocess.run([SHELLCHECK, *options, *paths], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def shells(*, of_powershell: bool) -> list[str]:
    """Every different command for one of the two shells."""
    found = {
        command.shell: None
        for case in SAMPLE
        for command in recipe(*case)
        if (is_powershell(*case) or command.shell.startswith("wsl")) == of_powershell
    }
    assert len(found) > 20
    return list(found)


def test_every_command_passes_shellcheck(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.sh" for number, _ in enumerate(shells(of_powershell=False))]
    for path, text in zip(paths, shells(of_powershell=False), strict=True):
        path.write_text(f"{text}\n")
    # Group numbers are one word each unquoted; the activation of an environment is not here.
    options = ["--shell=bash", "--severity=warning", "--exclude=SC1090,SC1091,SC2046"]
    asked = [SHELLCHECK, *options, "--format=gcc", *paths]
    checked = subprocess.run(asked, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_every_command_for_windows_parses_as_powershell() -> None:
    for text in shells(of_powershell=True):
        assert not powershell_errors(text), text


def is_powershell(engine: str, facts: Facts) -> bool:
    plan = planned(engine, facts)
    return (
        plan.windows
        and engine in {"ollama", "llama.cpp"}
        and not (plan.from_source and engine == "llama.cpp")
    )


@cache
def powershell() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))


def powershell_errors(text: str) -> bool:
    return powershell().parse(text.encode()).root_node.has_error


def test_every_script_for_windows_parses_as_powershell() -> None:
    for text, case in made("install.ps1").items():
        assert not powershell_errors(text), f"{case}\n{text}"


def test_the_parser_of_powershell_refuses_what_is_none() -> None:
    assert powershell_errors("if (")
    assert powershell_errors("Get-Process | | Stop-Process")


def test_several_machines_get_a_group_of_pods_that_know_their_rank() -> None:
    facts = Facts(device="h100-sxm-80gb", gpus=16, users=50, os="linux", model="llama-3.3-70b")
    for engine in ("vllm", "sglang"):
        forms = files(engine, facts)
        documents = list(yaml.safe_load_all(text_of(forms["kubernetes"])))
        (group,) = [d for d in documents if d["kind"] == "LeaderWorkerSet"]
        head, worker = ([str(w) for w in pod["containers"][0]["args"]] for pod in pods(group))
        assert head[head.index("--node-rank") + 1] == "0"
        assert worker[worker.index("--node-rank") + 1] == "$(LWS_WORKER_INDEX)"
        assert any("$(LWS_LEADER_ADDRESS)" in word for word in worker)
        assert "one machine" in forms["compose"].why_not
        assert "one machine" in forms["service"].why_not


@pytest.mark.parametrize("os", ["linux", "macos", "windows"])
def test_the_script_of_ollama_fetches_the_model_as_well(os: str) -> None:
    hardware = "apple" if os == "macos" else "nvidia"
    forms = files("ollama", Facts(hardware=hardware, users=2, os=os))
    script = text_of(forms["script"])
    assert "ollama pull " in script
    assert script.index("ollama pull ") > script.index("nstall")
    if os == "linux":
        assert " PULL=no sh install.sh" in text_of(forms["service"])


def test_a_script_says_who_fetches_the_weights_where_it_does_not() -> None:
    for engine in ("vllm", "llama.cpp"):
        forms = files(engine, Facts(hardware="nvidia", users=4, os="linux"))
        assert "weights are fetched when the server starts" in text_of(forms["script"])


def test_a_mac_gets_launchd_and_no_container() -> None:
    forms = files("mlx-lm", Facts(hardware="apple", users=2, os="macos"))
    assert forms["service"].file is not None
    assert forms["service"].file.name == "rigguide-mlx-lm.plist"
    assert "macOS" in forms["compose"].why_not


def test_windows_gets_powershell_and_a_hint_instead_of_a_unit() -> None:
    forms = files("llama.cpp", Facts(hardware="nvidia", users=2, os="windows"))
    assert forms["script"].file is not None
    assert forms["script"].file.name == "install.ps1"
    assert "Task Scheduler" in forms["service"].why_not


def test_engines_that_know_no_windows_get_the_files_of_its_linux() -> None:
    forms = files("vllm", Facts(hardware="nvidia", users=20, os="windows"))
    assert forms["script"].file is not None
    assert forms["script"].file.name == "install.sh"
    assert forms["service"].file is not None


def test_a_jetson_gets_an_image_made_for_it() -> None:
    orin = files("vllm", Facts(device="jetson-agx-orin-64gb", users=4, os="linux", arch="arm64"))
    thor = files("vllm", Facts(device="jetson-thor", users=4, os="linux", arch="arm64"))
    assert "ghcr.io/nvidia-ai-iot/vllm" in text_of(orin["compose"])
    assert "image: vllm/vllm-openai:v" in text_of(thor["compose"])
    for forms in (orin, thor):
        service = yaml.safe_load(text_of(forms["compose"]))["services"]["engine"]
        assert service["runtime"] == "nvidia"
