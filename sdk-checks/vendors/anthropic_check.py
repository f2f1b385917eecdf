"""The official `anthropic` SDK. Usage: anthropic_check.py BASE_URL"""

import asyncio

import anthropic
import httpx2
from anthropic.pagination import SyncPage
from anthropic.types import Message, ModelInfo, RawMessageStreamEvent
from shared import (BASE, BILL, CODE, COLOR, KNOWN, REMEMBER, REMEMBERED, TEXT, TOLD, UNKNOWN, Formed, encoded, events, pdf,
                    png, raises, strict, suffers, trouble, whole)

client = anthropic.Anthropic(base_url=BASE, api_key="not-a-key", max_retries=0, timeout=20)
hasty = client.with_options(timeout=0.6)
MODEL = "claude-sonnet-5"
TOOLS = [{"name": "commit_memory", "description": "Keeps a fact", "input_schema": TEXT}]
REMEMBERS = [{"role": "user", "content": REMEMBER}]


def ask(messages=TOLD, by=client, max_tokens=256, **more):
    return by.messages.create(model=MODEL, max_tokens=max_tokens, messages=messages, **more)


def said(message):
    return "".join(block.text for block in message.content if block.type == "text")


def stream(messages=TOLD, by=client, **more):
    with by.messages.stream(model=MODEL, max_tokens=256, messages=messages, **more) as streamed:
        return "".join(streamed.text_stream)


# two turns, whole and streamed, and with the asynchronous client; a stranger is not known
known = ask(system=[{"type": "text", "text": "Be brief."}])
assert said(known) == stream() == KNOWN and known.stop_reason == "end_turn" and known.usage.output_tokens > 0, known
assert said(ask(TOLD[2:])) == UNKNOWN
assert said(client.beta.messages.create(model=MODEL, max_tokens=9, messages=TOLD)) == KNOWN
cut = ask(max_tokens=3)
assert said(cut) == KNOWN[:12] and cut.stop_reason == "max_tokens", cut
assert client.messages.count_tokens(model=MODEL, messages=TOLD).input_tokens == ask().usage.input_tokens > 0
formed = client.messages.parse(model=MODEL, max_tokens=256, messages=TOLD, output_format=Formed)
assert formed.parsed_output.reply == KNOWN, formed


async def ask_beside():
    async with anthropic.AsyncAnthropic(base_url=BASE, api_key="not-a-key") as beside:
        async with beside.messages.stream(model=MODEL, max_tokens=256, messages=TOLD) as streamed:
            return said(await streamed.get_final_message())

assert asyncio.run(ask_beside()) == KNOWN  # noqa: E305

# a tool round trip, whole and streamed
with client.messages.stream(model=MODEL, max_tokens=256, messages=REMEMBERS, tools=TOOLS) as streamed:
    streamed = streamed.get_final_message()
for called in (ask(REMEMBERS, tools=TOOLS), streamed):
    (use,) = called.content
    assert called.stop_reason == "tool_use" and use.name == "commit_memory" and COLOR in use.input["content"], called
    assert use.id.startswith("toolu_") and called.usage.output_tokens > 0, called
    result = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": use.id, "content": "saved"}]}
    returned = [*REMEMBERS, {"role": "assistant", "content": called.content}, result]
    assert said(ask(returned, tools=TOOLS)) == stream(returned, tools=TOOLS) == REMEMBERED

# files: as text, as a document, as an image
for kind, source in (
    ("document", {"type": "text", "media_type": "text/plain", "data": BILL}),
    ("document", {"type": "base64", "media_type": "application/pdf", "data": encoded(pdf())}),
    ("image", {"type": "base64", "media_type": "image/png", "data": encoded(png())}),
):
    content = [{"type": kind, "source": source}, {"type": "text", "text": "summarize this"}]
    assert CODE in said(ask([{"role": "user", "content": content}])), kind

# every body and every event is of the SDK's types; `ping` is what the SDK drops, `has_more` and its like it reads by itself
BODY = {"model": MODEL, "max_tokens": 99, "messages": TOLD}
for body in (BODY, BODY | {"max_tokens": 1}, BODY | {"messages": REMEMBERS, "tools": TOOLS}):
    strict(Message, whole("/v1/messages", body))
    streamed = events("/v1/messages", body | {"stream": True})
    for event in streamed:
        if event != {"type": "ping"}:
            strict(RawMessageStreamEvent, event)
    assert streamed[0]["type"] == "message_start" and streamed[-1] == {"type": "message_stop"}, streamed
strict(SyncPage[ModelInfo], whole("/v1/models", x_api_key="x"))
assert next(iter(client.models.list())).id == client.models.list().data[0].id and client.models.retrieve("any").id == "any"

# what goes wrong is a typed error here, and a retry helps
broken = {"ask": anthropic.APIConnectionError, "stream": httpx2.RemoteProtocolError}
suffers(
    {
        "429:1s": anthropic.RateLimitError, "500": anthropic.InternalServerError, "529": anthropic.OverloadedError,
        "503": anthropic.ServiceUnavailableError, "cut": broken, "reset": anthropic.APIConnectionError,
    },
    ask=ask, stream=stream,
)
suffers({"slow-first:5s": anthropic.APITimeoutError}, ask=lambda: ask(by=hasty), stream=lambda: stream(by=hasty))
with trouble("slow-first:50ms slow-words:5ms"):
    assert said(ask()) == stream() == KNOWN
with trouble("429:1s"):
    limited = raises(anthropic.RateLimitError, ask, status_code=429, type="rate_limit_error")
    assert limited.response.headers["retry-after"] == "1" and limited.request_id == limited.body["request_id"], limited.body
with trouble("429:1s"):
    assert said(ask(by=client.with_options(max_retries=1))) == KNOWN

# what the vendor refuses, and what this world does not have
for messages, part in (
    ([], "at least one message"), ([{"role": "user", "content": [{"type": "text", "text": ""}]}], "must be non-empty"),
    (TOLD[1:], "first message"), ([result], "tool_use_id"), (returned[:2], "without `tool_result` blocks"),
):
    assert part in str(raises(anthropic.BadRequestError, lambda: ask(messages), type="invalid_request_error"))
for call in (
    client.messages.batches.list, client.beta.files.list, lambda: client.post("/v1/complete", cast_to=object, body={}),
):
    raises(anthropic.NotFoundError, call, type="not_found_error")
print("anthropic", anthropic.__version__, "ok")
