"""A Kubernetes manifest: one pod for one machine, a LeaderWorkerSet for several.

LeaderWorkerSet is what both engines that span machines document: its pods know their rank and the
address of the head, and start again together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from recommender.recipe.documents import dumped
from recommender.recipe.plan import Plan
from recommender.recipe.pod import Document, per_node, pod, pod_name
from recommender.recipe.releases import Image, version
from recommender.recipe.server import (
    ANYWHERE,
    CONTAINER,
    Place,
    Server,
    asks_for_licence,
    engine_name,
    own_path,
    published,
)
from recommender.recommendation import Form, RecipeFile

NAME = "kubernetes.yaml"
TITLE = "Kubernetes"
YAML = "application/yaml"
SPAN = frozenset({"vllm", "sglang"})
RANK, HEAD = "$(LWS_WORKER_INDEX)", "$(LWS_LEADER_ADDRESS)"
NOTE = (
    'Only pods of the same namespace with the label rigguide-client: "yes" reach it, and with the '
    "key from the secret where the engine knows keys. Share it through an ingress with TLS."
)
NOTE_SPREAD = (
    "Needs LeaderWorkerSet {version} in the cluster, and a network between its machines that is "
    "quick and yours alone: what they tell one another is not encrypted."
)
WHY_NOT = {
    "os": "A cluster runs Linux; this recipe is for {os}.",
    "edge": "This is a recipe for one small machine; a cluster is more than it holds.",
    "image": "No image of this engine is published for this hardware.",
    "source": "You asked for what can be audited: build an image from your sources first.",
    "span": "{engine} is not made to spread one model over several machines.",
}


def form(plan: Plan, server: Callable[[Plan, Place], Server]) -> Form:
    image = published(plan)
    why_not = _why_not(plan, image)
    if why_not or image is None:
        return Form("kubernetes", TITLE, why_not=why_not)
    workload = _spread(plan, server, image) if plan.nodes > 1 else _single(plan, server, image)
    port = image.port or server(plan, CONTAINER).port
    around = (_service(plan, port), _policy(plan, port))
    text = dumped(_header(plan, image), _claim(plan), *workload, *around)
    spread = NOTE_SPREAD.format(version=version("lws")) if plan.nodes > 1 else ""
    return Form("kubernetes", TITLE, RecipeFile(NAME, YAML, text), note=f"{NOTE} {spread}".strip())


def _why_not(plan: Plan, image: Image | None) -> str:
    if plan.os != "linux":
        return WHY_NOT["os"].format(os={"macos": "macOS", "windows": "Windows"}[plan.os])
    if plan.jetson:
        return WHY_NOT["edge"]
    if plan.from_source:
        return WHY_NOT["source"]
    if image is None:
        return WHY_NOT["image"]
    if plan.nodes > 1 and plan.engine not in SPAN:
        return WHY_NOT["span"].format(engine=plan.engine)
    return ""


def _header(plan: Plan, image: Image) -> Iterator[str]:
    name = pod_name(plan)
    yield f"{plan.model.name}, {plan.quant.id}, on {engine_name(plan)}: made by RigGuide."
    yield ""
    if plan.nodes > 1:
        yield "Before:  helm install lws oci://registry.k8s.io/lws/charts/lws \\"
        yield f"           --version {version('lws')} --namespace lws-system --create-namespace"
        yield f"         {plan.nodes} machines of {per_node(plan)} GPUs, and weights that all can"
        yield "         read: the claim below asks for ReadWriteMany."
    yield f"Secret:  kubectl create secret generic {name} \\"
    if asks_for_licence(plan):
        yield "           --from-literal=HF_TOKEN=… (accept the model's licence first) \\"
    yield '           --from-literal=API_KEY="$(openssl rand -hex 32)"'
    if plan.own_weights:
        yield f"Weights: your own, in the folder own of the claim: they appear at {own_path(plan)}"
    yield f"Start:   kubectl apply -f {NAME}"
    yield f"Check:   kubectl port-forward service/{name} 8000:{_inside(plan, image)}, then curl"
    yield "           http://127.0.0.1:8000/v1/models, with Authorization: Bearer … for a key"
    yield f'Clients: pods with the label rigguide-client: "yes", at http://{name}'
    yield "Share:   an Ingress or Gateway with TLS, in whose namespace you let the policy below in."
    if image.note:
        yield f"Note:    {image.note}"


def _inside(plan: Plan, image: Image) -> int:
    ports = {"ollama": 11434, "llama.cpp": 8080, "sglang": 30000}
    return image.port or ports.get(plan.engine, 8000)


def _meta(plan: Plan) -> Document:
    name = pod_name(plan)
    return {"name": name, "labels": {"app.kubernetes.io/name": name}}


def _claim(plan: Plan) -> Document:
    """Room for the weights and half as much again."""
    weights_gib = plan.model.params * plan.quant.bits_per_weight / 8 / 2**30
    mode = "ReadWriteMany" if plan.nodes > 1 else "ReadWriteOnce"
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": _meta(plan),
        "spec": {
            "accessModes": [mode],
            "resources": {"requests": {"storage": f"{round(1.5 * weights_gib) + 20}Gi"}},
        },
    }


def _single(
    plan: Plan, server: Callable[[Plan, Place], Server], image: Image
) -> tuple[Document, ...]:
    name = pod_name(plan)
    spec = {
        "replicas": 1,
        "strategy": {"type": "Recreate"},  # two would want the accelerator and the claim at once
        "selector": {"matchLabels": {"app.kubernetes.io/name": name}},
        "template": {
            "metadata": {"labels": {"app.kubernetes.io/name": name}},
            "spec": pod(plan, server(plan, CONTAINER), image, head=True),
        },
    }
    return ({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": _meta(plan), "spec": spec},)


def _spread(
    plan: Plan, server: Callable[[Plan, Place], Server], image: Image
) -> tuple[Document, ...]:
    head = server(plan, Place(host=ANYWHERE, head=HEAD))
    worker = server(plan, Place(host=ANYWHERE, rank=RANK, head=HEAD))
    labels = {"app.kubernetes.io/name": pod_name(plan)}
    template = {
        "size": plan.nodes,
        "restartPolicy": "RecreateGroupOnPodRestart",
        "leaderTemplate": {
            "metadata": {"labels": {**labels, "role": "leader"}},
            "spec": pod(plan, head, image, head=True),
        },
        "workerTemplate": {
            "metadata": {"labels": {**labels, "role": "worker"}},
            "spec": pod(plan, worker, image, head=False),
        },
    }
    return (
        {
            "apiVersion": "leaderworkerset.x-k8s.io/v1",
            "kind": "LeaderWorkerSet",
            "metadata": _meta(plan),
            "spec": {"replicas": 1, "leaderWorkerTemplate": template},
        },
    )


def _selector(plan: Plan) -> dict[str, str]:
    name = {"app.kubernetes.io/name": pod_name(plan)}
    return {**name, "role": "leader"} if plan.nodes > 1 else name


def _service(plan: Plan, port: int) -> Document:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _meta(plan),
        "spec": {
            "type": "ClusterIP",
            "selector": _selector(plan),
            "ports": [{"name": "http", "port": 80, "targetPort": port}],
        },
    }


def _policy(plan: Plan, port: int) -> Document:
    """Clients by their label; pods of one group reach one another on every port."""
    clients = {
        "from": [{"podSelector": {"matchLabels": {"rigguide-client": "yes"}}}],
        "ports": [{"protocol": "TCP", "port": port}],
    }
    name = {"app.kubernetes.io/name": pod_name(plan)}
    group = [{"from": [{"podSelector": {"matchLabels": name}}]}] if plan.nodes > 1 else []
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": _meta(plan),
        "spec": {
            "podSelector": {"matchLabels": name},
            "policyTypes": ["Ingress"],
            "ingress": [clients, *group],
        },
    }
