"""Recipes open nothing to the network that nobody asked for, and hold no secret."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from recommender.facts import Facts
from recommender.recipe.releases import images
from tests.recommender.recipe.cases import cases, named
from tests.recommender.recipe.said import files, loaded, pods, recipe, text_of, unit_lines

SAMPLE = [case for case in cases() if case[1].quant is None]
ANYWHERE = "0.0.0.0"
KEYED = {
    "vllm": "VLLM_API_KEY",
    "llama.cpp": "LLAMA_API_KEY",
    "tgi": "API_KEY",
    "sglang": "API_KEY",
}
EXPOSED = 5.0  # systemd's own measure: below it calls a service at least medium


def texts(ending: str) -> dict[str, tuple[str, Facts]]:
    found = {}
    for case in SAMPLE:
        for form in files(*case).values():
            if form.file is not None and form.file.name.endswith(ending):
                found.setdefault(text_of(form), case)
    assert found
    return found


def test_compose_publishes_on_this_machine_only_but_for_the_proxy_that_asks_for_a_key() -> None:
    for text, case in texts("docker-compose.yml").items():
        for name, service in loaded(text)[0]["services"].items():
            if name == "proxy":
                assert service["profiles"] == ["share"]
                continue
            for port in service.get("ports", ()):
                assert port.startswith("127.0.0.1:"), named(case)


def proxy(text: str) -> tuple[dict[str, Any], str]:
    document = yaml.safe_load(text)
    return document["services"]["proxy"], document["services"]["proxy"]["environment"]["CADDYFILE"]


def test_the_proxy_answers_nobody_without_a_key() -> None:
    for text in texts("docker-compose.yml"):
        service, caddyfile = proxy(text)
        assert '@known header Authorization "Bearer {$$RIGGUIDE_API_KEY}"' in caddyfile
        assert 'respond "This needs a key." 401' in caddyfile
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]


@pytest.mark.parametrize(("key", "starts"), [("", False), ("short", False), ("k" * 32, True)])
def test_the_proxy_does_not_start_without_a_long_key(
    key: str, starts: bool, tmp_path: Path
) -> None:
    service, caddyfile = proxy(next(iter(texts("docker-compose.yml"))))
    (guard,) = service["command"]
    shell = guard.replace("$$", "$").replace("exec caddy run", "exec echo caddy run")
    said = {"RIGGUIDE_API_KEY": key, "CADDYFILE": caddyfile.replace("$$", "$")}
    asked = subprocess.run(
        ["/bin/sh", "-c", shell.replace("/tmp/", f"{tmp_path}/")],
        env=said,
        capture_output=True,
        text=True,
    )
    read = tmp_path / "Caddyfile"
    assert (read.exists() and read.read_text()) == (starts and said["CADDYFILE"])
    assert (asked.returncode == 0) == starts
    assert ("caddy run" in asked.stdout) == starts
    assert starts or "32 characters" in asked.stderr


def test_containers_have_no_rights_they_do_not_need() -> None:
    for text, case in texts("docker-compose.yml").items():
        for service in loaded(text)[0]["services"].values():
            assert service["cap_drop"] == ["ALL"], named(case)
            assert service["security_opt"] == ["no-new-privileges:true"]
            assert not {"privileged", "network_mode", "pid", "ipc"} & set(service)


def test_llama_cpp_and_ollama_run_as_somebody_with_a_root_they_cannot_write() -> None:
    for text, (engine, facts) in texts("docker-compose.yml").items():
        service = loaded(text)[0]["services"]["engine"]
        if engine in {"ollama", "llama.cpp"}:
            assert service["read_only"], named((engine, facts))
            assert service["user"].startswith("${RIGGUIDE_UID")


def test_pods_have_no_rights_they_do_not_need() -> None:
    for text, (engine, facts) in texts("kubernetes.yaml").items():
        for document in loaded(text):
            for pod in pods(document):
                (container,) = pod["containers"]
                assert container["securityContext"]["allowPrivilegeEscalation"] is False
                assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
                assert pod["automountServiceAccountToken"] is False
                assert not {"hostNetwork", "hostIPC", "hostPID"} & set(pod), named((engine, facts))


def test_a_service_of_a_cluster_is_inside_it_and_lets_only_named_clients_in() -> None:
    for text, case in texts("kubernetes.yaml").items():
        kinds = {document["kind"]: document for document in loaded(text)}
        assert kinds["Service"]["spec"]["type"] == "ClusterIP", named(case)
        client = kinds["NetworkPolicy"]["spec"]["ingress"][0]["from"][0]["podSelector"]
        assert client == {"matchLabels": {"rigguide-client": "yes"}}


def test_engines_that_know_keys_get_theirs_from_a_secret() -> None:
    for text, (engine, facts) in texts("kubernetes.yaml").items():
        for document in loaded(text):
            for pod in pods(document):
                (container,) = pod["containers"]
                env = {v["name"]: v for v in container["env"]}
                if engine in KEYED:
                    source = env[KEYED[engine]]["valueFrom"]["secretKeyRef"]
                    assert source["key"] == "API_KEY", named((engine, facts))
                    assert "optional" not in source


PROMISED = re.compile(r"\b(\w*API_KEY|HF_TOKEN)=…|set (\w*API_KEY)\b")
DOCKER = """#!/bin/sh
for word; do
  [ "$before" = -e ] && case $word in *=*) ;; *) eval "echo $word=\\$$word" ;; esac
  before=$word
