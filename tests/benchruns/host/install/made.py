"""A package that is made on the spot, so that installing needs no network."""

from __future__ import annotations

import zipfile
from pathlib import Path

from benchruns.host.install.offers import Offer


def wheel(folder: Path, name: str, version: str, requires: tuple[str, ...] = ()) -> Path:
    stem = f"{name}-{version}"
    needs = "".join(f"Requires-Dist: {need}\n" for need in requires)
    files = {
        f"{name}.py": "print('it runs')\n",
        f"{stem}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\n"
        f"Version: {version}\n{needs}",
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\n"
        "Root-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in [*files, f"{stem}.dist-info/RECORD"])
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as made:
        for inside, text in {**files, f"{stem}.dist-info/RECORD": record}.items():
            made.writestr(inside, text)
    return path


def offer(package: Path | str, **more: object) -> Offer:
    return Offer.model_validate(
        {
            "engine": "tiny",
            "provider": "cpu",
            "version": "1.0",
            "name": "Tiny",
            "packages": (str(package),),
            "os": ("linux", "macos"),
            "disk_gib": 0.01,
            "minutes": 1,
            "source": "https://example.com",
            **more,
        }
    )
