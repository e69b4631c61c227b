"""GGUF made by the reader from the original weights: nobody else's conversion to trust."""

from __future__ import annotations

from recommender.recipe import steps
from recommender.recipe.plan import Plan
from recommender.recipe.server import own_path
from recommender.recommendation import Command

UNQUANTISED = {"BF16": "bf16", "F16": "f16", "Q8_0": "q8_0"}
CONVERTED = (
    "The auditable way: weights from the model's own repository, converted by what you built. "
    "Serve them with --model and this file in place of -hf. The ready GGUF below is the "
    "convenience: somebody else converted it."
)
FROM_YOURS = "From your own folder of safetensors to the file that is served."


def convert(plan: Plan) -> Command:
    """From the original weights to the file that is served."""
    whole = UNQUANTISED.get(plan.quant.id, "" if plan.quant.id == "MXFP4" else "bf16")
    final = plan.quant.id in UNQUANTISED or not whole
    first = f"{plan.name}-{plan.quant.id}.gguf" if final else f"{plan.name}-{whole}.gguf"
    kind = f" --outtype {whole}" if whole else ""
    needs = "llama.cpp/requirements/requirements-convert_hf_to_gguf.txt"
    folder = plan.name if plan.model.hf_id else own_path(plan).removesuffix(".gguf")
    shell = steps.lines(
        _fetch(plan),
        f"uv run --no-project --with-requirements {needs} \\\n"
        f"  llama.cpp/convert_hf_to_gguf.py {folder} --outfile {first}{kind}",
        "" if final else _quantise(plan, first),
    )
    note = CONVERTED if plan.model.hf_id else FROM_YOURS
    return Command("get-model", "Convert the original weights yourself", shell, note)


def _fetch(plan: Plan) -> str:
    if not plan.model.hf_id:
        return ""
    return f"uvx --from huggingface_hub hf download {plan.model.hf_id} --local-dir {plan.name}"


def _quantise(plan: Plan, first: str) -> str:
    last = f"{plan.name}-{plan.quant.id}.gguf"
    return f"llama.cpp/build/bin/llama-quantize {first} {last} {plan.quant.id}"
