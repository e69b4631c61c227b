from __future__ import annotations

import pytest

from benchruns.host.counters import cached_tokens, fetch
from benchruns.host.guards.answers import of_counters
from tests.benchruns.host.instrument import answer, mock

VLLM = """\
# HELP vllm:prefix_cache_hits_total Prefix cache hits, in terms of number of cached tokens.
# TYPE vllm:prefix_cache_hits_total counter
vllm:prefix_cache_hits_total{engine="0",model_name="m"} 96.0
vllm:prefix_cache_hits_total{engine="1",model_name="m"} 4.0
vllm:prefix_cache_hits_created{engine="0",model_name="m"} 1.7e+09
vllm:prefix_cache_queries_total{engine="0",model_name="m"} 640.0
"""


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        (VLLM, 100),
        ('sglang:cached_tokens_total{cache_source="device"} 7.0\n', 7),
        ("vllm:prefix_cache_hits 3\n", 3),
        ("vllm:prefix_cache_hits_total nan\n", None),
        ("llamacpp:prompt_tokens_total 9\n", None),
        ("", None),
    ],
)
def test_it_reads_the_counters_of_the_engines_that_have_some(text: str, tokens: int | None) -> None:
    assert cached_tokens(text) == tokens


def test_a_server_without_metrics_counts_nothing() -> None:
    with mock() as (_, address):
        assert fetch(address, {}) == ""
    assert fetch("http://127.0.0.1:9", {}) == ""


def test_a_cache_that_only_the_counters_tell_of_is_a_finding() -> None:
    sent = [answer(prompt_tokens=16)] * 10
    [small] = of_counters(10, sent, 16)
    [large] = of_counters(100, sent, 16)
    assert (small.severity, large.severity) == ("mark", "refuse")
    assert "the server counted 100 prompt tokens from its cache" in large.sentence
    assert list(of_counters(0, sent, 16)) == list(of_counters(None, sent, 16)) == []
    told = [answer(prompt_tokens=16, cached_tokens=10)]
    assert list(of_counters(10, told, 16)) == []  # said already, answer by answer
