"""llama.cpp: its own server, from a package, an image or from source."""

from __future__ import annotations

from dataclasses import replace

from recommender.estimate import load
from recommender.recipe import container, steps, watch
from recommender.recipe.convert import convert
from recommender.recipe.plan import Plan
from recommender.recipe.releases import Image, version
from recommender.recipe.server import (
    ANYWHERE,
    LOOPBACK,
    Place,
    Server,
    Word,
    own_path,
    published,
    words,
)
from recommender.recommendation import Command
from recommender.wording import counted

PORT = 8080
EXPOSE = (
    "Listens on 127.0.0.1 only. To share it, set LLAMA_API_KEY and put a proxy with TLS before it."
)
CMAKE = {"nvidia": "-DGGML_CUDA=ON", "amd": "-DGGML_HIP=ON", "intel": "-DGGML_VULKAN=ON"}
TOOLS = "git cmake build-essential libssl-dev curl pipx"
TAG = version("llama.cpp")  # the reader checks it, or takes the one that was audited
AUDITED_UV = 'pipx install uv\nexport PATH="$HOME/.local/bin:$PATH"'
VERIFY = (
    f"Verify before you build: the commit that rev-parse prints must be that of release {TAG} on "
    "https://github.com/ggml-org/llama.cpp/releases, or put the tag you audited in its place."
)
NEWEST = (
    "NEWEST=$(git -C llama.cpp ls-remote --tags --sort=-version:refname origin 'b*' "
    "| sed -n '1s|.*/||p')"
)
PROGRAMS = "llama-server llama-quantize llama-batched-bench"


def commands(plan: Plan) -> tuple[Command, ...]:
    if plan.windows and plan.from_source:
        return (steps.wsl(), *commands(replace(plan, os="linux")))
    places = plan.model.repositories
    return (
        _install(plan),
        *((convert(plan),) if plan.from_source else ()),
        steps.download(plan, places.gguf or "", places.gguf_pattern.format(quant=plan.quant.id)),
        Command("serve", _title(plan), _serve(plan), EXPOSE),
        steps.check(plan, PORT, plan.name, powershell=plan.windows),
        steps.load_test(plan, PORT, plan.name),
        steps.own_tool(_tool(plan), "Stop the server first: both want the memory."),
        *watch.steps(plan, PORT, _upgrade(plan)),
    )


def server(plan: Plan, place: Place) -> Server:
    """The arguments are those of llama-server, whatever starts it."""
    binary = _binary(plan, place.prefix)
    arguments = words(*_weights(plan), *_flags(plan, place.host))
    return Server((binary,), arguments, PORT, image=_container(plan))


def _container(plan: Plan) -> Image | None:
    """On Linux with an accelerator: the images carry its libraries, packages often do not."""
    builds = plan.hardware == "cpu" or plan.jetson or plan.windows
    return None if builds else published(plan)


def _install(plan: Plan) -> Command:
    if plan.windows:
        shell = "winget install llama.cpp\nwinget install --exact --id astral-sh.uv"
        return Command("install", "Install llama.cpp", shell, "In PowerShell; then open a new one.")
    if plan.os == "macos" and not plan.from_source:
        return Command("install", "Install llama.cpp", "brew install llama.cpp uv")
    image = _container(plan)
    if image is not None:
        pull = steps.lines(steps.UV, f"docker pull {image.name}")
        return Command(
            "install", "Fetch the image, and uv for the weights", pull, container.needs(plan, image)
        )
    return Command("install", "Build llama.cpp from source", build(plan), _toolkit(plan))


def build(plan: Plan) -> str:
    """From nothing to the programs, in the folder llama.cpp."""
    tools = f"sudo apt-get update && sudo apt-get install -y {TOOLS}"
    accelerator = f" {CMAKE[plan.hardware]}" if plan.hardware in CMAKE else ""
    return steps.lines(
        "brew install cmake uv" if plan.os == "macos" else tools,
        "" if plan.os == "macos" else AUDITED_UV,
        f"git clone --branch {TAG} --depth 1 https://github.com/ggml-org/llama.cpp",
        "git -C llama.cpp rev-parse HEAD",
        f"cmake -S llama.cpp -B llama.cpp/build -DCMAKE_BUILD_TYPE=Release{accelerator}",
        f"cmake --build llama.cpp/build --config Release -j --target {PROGRAMS}",
    )


