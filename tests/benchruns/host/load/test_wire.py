"""What a server may send, however it cuts it up."""

from __future__ import annotations

import asyncio
import socket
from time import sleep

import pytest

from benchruns.host.load.wire import Address, Answer, Handling, StampedLoop, WireError, clock

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"


def heard(*parts: bytes, hangs_up: bool = False) -> Answer:
    """What is made of these very reads."""

    async def go() -> Answer:
        answer = Answer(clock(), lambda _chunks: None, Handling())
        for part in parts:
            answer.data_received(part)
        if hangs_up:
            answer.connection_lost(None)
        if answer.over.done():
            await answer.over
        return answer

    return asyncio.run(go())


def body(answer: Answer) -> bytes:
    return b"".join(piece for _, piece in answer.pieces)


def chunked(*pieces: bytes) -> bytes:
    told = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + told + b"0\r\n\r\n"


@pytest.mark.parametrize("at_once", [1, 2, 3, 7, 1000])
def test_it_does_not_matter_where_the_network_cuts(at_once: int) -> None:
    whole = chunked(b"data: one\n\n", b"data: two\n\n")
    parts = [whole[i : i + at_once] for i in range(0, len(whole), at_once)]
    answer = heard(*parts)
    assert (answer.status, body(answer)) == (200, b"data: one\n\ndata: two\n\n")
    assert answer.over.done()


def test_a_body_of_known_length_ends_with_its_last_byte() -> None:
    answer = heard(HEAD + b"Content-Length: 4\r\n\r\nab", b"cd")
    assert (body(answer), answer.over.done()) == (b"abcd", True)
    assert heard(HEAD + b"Content-Length: 0\r\n\r\n").over.done()


def test_a_body_without_a_length_ends_with_the_connection() -> None:
    assert not heard(HEAD + b"\r\nab").over.done()
    assert heard(HEAD + b"\r\nab", hangs_up=True).over.done()


def test_it_waits_for_no_hang_up_after_the_stream_is_over() -> None:
    endless = chunked(b"data: one\n\ndata: [DONE]\n\n").removesuffix(b"0\r\n\r\n")
    assert heard(endless).over.done()


def test_a_provisional_answer_is_not_the_answer() -> None:
    answer = heard(b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"Content-Length: 2\r\n\r\nab")
    assert (answer.status, body(answer)) == (200, b"ab")
    later = heard(b"HTTP/1.1 100 Continue\r\n\r\n", HEAD + b"Content-Length: 2\r\n\r\nab")
    assert (later.status, body(later)) == (200, b"ab")


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ((b"SSH-2.0-OpenSSH\r\n\r\n",), "this is not HTTP"),
        ((HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n",), "this is not HTTP"),
        ((HEAD + b"Content-Length: many\r\n\r\n",), "this is not HTTP"),
        ((), "hung up without an answer"),
        ((HEAD,), "hung up without an answer"),
        ((HEAD + b"Content-Length: 9\r\n\r\nab",), "in the middle of its answer"),
        ((HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",), "in the middle of its answer"),
    ],
)
def test_what_is_no_whole_answer_is_an_error_in_words(
    parts: tuple[bytes, ...], sentence: str
) -> None:
    with pytest.raises(WireError, match=sentence):
        heard(*parts, hangs_up=True)


def test_it_knows_where_an_address_leads() -> None:
    assert Address.of("http://127.0.0.1:8080") == Address("127.0.0.1", 8080, False, "")
    assert Address.of("https://api.example/serving/") == Address(
        "api.example", 443, True, "/serving"
    )
    head = Address.of("http://[::1]:8080/serving").head("/v1/completions", 3, {"X-Key": "k"})
    assert head.startswith(b"POST /serving/v1/completions HTTP/1.1\r\nHost: [::1]:8080\r\n")
    assert b"\r\nX-Key: k\r\n" in head
    assert head.endswith(b"\r\n\r\n")


def test_all_that_came_in_one_look_has_the_same_time_however_long_reading_takes() -> None:
    """Two connections whose data is there at once: the second is not late for the first's sake."""

    async def go(loop: StampedLoop) -> list[float]:
        ends = [socket.socketpair() for _ in range(2)]
        seen: list[float] = []

        def read() -> None:
            seen.append(clock()(None))
            sleep(0.02)  # as if reading took this long

        for mine, other in ends:
            other.send(b"ab")
            loop.add_reader(mine, read)
        await asyncio.sleep(0)
        while len(seen) < 2:
            await asyncio.sleep(0)
        for mine, other in ends:
            loop.remove_reader(mine)
            mine.close()
            other.close()
        return seen

    loop = StampedLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        first, second = runner.run(go(loop))[:2]
    assert first == second
