"""A connection on which no whole head of a request comes is closed; others are left alone."""

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from sohoa.request_heads import PromptHeads

HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def answer(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    monkeypatch.setattr("sohoa.request_heads.HEAD_SECONDS", 1.0)
    config = uvicorn.Config(answer, http=PromptHeads, log_config=None, lifespan="off")
    made = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=made.run, args=([listening],))
        thread.start()
        while not made.started:
            time.sleep(0.01)
        yield listening.getsockname()
        made.should_exit = True
        thread.join()


@pytest.mark.parametrize("begun", [b"", HEAD[:-4], HEAD + HEAD[:-4]])
def test_who_sends_half_a_head_is_left(server: tuple[str, int], begun: bytes) -> None:
    with socket.create_connection(server, timeout=30) as client:
        client.sendall(begun)
        said = b""
        while more := client.recv(4096):  # ends where the server closes
            said += more
    assert said.count(b" 204 ") == begun.count(HEAD)


def test_who_sends_whole_ones_stays(server: tuple[str, int]) -> None:
    with socket.create_connection(server, timeout=30) as client:
        for _ in range(4):
            client.sendall(HEAD[:10])
            time.sleep(0.4)
            client.sendall(HEAD[10:])
            assert b" 204 " in client.recv(4096)
