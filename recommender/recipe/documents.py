"""YAML with a head of comments, for people to read before they start it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml


class _Dumper(yaml.SafeDumper):
    """Without anchors: what is said twice is written twice. Several lines stand as a block."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def dumped(head: Iterable[str], *documents: dict[str, Any]) -> str:
    """The head as comments, then the documents, one after the other."""
    return commented(head) + yaml.dump_all(
        documents, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110
    )


def commented(head: Iterable[str], sign: str = "#") -> str:
    """Lines as comments, and an empty line after them."""
    return "".join(f"{sign} {line}".rstrip() + "\n" for line in head) + "\n"
