"""Names as authors write them, and what is taken where a name is in no file here."""

from __future__ import annotations

import pytest

from recommender import catalogue
from recommender.rows import known, lexicon
from recommender.rows.devices import Said, able, machined
from recommender.rows.models import named
from recommender.rows.names import words
from recommender.rows.quants import quantised

SHELF = catalogue.load()


@pytest.mark.parametrize(
    ("written", "taken_apart"),
    [
        ("Meta-Llama3.1 8B", ("meta", "llama", "3.1", "8b")),
        ("qwen2.5:7b", ("qwen", "2.5", "7b")),
        ("Llama-3_1-8.0B", ("llama", "3.1", "8b")),
        ("Qwen3-30B-A3B", ("qwen", "3", "30b", "a3b")),
        ("DeepSeek-R1", ("deepseek", "r1")),
        ("gemma-3-4b-it-fp8", ("gemma", "3", "4b", "it", "fp8")),
    ],
)
def test_punctuation_and_case_tell_nothing(written: str, taken_apart: tuple[str, ...]) -> None:
    assert words(written) == taken_apart


@pytest.mark.parametrize(
    ("written", "model_id"),
    [
        ("meta-llama/Meta-Llama-3.1-8B-Instruct", "llama-3.1-8b"),
        ("llama3.1:8b", "llama-3.1-8b"),
        ("unsloth/Qwen3-Coder-30B-A3B-Instruct-GGUF:UD-Q4_K_XL", "qwen3-coder-30b"),
        ("Llama-3.3-70B-Instruct-FP8-dynamic", "llama-3.3-70b"),
        ("RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w4a16", "llama-3.1-8b"),
        ("gpt-oss:20b", "gpt-oss-20b"),
        ("mixtral:8x7b", "mixtral-8x7b"),
        ("Qwen3 30B A3B", "qwen3-30b-a3b"),
        ("/models/Qwen3-8B-Q4_K_M.gguf", "qwen3-8b"),
        ("phi4", "phi-4"),
        ("gemma3:12b", "gemma-3-12b"),
        ("llama3:8b-instruct-q4_0", "llama-3-8b"),
        ("qwen3:235b", "qwen3-235b-a22b"),
    ],
)
def test_a_model_is_found_under_many_names(written: str, model_id: str) -> None:
    found = named(written, None, SHELF)
    assert found is not None
    assert (found.model.id, found.doubt) == (model_id, "")


def test_a_tune_has_the_shape_of_what_it_was_made_from() -> None:
    found = named("Hermes-3-Llama-3.1-8B", 8.03, SHELF)
    assert found is not None
    assert found.model.id == "llama-3.1-8b"
    assert "shape of Llama 3.1 8B" in found.doubt


def test_a_size_that_does_not_agree_means_another_model() -> None:
    found = named("DeepSeek-R1-Distill-Llama-70B", 70.6, SHELF)
    assert found is not None
    assert found.model.params == pytest.approx(70.6e9, rel=0.01)
    assert found.model.experts is None


@pytest.mark.parametrize(
    ("written", "params_b", "total", "active"),
    [
        ("Foo-47B", None, 47e9, 47e9),
        ("Foo-120B-A10B", None, 120e9, 10e9),
        ("Foo-4x22B", 75.0, 75e9, 40e9),
        ("Bar-XL", 3.4, 3.4e9, 3.4e9),
        (None, 7.0, 7e9, 7e9),
    ],
)
def test_an_unknown_model_gets_a_stand_in_of_its_size(
    written: str | None, params_b: float | None, total: float, active: float
) -> None:
    found = named(written, params_b, SHELF)
    assert found is not None
    assert found.model.params == pytest.approx(total, rel=0.01)
    assert found.model.active == pytest.approx(active, rel=0.05)
    assert "not in the catalogue" in found.doubt


@pytest.mark.parametrize("written", [None, "", "whatever", "llama"])
def test_a_name_without_a_size_is_no_model(written: str | None) -> None:
    assert named(written, None, SHELF) is None


