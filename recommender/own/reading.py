"""From a file to a model that can be an answer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from recommender.entries import Model
from recommender.own import config, entry, gguf_file, header, model
from recommender.own.errors import OwnError

GGUF = ".gguf"


@dataclass(frozen=True, slots=True)
class Reading:
    """`answer` is what `model=` takes; `quant` the catalogue's name of a GGUF file's own bits."""

    model: Model
    notes: tuple[str, ...] = ()
    quant: str | None = None

    @property
    def answer(self) -> str:
        return self.model.id


def from_config(text: str | bytes, *, name: str = "") -> Reading:
    """A Hugging Face `config.json`.

    Raises:
        OwnError: it cannot be read as a language model; the sentence says why.
    """
    found = config.shape(config.parse(text), name=name)
    made = entry.model(found, own_id="", source="its config.json")
    return Reading(model.sealed(made), found.notes)


def from_gguf(head: bytes, *, name: str = "") -> Reading:
    """The first bytes of a GGUF file, `header.MOST_BYTES` at most.

    Raises:
        OwnError: it cannot be read as a language model; the sentence says why.
    """
    read = header.read(head)
    found = gguf_file.shape(read, name=name)
    counted = gguf_file.params(read)
    made = entry.model(found, own_id="", source="the head of its GGUF file", params=counted)
    return Reading(model.sealed(made), found.notes, gguf_file.quant(read))


def from_path(path: Path, *, name: str = "") -> Reading:
    """A GGUF file, a `config.json`, or a folder that holds one.

    Raises:
        OwnError: it is not there, or it cannot be read as a language model.
    """
    file = path / "config.json" if path.is_dir() else path
    try:
        with file.open("rb") as opened:
            head = opened.read(len(header.MAGIC))
            is_gguf = head == header.MAGIC or file.suffix == GGUF
            head += opened.read((header.MOST_BYTES if is_gguf else config.MOST_BYTES + 1) - 4)
    except OSError as error:
        raise OwnError(f"{file} cannot be read: {error.strerror}.") from error
    if is_gguf:
        return from_gguf(head, name=name)
    return from_config(head, name=name or _folder(file))


def _folder(file: Path) -> str:
    """The folder a config.json lies in is usually named after the model."""
    return file.resolve().parent.name if file.name == "config.json" else file.stem
