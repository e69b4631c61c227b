"""What recipes say to programs, taken from the finished texts: every option with its value, every
variable with its value, and in which of the forms it stands."""

from __future__ import annotations

import plistlib
import re
import shlex
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import yaml

from recommender.facts import Facts
from recommender.recipe import commands
from recommender.recipe.forms import forms
from recommender.recommendation import Command, Form
from tests.recommender.recipe.cases import CATALOGUE, choose

OPTION = re.compile(r"--?[a-z]")
NOT_AN_ENGINES = frozenset({"curl", "uvx", "rigguide", "nvidia-smi", "tegrastats", "watch", "sudo"})
PROXY = "proxy"


class Said(NamedTuple):
    where: str
    name: str
    value: str


def recipe(engine: str, facts: Facts) -> tuple[Command, ...]:
    choice = choose(engine, facts, CATALOGUE)
    assert choice is not None
    return commands(engine, *choice, facts, CATALOGUE)


@cache
def files(engine: str, facts: Facts) -> dict[str, Form]:
    choice = choose(engine, facts, CATALOGUE)
    assert choice is not None
    return {form.id: form for form in forms(engine, *choice, facts, CATALOGUE)}


def text_of(form: Form) -> str:
    assert form.file is not None, form.why_not
    return form.file.text


@cache
def everything(engine: str, facts: Facts) -> tuple[Said, ...]:
    """Of the commands that start or load an engine, and of every file."""
    return tuple(_everything(engine, facts))


def _everything(engine: str, facts: Facts) -> Iterator[Said]:
    for command in recipe(engine, facts):
        if command.step in {"serve", "cross-check"}:
            yield from of_shell(command.step, command.shell)
    for form in files(engine, facts).values():
        if form.file is not None:
            yield from OF[form.file.name.split(".")[-1]](text_of(form))


def of_shell(where: str, text: str) -> Iterator[Said]:
    """Of each command line; variables as `NAME=value` in units, exports and PowerShell."""
    text = re.sub(r'"?\$\([^)]*\)(:\$\([^)]*\))?"?', "SOME", text)
    for line in re.sub(r"[\\`]\n", " ", text).splitlines():
        yield from (Said(where, *found) for found in variables(line))
        words = shlex.split(line.replace("\\n", " ")) if not line.startswith("printf") else []
        if words and words[0] not in NOT_AN_ENGINES:
            yield from of_words(where, words)


def variables(line: str) -> Iterable[tuple[str, str]]:
    """Of Ollama, which is told by nothing else."""
    return re.findall(r"(OLLAMA_[A-Z_]+)(?:=| = \"| )([\w.:-]+)", line)


def of_words(where: str, words: list[str]) -> Iterator[Said]:
    for word, after in pairwise([*words, "--"]):
        if OPTION.match(word):
            yield Said(where, word, "" if OPTION.match(after) or after == "--" else after)


def loaded(text: str) -> list[Any]:
    """Every document of a YAML text; the parser in C where there is one, for there are many."""
    return list(yaml.load_all(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))


def of_compose(text: str) -> Iterator[Said]:
    for name, service in loaded(text)[0]["services"].items():
        if name != PROXY:
            yield from of_words("compose", [str(w) for w in service.get("command", ())])
            yield from (Said("compose", k, str(v)) for k, v in service["environment"].items())


def of_manifest(text: str) -> Iterator[Said]:
    for document in loaded(text):
        for pod in pods(document):
            (container,) = pod["containers"]
            words = [*container.get("command", ()), *container.get("args", ())]
            yield from of_words("kubernetes", [str(w) for w in words])
            for variable in container["env"]:
                yield Said("kubernetes", variable["name"], variable.get("value", "from a secret"))


def pods(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Pod specifications of a Deployment or of a LeaderWorkerSet."""
    if document["kind"] == "Deployment":
        yield document["spec"]["template"]["spec"]
    if document["kind"] == "LeaderWorkerSet":
        template = document["spec"]["leaderWorkerTemplate"]
        yield template["leaderTemplate"]["spec"]
        yield template["workerTemplate"]["spec"]


def of_unit(text: str) -> Iterator[Said]:
    for line in unit_lines(text):
        key, _, value = line.partition("=")
        if key == "Environment":
            name, _, said = value.partition("=")
            yield Said("unit", name, said.replace("%S", "/var/lib"))
        if key == "ExecStart":
            yield from of_words("unit", value.replace("%S", "/var/lib").split())


def unit_lines(text: str) -> list[str]:
    """Without comments, continued lines in one."""
    whole = re.sub(r"\\\n\s*", "", text)
    return [line for line in whole.splitlines() if line and not line.startswith("#")]


def of_plist(text: str) -> Iterator[Said]:
    job = plistlib.loads(text.encode())
    yield from of_words("plist", job["ProgramArguments"][4:])
    for name, value in job.get("EnvironmentVariables", {}).items():
        yield Said("plist", name, value)


def of_script(text: str) -> Iterator[Said]:
    """Installers' own variables; what they say to package managers is not an engine's."""
    for line in text.splitlines():
        yield from (Said("script", *found) for found in variables(line.replace("', '", "=")))


OF = {
    "yml": of_compose,
    "yaml": of_manifest,
    "service": of_unit,
    "plist": of_plist,
    "sh": of_script,
    "ps1": of_script,
}
