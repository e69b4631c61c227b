"""A strict stand-in of Ollama's HTTP API, as a program named `ollama`.

It is no Ollama: it answers as `docs/api.md`, `api/types.go` and `openai/openai.go` of Ollama say
(August 2026), and unlike the real one refuses every field that those do not name. What it was sent
is written to the file in STAND_IN_BOOK, one JSON object a line.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

VERSION = "0.31.2"
CREATE = {
    "model", "stream", "quantize", "draft_quantize", "from", "remote_host", "files", "draft_files",
    "adapters", "template", "license", "system", "parameters", "messages", "renderer", "parser",
    "requires", "info",
}  # fmt: skip
PARAMETERS = {"num_ctx", "num_predict", "temperature", "top_k", "top_p", "seed", "stop"}
GENERATE = {"model", "prompt", "stream", "keep_alive", "options", "raw", "template", "system"}
COMPLETION = {
    "model", "prompt", "frequency_penalty", "max_tokens", "presence_penalty", "seed", "stop",
    "stream", "stream_options", "temperature", "top_p", "suffix", "logprobs",
}  # fmt: skip


class Refused(Exception):
    """(status, sentence)"""


class State:
    def __init__(self) -> None:
        self.blobs = Path(os.environ["OLLAMA_MODELS"]) / "blobs"
        self.blobs.mkdir(parents=True, exist_ok=True)
        self.models: dict[str, dict[str, Any]] = {}
        self.loaded: set[str] = set()
        self.slots = threading.BoundedSemaphore(int(os.environ.get("OLLAMA_NUM_PARALLEL", "1")))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: State

    def log_message(self, *args: Any) -> None: ...

    def do_GET(self) -> None:
        if self.path == "/api/version":
            self.answer(200, {"version": VERSION})
        elif self.path == "/api/ps":
            models = [self.ps(name) for name in sorted(self.state.loaded)]
            self.answer(200, {"models": models})
        elif self.path == "/api/tags":
            self.answer(200, {"models": [{"name": f"{n}:latest"} for n in self.state.models]})
        else:
            self.answer(404, {"error": "404 page not found"})

    def ps(self, name: str) -> dict[str, Any]:
        context = self.state.models.get(name, {}).get("parameters", {}).get("num_ctx")
        return {"name": f"{name}:latest", "size": 10, "size_vram": 0, "context_length": context}

    def do_HEAD(self) -> None:
        digest = self.path.removeprefix("/api/blobs/")
        there = (self.state.blobs / digest.replace(":", "-")).exists()
        self.send_response(200 if there else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_DELETE(self) -> None:
        body = self.body({"model"}, {"model"})
        if self.state.models.pop(body["model"], None) is None:
            self.answer(404, {"error": f"model '{body['model']}' not found"})
        else:  # what is loaded stays so
            self.answer(200, None)

    def do_POST(self) -> None:
        try:
            self.post()
        except Refused as refused:
            status, sentence = refused.args
            self.answer(status, {"error": sentence})

    def post(self) -> None:
        if self.path.startswith("/api/blobs/"):
            self.blob(self.path.removeprefix("/api/blobs/"))
        elif self.path == "/api/create":
            self.create(self.body(CREATE, {"model", "files"}))
        elif self.path == "/api/generate":
            self.generate(self.body(GENERATE, {"model"}))
        elif self.path == "/v1/completions":
            self.completion(self.body(COMPLETION, {"model", "prompt"}))
        else:
            raise Refused(404, "404 page not found")

    def body(self, known: set[str], needed: set[str]) -> dict[str, Any]:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        told = json.loads(raw)
        book({"path": self.path, "body": told})
        if unknown := set(told) - known:
            raise Refused(400, f"this stand-in knows no field {sorted(unknown)} of {self.path}")
        if missing := needed - set(told):
            raise Refused(400, f"missing {sorted(missing)}")
        return dict(told)

    def blob(self, digest: str) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        seen = "sha256:" + hashlib.sha256(content).hexdigest()
        if seen != digest:
            raise Refused(400, f'digest mismatch, expected "{digest}", got "{seen}"')
        (self.state.blobs / digest.replace(":", "-")).write_bytes(content)
        self.answer(201, None)

    def create(self, body: dict[str, Any]) -> None:
        for name, digest in body["files"].items():
            path = self.state.blobs / digest.replace(":", "-")
            if name.startswith("/") or not path.exists():
                raise Refused(400, "file path must be relative and its blob be here")
            if path.read_bytes()[:4] != b"GGUF":
                raise Refused(400, "supplied file was not in GGUF format")
        if unknown := set(body.get("parameters", {})) - PARAMETERS:
            raise Refused(400, f"unknown parameter {sorted(unknown)}")
        self.state.models[body["model"]] = body
        self.answer(200, {"status": "success"})

    def generate(self, body: dict[str, Any]) -> None:
        self.model(body)
        if body.get("keep_alive") == 0:
            self.state.loaded.discard(body["model"])
            self.answer(200, {"model": body["model"], "done": True, "done_reason": "unload"})
            return
        time.sleep(float(os.environ.get("STAND_IN_LOAD_S", "0")))
        self.state.loaded.add(body["model"])
        if body.get("prompt"):
            raise Refused(400, "this stand-in only loads by /api/generate")
        self.answer(200, {"model": body["model"], "done": True, "done_reason": "load"})

    def model(self, body: dict[str, Any]) -> None:
        if body["model"] not in self.state.models:
            raise Refused(404, f"model '{body['model']}' not found")

    def completion(self, body: dict[str, Any]) -> None:
        """As many requests at once as OLLAMA_NUM_PARALLEL says, the others wait."""
        self.model(body)
        if not body.get("stream"):
            raise Refused(400, "this stand-in only streams")
        with self.state.slots:
            self.stream(body)

    def stream(self, body: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        wanted = body["max_tokens"]
        for _ in range(wanted):
            time.sleep(0.002)
            self.event({"choices": [{"text": " word", "index": 0, "finish_reason": None}]})
        self.event({"choices": [{"text": "", "index": 0, "finish_reason": "length"}]})
        if body.get("stream_options", {}).get("include_usage"):
            usage = {"prompt_tokens": len(body["prompt"].split()), "completion_tokens": wanted}
            self.event({"choices": [], "usage": usage})
        self.wfile.write(b"data: [DONE]\n\n")
        self.close_connection = True

    def event(self, what: dict[str, Any]) -> None:
        self.wfile.write(f"data: {json.dumps(what)}\n\n".encode())
        self.wfile.flush()

    def answer(self, status: int, body: Any) -> None:
        raw = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)


def book(what: dict[str, Any]) -> None:
    with Path(os.environ["STAND_IN_BOOK"]).open("a") as file:
        file.write(json.dumps(what) + "\n")


def main(words: list[str]) -> None:
    if words == ["--version"]:
        print(f"ollama version is {VERSION}")
        return
    if words != ["serve"]:
        raise SystemExit(f"this stand-in knows no {words}")
    host, _, port = os.environ["OLLAMA_HOST"].rpartition(":")
    environment = {k: v for k, v in os.environ.items() if k.startswith("OLLAMA_")}
    book({"path": "serve", "body": environment})
    Handler.state = State()
    print('msg="inference compute" id=cpu library=cpu', flush=True)
    ThreadingHTTPServer((host, int(port)), Handler).serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