@pytest.mark.parametrize(
    ("written", "device_id", "count"),
    [
        ("RTX 3090 24GB", "rtx-3090", 1),
        ("2x RTX 3090", "rtx-3090", 2),
        ("NVIDIA GeForce RTX 3090 (x4)", "rtx-3090", 4),
        ("M4 Max 128GB", "apple-m4-max", 1),
        ("MacBook Pro M4 Max", "apple-m4-max", 1),
        ("Mac Studio M3 Ultra 512GB", "apple-m3-ultra", 1),
        ("AMD Ryzen AI MAX+ 395 w/ Radeon 8060S", "ryzen-ai-max-395", 1),
        ("H100 80GB HBM3", "h100-sxm-80gb", 1),
        ("8xH100", "h100-sxm-80gb", 8),
        ("A100-SXM4-80GB", "a100-sxm-80gb", 1),
        ("NVIDIA A100 80GB PCIe", "a100-pcie-80gb", 1),
        ("RTX PRO 6000 Blackwell Workstation Edition", "rtx-pro-6000", 1),
        ("NVIDIA RTX 6000 Ada Generation", "rtx-6000-ada", 1),
        ("Radeon RX 7900 XT", "rx-7900-xt", 1),
        ("NVIDIA GB10", "dgx-spark", 1),
        ("Raspberry Pi 5 8GB", "raspberry-pi-5", 1),
        ("RX 7900XTX", "rx-7900-xtx", 1),
        ("rtx_4090", "rtx-4090", 1),
        ("RTX 5070Ti", "rtx-5070-ti", 1),
        ("Dual RTX 3090", "rtx-3090", 2),
    ],
)
def test_a_device_is_found_under_many_names(written: str, device_id: str, count: int) -> None:
    found = machined(Said(written, 1, None, None), SHELF)
    assert found is not None
    assert (found.device.id, found.count, found.doubt) == (device_id, count, "")


def test_what_a_row_says_of_its_device_is_believed() -> None:
    """There are versions of most devices, and some are rebuilt with twice the memory."""
    found = machined(Said("RTX 4090 48GB", 1, 900, 48), SHELF)
    assert found is not None
    assert found.device.id == "rtx-4090"
    assert (found.device.bandwidth_gb_s, found.device.memory_gib) == (900, 48)


def test_an_unknown_device_is_what_its_bandwidth_and_memory_make_it() -> None:
    found = machined(Said("RTX 9999", 2, 1500, 48, "cuda"), SHELF)
    assert found is not None
    assert found.device.hardware == "nvidia"
    assert (found.device.bandwidth_gb_s, found.device.memory_gib, found.count) == (1500, 48, 2)
    assert "not in the catalogue" in found.doubt
    assert machined(Said("RTX 9999", 1, None, None), SHELF) is None


@pytest.mark.parametrize(
    ("written", "gb_s"),
    [
        ("AMD EPYC 9654", 460.8),
        ("2x EPYC 7763", 204.8),
        ("Intel Xeon Platinum 8480+", 307.2),
        ("Ryzen 9 9950X, dual channel DDR5-6000", 96),
        ("Intel Core i7-12700 DDR4-3200", 51.2),
        ("AMD Ryzen 7 5800X3D CPU DDR4-3600", 57.6),
        ("Threadripper 7970X", 166.4),
    ],
)
def test_a_processor_is_its_memory(written: str, gb_s: float) -> None:
    found = machined(Said(written, 1, None, None, "cpu"), SHELF)
    assert found is not None
    assert found.device.hardware == "cpu"
    assert found.device.bandwidth_gb_s == pytest.approx(gb_s)


@pytest.mark.parametrize(
    ("written", "engine", "certain"),
    [
        ("llama.cpp b4000", "llama.cpp", True),
        ("vLLM 0.6.3", "vllm", True),
        ("TensorRT-LLM v0.17", "tensorrt-llm", True),
        ("text-generation-inference", "tgi", True),
        ("LMDeploy (TurboMind)", "vllm", False),
        ("ExLlamaV2", "llama.cpp", False),
        ("KTransformers", "llama.cpp", False),
        ("HF transformers", "vllm", False),
    ],
)
def test_an_engine_is_itself_or_the_nearest(written: str, engine: str, certain: bool) -> None:
    found = lexicon.load().engine_named(written)
    assert found is not None
    assert found.engine == engine
    assert (found.widen == 1.0) is certain
    assert bool(found.like) is not certain