def _toolkit(plan: Plan) -> str:
    needs = {"nvidia": "the CUDA toolkit", "amd": "ROCm", "intel": "the Vulkan SDK"}
    extra = f" Needs {needs[plan.hardware]}." if plan.hardware in needs else ""
    if plan.jetson:
        extra = " JetPack brings the CUDA toolkit."
    return f"{VERIFY} Takes some minutes.{extra}"


def _title(plan: Plan) -> str:
    slots = "its own number of slots" if plan.slots is None else counted(plan.slots, "slot")
    return f"Serve with {slots}, {plan.context:,} tokens each"


def _serve(plan: Plan) -> str:
    image = _container(plan)
    if image is not None:
        return container.run(plan, server(plan, Place(host=ANYWHERE)), image)
    ready = server(plan, Place(host=LOOPBACK, prefix=""))
    return _typed(plan, *ready.binary, *ready.arguments)


def _binary(plan: Plan, prefix: str, name: str = "llama-server") -> str:
    packaged = plan.windows or (plan.os == "macos" and not plan.from_source)
    folder = f"{prefix}/" if prefix else ""
    return name if packaged else f"{folder}llama.cpp/build/bin/{name}"


def _typed(plan: Plan, *line: Word) -> str:
    """For PowerShell on Windows, else for a shell."""
    if plan.windows:
        return steps.argv(*line, per_line=" `\n  ", powershell=True)
    return steps.argv(*line)


def _weights(plan: Plan) -> tuple[str, str]:
    if plan.own_weights:
        return "--model", own_path(plan)
    return "-hf", f"{plan.model.repositories.gguf}:{plan.quant.id}"


def _flags(plan: Plan, host: str) -> tuple[Word, ...]:
    return (
        *("--alias", plan.name, "--host", host, "--port", PORT, "--ctx-size", plan.kv_tokens),
        *steps.option("--parallel", plan.slots),
        *("--cache-type-k", plan.kv_type, "--cache-type-v", plan.kv_type),
        *steps.option("--n-gpu-layers", plan.gpu_layers),
        *_split(plan),
        "--no-mmproj" if plan.model.extra_params and not plan.own_weights else None,
        *(("--embedding", "--pooling", "last") if plan.model.embedding_only else ()),
        "--metrics",
    )


def _split(plan: Plan) -> tuple[str, ...]:
    if plan.gpus == 1:
        return ()
    return ("--split-mode", "layer", "--tensor-split", ",".join("1" * plan.gpus))


def _tool(plan: Plan) -> str:
    prompt, output = int(load.TALK.prompt), int(load.TALK.output)
    most = max(steps.clients(plan))
    flag, weights = _weights(plan)
    image = _container(plan)
    options = (
        *("-m" if flag == "--model" else "-hf", weights, "-c", most * (prompt + output)),
        *("-npp", prompt, "-ntg", output, "-npl", ",".join(map(str, steps.clients(plan)))),
    )
    if image is not None:  # the server's image carries no other program
        full = image.model_copy(update={"name": image.name.replace(":server", ":full")})
        return container.tool(plan, full, "/app/llama-batched-bench", steps.argv(*options))
    binary = _binary(plan, "", "llama-batched-bench")
    return _typed(plan, binary, *options)


def _upgrade(plan: Plan) -> str:
    if plan.windows:
        return "winget upgrade llama.cpp"
    if plan.os == "macos" and not plan.from_source:
        return "brew upgrade llama.cpp"
    image = _container(plan)
    if image is not None:
        return f"docker pull {image.name.removesuffix(f'-{TAG}')}"
    return steps.lines(
        NEWEST,
        'git -C llama.cpp fetch --depth 1 origin tag "$NEWEST"',
        'git -C llama.cpp checkout "$NEWEST"',
        f"cmake --build llama.cpp/build --config Release -j --target {PROGRAMS}",
    )
