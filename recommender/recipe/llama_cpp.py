"""llama.cpp: its own server, from a package, an image or from source."""

from __future__ import annotations

from dataclasses import replace

from recommender.recipe import steps
from recommender.recipe.plan import Plan
from recommender.recommendation import Command
from recommender.wording import counted

PORT = 8080
EXPOSE = "Listens on 127.0.0.1 only. To share it, add --api-key and put a proxy with TLS before it."
IMAGE = "ghcr.io/ggml-org/llama.cpp:server"
IMAGES = {"nvidia": "-cuda", "amd": "-rocm", "intel": "-vulkan"}
AMD_DEVICES = (
    "--device /dev/kfd --device /dev/dri "
    "--group-add $(getent group video | cut -d: -f3) "
    "--group-add $(getent group render | cut -d: -f3)"
)
DEVICES = {"nvidia": "--gpus all", "amd": AMD_DEVICES, "intel": "--device /dev/dri"}
CMAKE = {"nvidia": "-DGGML_CUDA=ON", "amd": "-DGGML_HIP=ON", "intel": "-DGGML_VULKAN=ON"}
TOOLS = "git cmake build-essential libssl-dev curl pipx"
TAG = "b10621"  # a release of 2026-08-25; the reader checks it, or takes the one that was audited
AUDITED_UV = 'pipx install uv\nexport PATH="$HOME/.local/bin:$PATH"'
VERIFY = (
    f"Verify before you build: the commit that rev-parse prints must be that of release {TAG} on "
    "https://github.com/ggml-org/llama.cpp/releases, or put the tag you audited in its place."
)
UNQUANTISED = {"BF16": "bf16", "F16": "f16", "Q8_0": "q8_0"}
CONVERTED = (
    "The auditable way: weights from the model's own repository, converted by what you built. "
    "Serve them with --model and this file in place of -hf. The ready GGUF below is the "
    "convenience: somebody else converted it."
)


def commands(plan: Plan) -> tuple[Command, ...]:
    if plan.windows and plan.from_source:
        return (steps.wsl(), *commands(replace(plan, os="linux")))
    places = plan.model.repositories
    return (
        _install(plan),
        *((_convert(plan),) if plan.from_source else ()),
        steps.download(plan, places.gguf or "", places.gguf_pattern.format(quant=plan.quant.id)),
        Command("serve", _title(plan), _serve(plan), EXPOSE),
        steps.check(plan, PORT, plan.name, powershell=plan.windows),
        steps.load_test(plan, PORT, plan.name),
    )


def in_container(plan: Plan) -> bool:
    """On Linux with an accelerator: the images carry its libraries, packages often do not."""
    return plan.os == "linux" and plan.hardware in IMAGES and not plan.from_source


def _install(plan: Plan) -> Command:
    if plan.windows:
        shell = "winget install llama.cpp\nwinget install --exact --id astral-sh.uv"
        return Command("install", "Install llama.cpp", shell, "In PowerShell; then open a new one.")
    if plan.os == "macos" and not plan.from_source:
        return Command("install", "Install llama.cpp", "brew install llama.cpp uv")
    if in_container(plan):
        pull = f"docker pull {_image(plan)}"
        return Command("install", "Fetch the image", steps.lines(steps.UV, pull), _runtime(plan))
    return Command("install", "Build llama.cpp from source", _build(plan), _toolkit(plan))


def _build(plan: Plan) -> str:
    tools = f"sudo apt-get update && sudo apt-get install -y {TOOLS}"
    accelerator = f" {CMAKE[plan.hardware]}" if plan.hardware in CMAKE else ""
    return steps.lines(
        "brew install cmake uv" if plan.os == "macos" else tools,
        "" if plan.os == "macos" else AUDITED_UV,
        f"git clone --branch {TAG} --depth 1 https://github.com/ggml-org/llama.cpp",
        "git -C llama.cpp rev-parse HEAD",
        f"cmake -S llama.cpp -B llama.cpp/build -DCMAKE_BUILD_TYPE=Release{accelerator}",
        "cmake --build llama.cpp/build --config Release -j --target llama-server llama-quantize",
    )