done
"""
"""A `docker` that tells what it would hand in by name."""


def promised(text: str) -> set[str]:
    """Variables that a reader is told to put a secret into."""
    return {one or other for one, other in PROMISED.findall(text)}


def test_a_key_put_where_a_unit_says_reaches_the_process() -> None:
    seen = set()
    for text, (engine, facts) in texts(".service").items():
        names = promised(text)
        seen |= {(engine, name) for name in names}
        lines = unit_lines(text)
        assert f"EnvironmentFile=-/etc/rigguide/{engine}.env" in lines
        start = next(line for line in lines if line.startswith("ExecStart="))
        for name in names if "docker" in start else ():
            assert f" -e {name} " in start, named((engine, facts))
    assert {("vllm", "VLLM_API_KEY"), ("llama.cpp", "LLAMA_API_KEY"), ("tgi", "API_KEY")} <= seen


def test_a_key_set_in_the_shell_reaches_a_container(tmp_path: Path) -> None:
    docker = tmp_path / "docker"
    docker.write_text(DOCKER)
    docker.chmod(0o755)
    steps = {
        step.shell: (case[0], name)
        for case in SAMPLE
        for step in recipe(*case)
        if step.step == "serve" and "docker run" in step.shell
        for name in promised(step.note)
    }
    assert {engine for engine, _ in steps.values()} == {"vllm", "llama.cpp", "tgi"}
    for shell, (engine, name) in steps.items():
        env = {"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path), name: "a-key"}
        ran = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, env=env)
        assert f"{name}=a-key" in ran.stdout.splitlines(), (engine, ran.stderr)


def test_units_listen_here_only_and_take_few_rights() -> None:
    for text, case in texts(".service").items():
        lines = unit_lines(text)
        start = next(line for line in lines if line.startswith("ExecStart="))
        if "docker" in start:
            assert re.search(r" -p 127\.0\.0\.1:\d+:", start), named(case)
            assert "--cap-drop ALL --security-opt no-new-privileges" in start
        else:
            assert ANYWHERE not in text
            assert "DynamicUser=yes" in lines
            assert "CapabilityBoundingSet=" in lines
        for wanted in (
            "NoNewPrivileges=yes",
            "PrivateTmp=yes",
            "ProtectSystem=strict",
            "ProtectHome=yes",
            "LimitNOFILE=65536",
            "Restart=on-failure",
        ):
            assert wanted in lines, named(case)


def test_systemd_itself_calls_our_services_little_exposed(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd is not on this machine")
    unit = tmp_path / "rigguide.service"
    facts = Facts(hardware="cpu", users=4, os="linux")
    unit.write_text(text_of(files("llama.cpp", facts)["service"]))
    asked = subprocess.run(
        [analyze, "security", "--offline=true", "--no-pager", unit], capture_output=True, text=True
    )
    level = re.search(r"Overall exposure level for \S+: ([\d.]+)", asked.stdout)
    assert level, asked.stderr
    assert float(level.group(1)) < EXPOSED


def test_property_lists_and_scripts_listen_here_only() -> None:
    for ending in (".plist", "install.sh", "install.ps1"):
        for text, case in texts(ending).items():
            assert ANYWHERE not in text, named(case)


def test_only_several_machines_bind_more_than_this_one_and_the_recipe_says_so() -> None:
    for case in SAMPLE:
        for command in recipe(*case):
            if command.step == "serve" and "docker run" not in command.shell:
                assert ANYWHERE not in command.shell, named(case)
            if "--master-addr" in command.shell or "--dist-init-addr" in command.shell:
                assert "machine" in command.note


def test_no_file_holds_a_secret_or_runs_code_that_comes_with_weights() -> None:
    for case in SAMPLE:
        for form in files(*case).values():
            if form.file is not None:
                text = form.file.text.lower()
                assert not re.search(r"trust[_-]remote[_-]code", text), named(case)
                assert not re.search(r"hf_[a-z0-9]{20,}|sk-[a-z0-9]{16,}", text)
                assert not re.search(r"(token|api_key)\s*[:=]\s*['\"]?[a-z0-9]{16,}", text)


def test_images_are_pinned_but_where_only_a_moving_tag_is_published() -> None:
    for image in images():
        tag = image.name.rsplit(":", 1)[-1]
        assert tag not in {"latest", image.name}
        assert image.moves == tag.startswith("latest"), image.name
        assert not image.moves or image.note


def test_installers_that_are_piped_into_a_shell_come_over_https() -> None:
    for case in SAMPLE:
        for command in recipe(*case):
            for piped in re.findall(r"curl [^\n|]*\|", command.shell):
                assert "https://" in piped, named(case)
