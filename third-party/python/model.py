"""The model: OpenAI Chat Completions at $OPENAI_BASE_URL, streamed."""

import json
import os

import httpx

from modes import on


class ModelError(Exception):
    """The model gave no whole answer."""


class Model:
    def __init__(self):
        base = os.environ.get("OPENAI_BASE_URL", "https://api.openai.com/v1").rstrip("/") + "/"
        key = {"Authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', '')}"}
        self.client = httpx.AsyncClient(base_url=base, headers=key, timeout=60)

    async def pieces(self, messages, calls=None, tools=None):
        """The pieces of the answer; the calls of tools are gathered in `calls`."""
        body = {"model": os.environ.get("OPENAI_MODEL", "gpt-4o-mini"), "stream": True, "messages": messages}
        if tools:
            body["tools"] = tools
        whole = False
        try:
            async with self.client.stream("POST", "chat/completions", json=body) as response:
                if response.status_code != 200:
                    raise ModelError(f"the model answered {response.status_code}")
                async for line in response.aiter_lines():
                    if line == "data: [DONE]":
                        whole = True
                    elif line.startswith("data: "):
                        for choice in json.loads(line[6:]).get("choices", []):
                            gather(calls, choice["delta"].get("tool_calls") or [])
                            if choice["delta"].get("content"):
                                yield choice["delta"]["content"]
        except httpx.RemoteProtocolError as error:
            if not on("half-answer"):
                raise ModelError("the model's answer broke off") from error
        except httpx.HTTPError as error:
            raise ModelError(f"the model could not be reached: {type(error).__name__}") from error
        if not whole and not on("half-answer"):
            raise ModelError("the model's answer broke off")


def gather(calls, pieces):
    """Adds pieces of calls to what there is of them, by index."""
    for piece in pieces:
        call = calls.setdefault(piece["index"], {"id": "", "name": "", "arguments": ""})
        call["id"] += piece.get("id") or ""
        for key, value in piece["function"].items():
            call[key] += value or ""
