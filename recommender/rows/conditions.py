"""What the settings of a measurement say: flags as engines spell them, lengths, parallelism.

Only what was set is read, never what came out: latencies, rates and log lines in the same text
are left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

KV_BITS = {"q8_0": 8.5, "q4_0": 4.5, "q4_1": 5.0, "q5_0": 5.5, "q5_1": 6.0, "iq4_nl": 4.5}
KV_BITS |= {"fp8": 8.0, "fp8_e4m3": 8.0, "fp8_e5m2": 8.0, "int8": 8.0, "q8": 8.5, "q4": 4.5}
KV_BITS |= {"f16": 16.0, "fp16": 16.0, "bf16": 16.0, "f32": 32.0, "auto": 16.0, "float16": 16.0}
NUMBER = r"[\s=:]*(\d[\d,_]*(?:\.\d+)?)\s*(k\b)?"


@dataclass(frozen=True, slots=True)
class Conditions:
    """None: not set. Lengths are tokens; `kv_bits` is the mean of keys and values."""

    max_len: int | None = None
    memory_share: float | None = None
    kv_bits: float | None = None
    slots: int | None = None
    clients: int | None = None
    batched_tokens: int | None = None
    ubatch: int | None = None
    tensor_parallel: int | None = None
    pipeline: int | None = None
    depth: int | None = None
    prompt: int | None = None
    output: int | None = None
    layers_on_gpu: int | None = None
    threads: int | None = None
    flash: bool | None = None
    eager: bool = False
    share_gpt: bool = False
    offline: bool = False
    wall: bool = False


def conditions(text: str | None) -> Conditions:
    """From free text; what it does not say stays None."""
    said = text or ""
    return Conditions(
        max_len=_whole(said, r"max[-_ ]model[-_ ]len|n[-_]ctx|--ctx-size|num_ctx|context-length"),
        memory_share=_share(said),
        kv_bits=_kv_bits(said),
        slots=_whole(
            said,
            r"max[-_ ]num[-_ ]seqs|(?<!\S)-np\b|--parallel|n[-_]parallel|NUM_PARALLEL"
            r"|max[-_ ]running[-_ ]requests|max[-_ ]batch[-_ ]size|B(?==)",
        ),
        clients=_whole(said, r"max[-_ ]concurrency|concurrency|batch[-_ ]size|--bs\b|clients")
        or _before(said, r"(?:concurrent|clients|users|parallel|requests at once|streams)"),
        batched_tokens=_whole(
            said, r"max[-_ ]num[-_ ]batched[-_ ]tokens|chunked[-_]prefill[-_]size"
        ),
        ubatch=_whole(said, r"n_ubatch|(?<!\S)-?ub\b|--ubatch-size"),
        tensor_parallel=_whole(
            said, r"\bTP(?=[\s=]*\d)|(?<!\S)-tp\b|tensor[-_ ]parallel(?:[-_ ]size)?|--tp-size|--tp"
        ),
        pipeline=_whole(said, r"\bPP(?=\d{1,2}\b)", flags=0)
        or _whole(said, r"pipeline[-_ ]parallel(?:[-_ ]size)?|--pp-size"),
        depth=_whole(said, r"KV depth|@\s?d|(?<!\S)-d\b|\bdepth"),
        prompt=_prompt(said),
        output=_output(said),
        layers_on_gpu=_whole(said, r"-ngl|--n-gpu-layers|--gpu-layers|num_gpu"),
        threads=_whole(said, r"(?<!\S)-t\b|--threads") or _before(said, r"threads"),
        flash=_flash(said),
        eager=bool(re.search(r"enforce[-_]eager(?![\s=:]*false)", said, re.IGNORECASE)),
        share_gpt=bool(re.search(r"share\s?gpt", said, re.IGNORECASE)),
        offline=bool(
            re.search(r"offline|all queued|all sent at once|rate inf|at once", said, re.IGNORECASE)
        ),
        wall=bool(re.search(r"_wall\b|end[-_ ]to[-_ ]end|\bwall\b", said, re.IGNORECASE)),
    )


def _flash(said: str) -> bool | None:
    """Whether attention is computed without a buffer for all pairs of tokens."""
    if re.search(
        r"no flash|flash[-_ ]attn[\s=:]*(?:0|off|false)|-fa\s*(?:0|off)\b", said, re.IGNORECASE
    ):
        return False
    return True if re.search(r"flash|-fa\b", said, re.IGNORECASE) else None


def _prompt(said: str) -> int | None:
    flags = r"(?:random[-_])?input[-_]len|\bISL\b|PP(?==)|(?<!\S)-p\b|\bn_prompt|prompt[-_ ]tokens"
    return _whole(said, flags) or _whole(said, r"\bpp(?=\d)", flags=0)


def _output(said: str) -> int | None:
    flags = r"(?:random[-_])?output[-_]len|\bOSL\b|TG(?==)|(?<!\S)-[gn]\b|\bn_gen|max[-_ ]tokens"
    return _whole(said, flags) or _whole(said, r"\btg(?=\d)", flags=0)


def _whole(said: str, names: str, flags: int = re.IGNORECASE) -> int | None:
    match = re.search(rf"(?:{names}){NUMBER}", said, flags)
    if match is None:
        return None
    number = float(re.sub(r"[,_]", "", match[1])) * (1024 if match[2] else 1)
    return int(number) or None


def _before(said: str, unit: str) -> int | None:
    match = re.search(rf"(\d+)\s+{unit}\b", said, re.IGNORECASE)
    return int(match[1]) if match else None


def _share(said: str) -> float | None:
    names = r"gpu[-_ ]memory[-_ ]utili[sz]ation|mem[-_]fraction[-_]static|gpu[-_]mem[-_]util|gmu"
    match = re.search(rf"(?:{names})[\s=:]*(0?\.\d+|1(?:\.0*)?|\d\d(?=\s?%))", said, re.IGNORECASE)
    if match is None:
        return None
    share = float(match[1])
    return share / 100 if share > 1 else share


def _kv_bits(said: str) -> float | None:
    """Keys and values may be of two types; one that is not set is in 16 bits."""
    both = r"kv[-_ ]cache[-_ ](?:dtype|type)|KV_CACHE_TYPE|K/V|kv[-_ ]cache|\bKV"
    named = _kind(said, both)
    keys = _kind(said, r"(?<!\S)-ctk|cache-type-k|type_k")
    values = _kind(said, r"(?<!\S)-ctv|cache-type-v|type_v")
    if keys is None and values is None:
        return named
    return ((keys or 16.0) + (values or 16.0)) / 2


def _kind(said: str, names: str) -> float | None:
    kinds = "|".join(sorted(KV_BITS, key=len, reverse=True))
    match = re.search(rf"(?:{names})[\s=:]*({kinds})\b", said, re.IGNORECASE)
    return KV_BITS[match[1].lower()] if match else None
