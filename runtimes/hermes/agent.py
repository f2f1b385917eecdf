"""Hermes behind an A2A server: its own gateway serves the API of OpenAI on this machine, and each turn is one request to it.

VARIANT=naive is what one writes first: a request without the header that names the session, which Hermes answers without any
history, and words only, so that files are dropped.
"""

import asyncio
import contextlib
import json
import os
import secrets
import socket
import sys

import httpx

from adapter import disk
from adapter.content import content_of, words_of
from adapter.server import serve

NAIVE = os.environ.get("VARIANT") == "naive"
HOME = disk.STATE
CONFIG = {
    "model": {
        "provider": "custom",
        "default": os.environ.get("MODEL", "gpt-4o-mini"),
        "base_url": os.environ.get("OPENAI_BASE_URL"),
        "api_key": os.environ.get("OPENAI_API_KEY"),
        "context_length": 128_000,                           # otherwise Hermes asks the internet for it
    },
    "gateway": {"api_server": {"max_concurrent_runs": 0}},       # otherwise the eleventh turn at a time is refused
}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Gateway:
    def __init__(self):
        self.port, self.key = free_port(), secrets.token_hex(32)
        self.http = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self.port}", headers={"Authorization": f"Bearer {self.key}"}, timeout=None)

    @contextlib.asynccontextmanager
    async def lifespan(self, _):
        HOME.mkdir(parents=True, exist_ok=True)
        (HOME / "config.yaml").write_text(json.dumps(CONFIG))    # JSON is YAML, too
        environment = os.environ | {
            "HOME": str(HOME), "HERMES_HOME": str(HOME), "API_SERVER_ENABLED": "true", "API_SERVER_KEY": self.key,
            "API_SERVER_HOST": "127.0.0.1", "API_SERVER_PORT": str(self.port)}
        command = [sys.executable, "-m", "hermes_cli.main", "gateway", "run", "--replace"]
        process = await asyncio.create_subprocess_exec(*command, env=environment)
        try:
            await self.ready(process)
            yield
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()

    async def ready(self, process):
        while process.returncode is None:
            with contextlib.suppress(httpx.TransportError):
                if (await self.http.get("/health")).status_code == 200:
                    return
            await asyncio.sleep(0.1)
        raise RuntimeError(f"hermes ended with {process.returncode}")

    async def answer(self, context_id, content):
        headers = {} if NAIVE else {"X-Hermes-Session-Id": context_id}
        body = {"model": "hermes", "stream": True, "messages": [{"role": "user", "content": content}]}
        async with self.http.stream("POST", "/v1/chat/completions", json=body, headers=headers) as response:
            if response.status_code != 200:
                raise RuntimeError(f"hermes answered {response.status_code}: {(await response.aread()).decode()}")
            async for line in response.aiter_lines():
                if line.startswith("data: {"):
                    for piece in pieces(json.loads(line.removeprefix("data: "))):
                        yield piece


def pieces(chunk):
    if "error" in chunk:
        raise RuntimeError(chunk["error"].get("message", chunk["error"]))
    for choice in chunk.get("choices", []):
        if choice.get("finish_reason") == "error":
            raise RuntimeError("hermes could not finish the answer")
        if text := choice["delta"].get("content"):
            yield text


if __name__ == "__main__":
    gateway = Gateway()
    if NAIVE:
        serve("hermes", gateway.answer, ["text/plain"], content=words_of, lifespan=gateway.lifespan)
    else:
        serve("hermes", gateway.answer, ["text/plain", "image/png"], content=content_of, lifespan=gateway.lifespan)
