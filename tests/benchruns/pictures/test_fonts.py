"""The site's fonts, unpacked for what is drawn here."""

from __future__ import annotations

from pathlib import Path

from fontTools.ttLib import TTFont
from pytest_django.fixtures import Settings

from benchruns.pictures import fonts

LONG = "Meta Llama 3.3 70B Instruct on TensorRT-LLM with a name that goes on and on for a while"


def test_they_are_unpacked_once_and_called_as_style_sheets_call_them(
    settings: Settings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    fonts.files.cache_clear()
    try:
        paths = fonts.files()
        assert len(paths) == 4
        found = [TTFont(path) for path in paths]
        assert {font["name"].getDebugName(1) for font in found} == {fonts.FAMILY, fonts.MONO}
        assert sorted(font["OS/2"].usWeightClass for font in found) == [400, 400, 600, 600]
        assert sorted(p.name for p in (tmp_path / "fonts").iterdir()) == sorted(
            Path(path).name for path in paths
        )
    finally:
        fonts.files.cache_clear()


def test_bold_is_wider_and_twice_the_size_is_twice_as_wide() -> None:
    assert fonts.width("vLLM", 20, bold=True) > fonts.width("vLLM", 20) > 0
    assert fonts.width("vLLM", 40) == 2 * fonts.width("vLLM", 20)


def test_lines_are_no_wider_than_the_room_and_keep_every_word() -> None:
    lines = fonts.wrapped(LONG, 20, 240, most=9)
    assert all(fonts.width(line, 20) <= 240 for line in lines)
    assert " ".join(lines) == LONG


def test_what_does_not_fit_ends_in_an_ellipsis_inside_the_room() -> None:
    lines = fonts.wrapped(LONG, 20, 240, most=2)
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert fonts.width(lines[1], 20) <= 240


def test_a_word_longer_than_the_room_is_cut() -> None:
    (line,) = fonts.wrapped("x" * 400, 20, 100, most=2)
    assert line.endswith("…")
    assert fonts.width(line, 20) <= 100


def test_nothing_takes_no_line() -> None:
    assert fonts.wrapped("", 20, 100, most=2) == ()