def _runtime(plan: Plan) -> str:
    needs = {
        "nvidia": "Docker and the NVIDIA container toolkit",
        "amd": "Docker and the amdgpu driver",
    }
    return f"Needs {needs.get(plan.hardware, 'Docker')}."


def _toolkit(plan: Plan) -> str:
    needs = {"nvidia": "the CUDA toolkit", "amd": "ROCm", "intel": "the Vulkan SDK"}
    extra = f" Needs {needs[plan.hardware]}." if plan.hardware in needs else ""
    return f"{VERIFY} Takes some minutes.{extra}"


def _convert(plan: Plan) -> Command:
    """From the original weights to the file that is served."""
    whole = UNQUANTISED.get(plan.quant.id, "" if plan.quant.id == "MXFP4" else "bf16")
    final = plan.quant.id in UNQUANTISED or not whole
    first = f"{plan.name}-{plan.quant.id}.gguf" if final else f"{plan.name}-{whole}.gguf"
    kind = f" --outtype {whole}" if whole else ""
    needs = "llama.cpp/requirements/requirements-convert_hf_to_gguf.txt"
    shell = steps.lines(
        f"uvx --from huggingface_hub hf download {plan.model.hf_id} --local-dir {plan.name}",
        f"uv run --no-project --with-requirements {needs} \\\n"
        f"  llama.cpp/convert_hf_to_gguf.py {plan.name} --outfile {first}{kind}",
        "" if final else _quantise(plan, first),
    )
    return Command("get-model", "Convert the original weights yourself", shell, CONVERTED)


def _quantise(plan: Plan, first: str) -> str:
    last = f"{plan.name}-{plan.quant.id}.gguf"
    return f"llama.cpp/build/bin/llama-quantize {first} {last} {plan.quant.id}"


def _image(plan: Plan) -> str:
    return IMAGE + IMAGES[plan.hardware]


def _title(plan: Plan) -> str:
    slots = "its own number of slots" if plan.slots is None else counted(plan.slots, "slot")
    return f"Serve with {slots}, {plan.context:,} tokens each"


def _serve(plan: Plan) -> str:
    if not in_container(plan):
        return steps.argv(_binary(plan), *_flags(plan, "127.0.0.1"), per_line=_continuation(plan))
    run = (
        f"docker run --rm {DEVICES[plan.hardware]} -p 127.0.0.1:{PORT}:{PORT} \\\n"
        '  -v "$HOME/.cache/huggingface:/root/.cache/huggingface" \\\n'
        f"  {_image(plan)} \\\n  "
    )
    return run + steps.argv(*_flags(plan, "0.0.0.0"))  # noqa: S104 - inside the container


def _binary(plan: Plan) -> str:
    packaged = plan.windows or (plan.os == "macos" and not plan.from_source)
    return "llama-server" if packaged else "llama.cpp/build/bin/llama-server"


def _continuation(plan: Plan) -> str:
    return " `\n  " if plan.windows else " \\\n  "


def _flags(plan: Plan, host: str) -> tuple[str | int | None, ...]:
    several = plan.gpus > 1
    return (
        *("-hf", f"{plan.model.repositories.gguf}:{plan.quant.id}"),
        *("--alias", plan.name, "--host", host, "--port", PORT, "--ctx-size", plan.kv_tokens),
        *steps.option("--parallel", plan.slots),
        *(
            ("--split-mode", "layer", "--tensor-split", ",".join("1" * plan.gpus))
            if several
            else ()
        ),
        "--no-mmproj" if plan.model.extra_params else None,
        *(("--embedding", "--pooling", "last") if plan.model.embedding_only else ()),
        "--metrics" if plan.metrics else None,
    )