@pytest.mark.parametrize(
    ("written", "engine", "model", "quant_id"),
    [
        ("Q4_K - Medium", "llama.cpp", "", "Q4_K_M"),
        ("ud-q4_k_xl", "llama.cpp", "", "UD-Q4_K_XL"),
        (None, "llama.cpp", "Qwen3-8B-IQ4_XS.gguf", "IQ4_XS"),
        (None, "vllm", "Qwen3-14B-AWQ", "AWQ"),
        (None, "vllm", "openai/gpt-oss-20b", "MXFP4"),
        ("fp16", "vllm", "", "BF16"),
        ("FP16", "llama.cpp", "", "F16"),
        ("4-bit", "mlx-lm", "", "MLX-4bit"),
        ("q5 g32", "mlx-lm", "", "MLX-5bit-g32"),
        ("w4a16", "vllm", "", "W4A16"),
        ("FP8 (dynamic)", "sglang", "", "FP8"),
        ("NVFP4", "vllm", "nvidia/Gemma-4-31B-IT", "NVFP4-MLP"),
        ("Q5_K_L", "llama.cpp", "", "Q5_K_M"),
        ("Q6_K_L", "llama.cpp", "", "Q6_K"),
        ("Q4_0_8_8", "llama.cpp", "", "Q4_0"),
        ("Q4", "ollama", "", "Q4_K_M"),
        ("q8", "llama.cpp", "", "Q8_0"),
        ("4bit", "llama.cpp", "", "Q4_K_M"),
        ("4bit", "vllm", "", "AWQ"),
        ("4-bit (bitsandbytes)", "vllm", "", "NF4"),
        ("GPTQ 8-bit", "vllm", "", "GPTQ-8bit"),
        ("INT4 (AWQ)", "vllm", "", "AWQ"),
        ("W8A8 (INT8)", "vllm", "", "INT8"),
    ],
)
def test_a_quantisation_is_found_by_its_name_or_the_models(
    written: str | None, engine: str, model: str, quant_id: str
) -> None:
    assert quantised(written, engine, model, SHELF).quant.id == quant_id


def test_bits_per_weight_are_enough() -> None:
    found = quantised("EXL2 4.65bpw", "llama.cpp", "", SHELF)
    assert found.variant.body_bits == 4.65
    assert "4.65 bits per weight" in found.doubt


def test_who_says_nothing_is_thought_to_run_the_usual() -> None:
    found = quantised(None, "ollama", "llama3:8b", SHELF)
    assert found.quant.id == "Q4_K_M"
    assert "not told" in found.doubt


@pytest.mark.parametrize(
    ("written", "device_id", "how_many"),
    [
        ("H100 80G", "h100-sxm-80gb", 1),
        ("A100 80G", "a100-sxm-80gb", 1),
        ("A100-PCIE-80GB", "a100-pcie-80gb", 1),
        ("Strix Halo · Radeon 8060S · 128 GiB unified", "ryzen-ai-max-395", 1),
        ("Quadro RTX 6000", "quadro-rtx-6000", 1),
        ("dual RTX 3090", "rtx-3090", 2),
        ("Radeon RX 6700 XT", "rx-6700-xt", 1),
        ("RTX 4080 Laptop (12GB VRAM)", "rtx-4080-laptop", 1),
        ("RTX 2080", "rtx-2080", 1),
    ],
)
def test_a_device_is_found_as_its_owner_writes_it(
    written: str, device_id: str, how_many: int
) -> None:
    found = machined(Said(written, 1, None, None), known.load())
    assert found is not None
    assert (found.device.id, found.count, found.doubt) == (device_id, how_many, "")


