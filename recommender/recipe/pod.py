"""The pod of a manifest: one container with the engine, its rights, its secrets and its probes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from recommender.recipe import container
from recommender.recipe.container import KEYS, WEIGHTS
from recommender.recipe.plan import Plan
from recommender.recipe.releases import Image
from recommender.recipe.server import OWN_FOLDER, Server

Document = dict[str, Any]
CARRY = {**KEYS, "sglang": "API_KEY"}
"""Variables that carry the key. SGLang takes an option, which reads the variable."""
OWN_MOUNT = {"name": "weights", "mountPath": OWN_FOLDER, "subPath": "own", "readOnly": True}
"""The reader's own weights: a folder of the claim."""
RESOURCES = {"nvidia": "nvidia.com/gpu", "amd": "amd.com/gpu", "intel": "gpu.intel.com/xe"}


def pod_name(plan: Plan) -> str:
    """Kubernetes takes no dot in the name of a service."""
    return container.named(plan).replace(".", "-")


def per_node(plan: Plan) -> int:
    return plan.used // plan.nodes


def pod(plan: Plan, server: Server, image: Image, *, head: bool) -> Document:
    claim = {"name": "weights", "persistentVolumeClaim": {"claimName": pod_name(plan)}}
    memory = {"name": "memory", "emptyDir": {"medium": "Memory"}}
    scratch = {"name": "scratch", "emptyDir": {}}
    return {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": _pod_rights(image),
        "containers": [_container(plan, server, image, head=head)],
        "volumes": [
            claim,
            *([memory] if server.shared_memory_gib else []),
            *([scratch] if image.read_only else []),
        ],
    }


def _pod_rights(image: Image) -> Document:
    rights: Document = {"seccompProfile": {"type": "RuntimeDefault"}}
    if image.user == "host":
        ids = {"runAsUser": 1000, "runAsGroup": 1000, "fsGroup": 1000}
        return {"runAsNonRoot": True, **ids, **rights}
    if image.user:
        user, group = (int(part) for part in image.user.split(":"))
        ids = {"runAsUser": user, "runAsGroup": group, "fsGroup": group}
        return {"runAsNonRoot": True, **ids, **rights}
    return rights


def _container(plan: Plan, server: Server, image: Image, *, head: bool) -> Document:
    mounts = [
        {"name": "weights", "mountPath": WEIGHTS},
        *([OWN_MOUNT] if plan.own_weights else []),
        *([{"name": "memory", "mountPath": "/dev/shm"}] if server.shared_memory_gib else []),  # noqa: S108
        *([{"name": "scratch", "mountPath": "/tmp"}] if image.read_only else []),  # noqa: S108
    ]
    port = image.port or server.port
    return {
        "name": "engine",
        "image": image.name,
        **({"command": [*image.entry]} if image.entry else {}),
        **_arguments(plan, server, head=head),
        "env": list(_env(plan, server, image)),
        **({"ports": [{"name": "http", "containerPort": port}]} if head else {}),
        **({"resources": {"limits": _limits(plan)}} if _limits(plan) else {}),
        **(_probes(server, port) if head else {}),
        **_lifecycle(plan),
        "securityContext": _rights(image),
        "volumeMounts": mounts,
    }


def _arguments(plan: Plan, server: Server, *, head: bool) -> Document:
    key = ("--api-key", "$(API_KEY)") if plan.engine == "sglang" and head else ()
    words = [*server.arguments, *key]
    return {"args": words} if words else {}


def _env(plan: Plan, server: Server, image: Image) -> Iterator[Document]:
    for name, value in container.environment(plan, server, image).items():
        yield {"name": name, "value": value}
    if plan.engine != "ollama":
        yield _secret(plan, "HF_TOKEN", "HF_TOKEN", optional=True)
    if plan.engine in CARRY:
        yield _secret(plan, CARRY[plan.engine], "API_KEY", optional=False)


def _secret(plan: Plan, name: str, key: str, *, optional: bool) -> Document:
    source = {"name": pod_name(plan), "key": key, **({"optional": True} if optional else {})}
    return {"name": name, "valueFrom": {"secretKeyRef": source}}


def _limits(plan: Plan) -> dict[str, int]:
    resource = RESOURCES.get(plan.hardware)
    return {resource: per_node(plan)} if resource else {}


def _probes(server: Server, port: int) -> Document:
    """An hour to fetch and load the weights, then a look every ten seconds."""
    look = {"httpGet": {"path": server.health, "port": port}, "periodSeconds": 10}
    return {
        "startupProbe": {**look, "failureThreshold": 360},
        "readinessProbe": look,
        "livenessProbe": {**look, "failureThreshold": 6},
    }


def _lifecycle(plan: Plan) -> Document:
    """Ollama fetches weights only when it is told to."""
    if plan.engine != "ollama" or plan.own_weights:
        return {}
    from recommender.recipe.ollama import model_tag

    wait = f"until ollama list; do sleep 1; done; ollama pull {model_tag(plan)}"
    return {"lifecycle": {"postStart": {"exec": {"command": ["/bin/sh", "-c", wait]}}}}


def _rights(image: Image) -> Document:
    return {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        **({"readOnlyRootFilesystem": True} if image.read_only else {}),
    }
