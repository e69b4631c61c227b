from __future__ import annotations

from django.apps import AppConfig


class BenchrunsConfig(AppConfig):
    name = "benchruns"
    verbose_name = "Benchmark runs"