@pytest.mark.parametrize(
    ("written", "gb_s"),
    [
        ("Ryzen 9 5950X", 51.2),
        ("Ryzen-7950X CPU", 83.2),
        ("dual Genoa", 460.8),
        ("dual Epyc 9175F, 16 x DDR5 6400 MT/s RAM", 409.6),
        ("EPYC 7742, 8x32GB DDR4-2933", 187.712),
        ("i7-12700K dual channel DDR5-6000", 96.0),
        ("Core i5-12400 with 4 x DDR4-3200", 51.2),
        ("Intel(R) N100", 38.4),
    ],
)
def test_a_processor_is_the_memory_of_one_of_its_sockets(written: str, gb_s: float) -> None:
    found = machined(Said(written, 1, None, None, "cpu"), known.load())
    assert found is not None
    assert found.device.bandwidth_gb_s == pytest.approx(gb_s)


@pytest.mark.parametrize(
    ("written", "model_id"),
    [
        ("QwQ-32B", "qwen2.5-32b"),
        ("DeepSeek-R1-Distill-Qwen-7B", "qwen2.5-7b"),
        ("DeepSeek-R1-Distill-Llama-70B-AWQ", "llama-3.3-70b"),
        ("GLM-4.5", "glm-4.6"),
        ("GLM-4.5-Air", "glm-4.5-air"),
        ("MiniMax-M2", "minimax-m2.5"),
        ("gemma3:latest", "gemma-3-4b"),
        ("gemma-2-27b-it-Q4_K_M.gguf", "gemma-2-27b"),
        ("Qwen2.5-14B-Instruct-AWQ", "qwen2.5-14b"),
        ("c4ai-command-r-v01", "command-r-35b"),
        ("Llama-2-70b-chat-hf", "llama-2-70b"),
    ],
)
def test_a_model_that_nobody_is_advised_to_run_is_known_all_the_same(
    written: str, model_id: str
) -> None:
    found = named(written, None, known.load())
    assert found is not None
    assert (found.model.id, found.doubt) == (model_id, "")


def test_what_is_known_for_rows_alone_is_in_no_question() -> None:
    more = known.load()
    assert set(SHELF.models) < set(more.models)
    assert set(SHELF.devices) < set(more.devices)


def test_a_bare_name_of_a_library_is_doubted() -> None:
    found = named("gemma3", None, known.load())
    assert found is not None
    assert (found.model.id, found.doubt) == (
        "gemma-3-4b",
        "gemma3 tells no size; Gemma 3 4B IT is taken",
    )


def test_the_lexicon_names_models_that_are_known() -> None:
    words, models = lexicon.load(), known.load().models
    assert {same.model for same in words.same} <= set(models)
    assert {m for one in words.untagged for m in one.models.values()} <= set(models)


def test_arithmetic_that_was_never_published_is_taken_from_the_nearest_kin() -> None:
    found = machined(Said("Apple M5 Max", 1, None, None), known.load())
    assert found is not None
    able_one = able(found, known.load())
    assert not found.device.tflops
    assert able_one.device.tflops == known.load().devices["apple-m4-max"].tflops
    assert "is not published" in able_one.doubt


@pytest.mark.parametrize(
    ("model", "quant_id"),
    [("mlx-community/Qwen3-8B-mxfp4", "MLX-MXFP4"), ("mlx-community/gpt-oss-20b-mxfp4", "MXFP4")],
)
def test_mlx_has_its_own_four_bits_but_for_models_that_came_in_them(
    model: str, quant_id: str
) -> None:
    assert quantised(None, "mlx-lm", model, SHELF).quant.id == quant_id
    assert quantised("mxfp4", "mlx-lm", model, SHELF).quant.id == quant_id


@pytest.mark.parametrize(
    ("written", "gb_s"),
    [
        ("Xeon 8-channel DDR5", 307.2),
        ("Xeon, 8 channels", 307.2),
        ("server CPU, 12 channels of DDR5", 460.8),
        ("desktop CPU, dual channel DDR4", 51.2),
        ("dual channel DDR5 desktop CPU", 83.2),
        ("EPYC 7763 with 4 channels", 102.4),
    ],
)
def test_channels_that_are_told_count_where_no_speed_of_the_memory_is(
    written: str, gb_s: float
) -> None:
    found = machined(Said(written, 1, None, None, "cpu"), SHELF)
    assert found is not None
    assert found.device.bandwidth_gb_s == pytest.approx(gb_s)
    assert "is taken to have" in found.doubt
