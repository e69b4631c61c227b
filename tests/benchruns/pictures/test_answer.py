"""One picture in three forms."""

from __future__ import annotations

import csv
from io import StringIO
from xml.etree import ElementTree as ET

import pytest
from django.http import Http404

from benchruns.pictures.answer import answered, file_name
from benchruns.pictures.png import png
from benchruns.pictures.sheet import sheet
from tests.benchruns.pictures.drawn import picture, plot

SVG = "{http://www.w3.org/2000/svg}"
PNG = b"\x89PNG\r\n\x1a\n"


def size(image: bytes) -> tuple[int, int]:
    """Of a PNG, from its first chunk."""
    return int.from_bytes(image[16:20]), int.from_bytes(image[20:24])


def test_the_sheet_is_complete_in_itself() -> None:
    text = sheet(picture(), "RigGuide; http://example.org/")
    root = ET.fromstring(text)
    said = [node.text for node in root.iter(f"{SVG}text")]
    assert said[:2] == ["Speed <fast>", "What it shows."]
    assert "RigGuide; http://example.org/" in said
    assert "var(" not in text
    assert "url(" not in text
    inner = next(node for node in root if node.tag == f"{SVG}svg")
    assert float(inner.attrib["y"]) + float(inner.attrib["height"]) < float(root.attrib["height"])


def test_every_series_stands_in_its_key_in_the_colour_of_its_engine() -> None:
    root = ET.fromstring(sheet(picture(), ""))
    names = [node.text for node in root.iter(f"{SVG}text") if node.get("class") == "sheet-key"]
    assert names == ["=measured", "of vLLM"]
    assert [g.get("data-engine") for g in root.iter(f"{SVG}g") if g.get("data-engine")] == ["vllm"]


def test_a_key_that_is_too_long_for_one_line_makes_the_sheet_higher() -> None:
    one = plot().series[0]
    many = tuple(one for _ in range(12))
    low, high = (ET.fromstring(sheet(picture(**c), "")) for c in ({}, {"series": many}))
    assert float(high.attrib["height"]) > float(low.attrib["height"])


def test_as_png_it_is_twice_as_sharp_and_has_the_paper_behind_it() -> None:
    response = answered(picture(), "png", name="Llama 3.1 8B on vLLM speed", foot="")
    assert response["Content-Type"] == "image/png"
    assert 'filename="llama-3.1-8b-on-vllm-speed.png"' in response["Content-Disposition"]
    assert response.content.startswith(PNG)
    assert size(response.content)[0] == 2 * (480 + 48)


def test_words_are_drawn_with_the_fonts_of_the_site() -> None:
    blank = '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30">{}</svg>'
    text = '<text x="4" y="20" font-family="{}" font-size="16">vLLM</text>'
    drawn = {name: png(blank.format(text.format(name)), 90) for name in ("IBM Plex Sans", "Nope")}
    assert drawn["IBM Plex Sans"] != png(blank.format(""), 90)
    assert size(drawn["IBM Plex Sans"]) == (90, 30)


def test_as_csv_it_has_every_figure_with_what_it_rests_on() -> None:
    response = answered(picture(), "csv", name="x", foot="")
    rows = list(csv.DictReader(StringIO(response.text)))
    told = ("series", "basis", "users", "speed (tokens/s)")
    assert [tuple(row[name] for name in told) for row in rows] == [
        ("'=measured", "measured", "1", "20"),
        ("'=measured", "measured", "2", "15"),
        ("of vLLM", "estimated", "1", "20"),
    ]
    assert (rows[0]["low"], rows[1]["low"]) == ("18", "")
    assert response["X-Content-Type-Options"] == "nosniff"


def test_another_form_is_not_there_and_says_which_are() -> None:
    with pytest.raises(Http404, match="no picture as 'gif'; there is svg, png, csv"):
        answered(picture(), "gif", name="x", foot="")


@pytest.mark.parametrize(
    ("words", "name"),
    [("Llama 3.1", "llama-3.1"), ('a"; b=\r\n', "a-b"), ("../../etc", "etc"), ("日本", "picture")],
)
def test_files_have_names_that_every_system_keeps(words: str, name: str) -> None:
    assert file_name(words) == name
