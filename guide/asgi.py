"""The ASGI application that uvicorn serves."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guide.settings")

django = get_asgi_application()

from benchruns.host_api.asgi import with_long_polls  # noqa: E402 - needs Django to be set up

application = with_long_polls(django)
