"""The ASGI application that uvicorn serves."""

from __future__ import annotations

import os
from multiprocessing import parent_process

from django.core.asgi import get_asgi_application

from guide.supervisor.processes import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guide.settings")

if parent_process() is not None:  # one of several that share a port
    die_with_parent()
django = get_asgi_application()

from benchruns.host_api.asgi import with_long_polls  # noqa: E402 - needs Django to be set up
from benchruns.live.asgi import with_streams  # noqa: E402
from guide.body_limit import with_body_limit  # noqa: E402

application = with_body_limit(with_long_polls(with_streams(django)))
