"""What is sent to a page so that it shows what there is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from benchruns.live import stream as streams
from benchruns.live.hub import Watcher
from benchruns.live.picture import Picture
from benchruns.live.stream import Screen, event, stream


def picture(state: str = "running", **parts: str) -> Picture:
    return Picture(state, parts or {"now": "<p>1</p>"})


def sent(screen: Screen, shown: Picture) -> str:
    return b"".join(screen.events(shown)).decode()


def test_it_sends_the_parts_that_changed_and_no_others() -> None:
    screen = Screen("running")
    first = sent(screen, picture(now="<p>1</p>", head="<p>h</p>"))
    assert 'hx-target="#now"' in first
    assert 'hx-target="#head"' in first
    second = sent(screen, picture(now="<p>2</p>", head="<p>h</p>"))
    assert '<hx-partial hx-target="#now" hx-swap="outerMorph"><p>2</p></hx-partial>' in second
    assert "#head" not in second


def test_it_sends_nothing_to_a_page_that_comes_back_to_what_it_has() -> None:
    shown = picture(now="<p>1</p>")
    assert sent(Screen("running", last_id=shown.id), shown) == ""


def test_it_sends_what_a_page_missed_while_it_was_away() -> None:
    before, after = picture(now="<p>1</p>"), picture(now="<p>2</p>")
    assert "<p>2</p>" in sent(Screen("running", last_id=before.id), after)


def test_it_tells_a_page_of_another_kind_to_ask_for_itself_anew() -> None:
    screen = Screen("queued")
    assert "event: moved" in sent(screen, picture("running"))
    assert "event: moved" not in sent(screen, picture("running", now="<p>2</p>"))
    assert "event: moved" in sent(Screen("running"), picture("done"))


def test_a_page_that_moved_before_the_stream_broke_is_not_told_again() -> None:
    shown = picture("running")
    assert "event: moved" not in sent(Screen("queued", last_id=shown.id), shown)


def test_it_says_when_there_is_nothing_more() -> None:
    text = sent(Screen("running"), Picture("done", {}, over=True))
    assert text.index("event: moved") < text.index("event: over")


def test_the_same_picture_has_the_same_id_wherever_it_is_drawn() -> None:
    assert picture(a="1", b="2").id == picture(a="1", b="2").id
    assert picture(a="1", b="2").id != picture(a="2", b="1").id
    assert picture("queued").id != picture("running").id


@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "a\rb", "a\n\nevent: over"])
def test_no_text_can_end_an_event_or_begin_another(text: str) -> None:
    lines = event(text, name="", id="x").decode().split("\n")
    assert all(line.startswith(("data: ", "id: ")) for line in lines[:-2])
    assert lines[-2:] == ["", ""]
    assert "\r" not in "".join(lines)


def told(watcher: Watcher, until: Callable[[list[bytes]], bool]) -> list[bytes]:
    async def tell() -> list[bytes]:
        heard: list[bytes] = []
        async with asyncio.timeout(30):
            async for part in stream(watcher, Screen("running")):
                heard.append(part)
                if until(heard):
                    break
        return heard

    return asyncio.run(_of(tell))


async def _of(tell: Callable[[], Awaitable[list[bytes]]]) -> list[bytes]:
    return await tell()


def test_it_says_now_and_then_that_all_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BEAT_S", 0.01)
    heard = told(Watcher(), lambda heard: len(heard) > 2)
    assert heard[0] == b"retry: 1000\n\n"
    assert heard[1:] == [b"event: beat\ndata: \n\n"] * 2


def test_it_ends_after_a_while_so_that_permission_is_asked_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streams, "BEAT_S", 0.01)
    monkeypatch.setattr(streams, "LONGEST_S", 0.03)
    assert told(Watcher(), lambda _: False)[-1].startswith(b"event: beat")


def test_a_slow_watcher_gets_the_newest_and_nothing_heaps_up() -> None:
    watcher = Watcher()
    for n in range(1000):
        watcher.show(picture(now=f"<p>{n}</p>"))
    watcher.end()
    heard = b"".join(told(watcher, lambda _: False))
    assert heard.count(b"<hx-partial") == 1
    assert b"<p>999</p>" in heard
