from __future__ import annotations

from pathlib import Path

from django.apps import AppConfig
from django.conf import settings


class GuideConfig(AppConfig):
    name = "guide"
    verbose_name = "RigGuide"

    def ready(self) -> None:
        from guide import celery  # noqa: F401 - so that shared tasks find the site's own app
        from recommender import table

        table.keep_in(Path(settings.DATA_DIR) / "tables")
