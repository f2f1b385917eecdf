"""The official `ollama` SDK; it has no retries. Usage: ollama_check.py BASE_URL"""

import asyncio
from importlib.metadata import version

import httpx
import ollama
from shared import (BASE, CODE, COLOR, KNOWN, NAME, REMEMBER, REMEMBERED, TEXT, TOLD, UNKNOWN, Formed, events, fetch, png,
                    raises, strict, suffers, trouble, whole)

client, hasty = ollama.Client(host=BASE), ollama.Client(host=BASE, timeout=0.6)
TOOLS = [{"type": "function", "function": {"name": "commit_memory", "parameters": TEXT}}]
REMEMBERS = [{"role": "user", "content": REMEMBER}]


def ask(messages=TOLD, by=client, **more):
    return by.chat(model="llama3.1", messages=messages, **more)


def stream(messages=TOLD, by=client, **more):
    return "".join(line.message.content for line in by.chat(model="llama3.1", messages=messages, stream=True, **more))


# two turns, whole and streamed, and with the asynchronous client; a stranger is not known
known = ask()
assert known.message.content == stream() == KNOWN and known.done and known.done_reason == "stop" and known.eval_count
assert ask(TOLD[2:]).message.content == UNKNOWN
cut = ask(options={"num_predict": 3})
assert cut.message.content == KNOWN[:12] and cut.done_reason == "length", cut
assert ask(options={"num_predict": -1}) == known
formed = ask(format=Formed.model_json_schema()).message.content
assert Formed.model_validate_json(formed).reply == KNOWN, formed


async def ask_beside():
    lines = await ollama.AsyncClient(host=BASE).chat(model="llama3.1", messages=TOLD, stream=True)
    return "".join([line.message.content async for line in lines])

assert asyncio.run(ask_beside()) == KNOWN  # noqa: E305


def commit_memory(content: str) -> str:
    """Remembers something.

    Args:
      content: what to remember
    """


# a tool round trip, whole and streamed
streamed = [line.message for line in ask(REMEMBERS, tools=[commit_memory], stream=True) if line.message.tool_calls][0]
for message in (ask(REMEMBERS, tools=[commit_memory]).message, streamed):
    (call,) = message.tool_calls
    assert call.function.name == "commit_memory" and COLOR in call.function.arguments["content"], call
    returned = [*REMEMBERS, message, {"role": "tool", "tool_name": "commit_memory", "content": "saved"}]
    assert ask(returned, tools=TOOLS).message.content == stream(returned, tools=TOOLS) == REMEMBERED

# an image; a prompt to complete; the models
seen = ask([{"role": "user", "content": "summarize this", "images": [png()]}])
assert CODE in seen.message.content, seen
completes = {"model": "llama3.1", "prompt": "What's my name?", "system": f"My name is {NAME}."}
completed = client.generate(**completes)
assert completed.response == "".join(line.response for line in client.generate(**completes, stream=True)) == KNOWN
assert client.generate(model="llama3.1").done_reason == "load"
assert client.list().models[0].model and "tools" in client.show("llama3.1").capabilities

# every body and every line is of the SDK's types; what stands beside them, the server's own types have
BODY = {"model": "m", "messages": TOLD}
beyond = ("message.tool_calls.id", "message.tool_calls.function.index")
for body in (BODY, BODY | {"options": {"num_predict": 1}}, BODY | {"messages": REMEMBERS, "tools": TOOLS}):
    strict(ollama.ChatResponse, whole("/api/chat", body | {"stream": False}), *beyond)
    for line in events("/api/chat", body):
        strict(ollama.ChatResponse, line, *beyond)
strict(ollama.GenerateResponse, whole("/api/generate", completes | {"stream": False}))
for line in events("/api/generate", completes):
    strict(ollama.GenerateResponse, line)
strict(ollama.ListResponse, whole("/api/tags"), "models.name")
strict(ollama.ShowResponse, whole("/api/show", {"model": "m"}))
assert "version" in fetch("/api/version")

# what goes wrong is a typed error here
broken = httpx.RemoteProtocolError
suffers(
    {status: ollama.ResponseError for status in ("429:1s", "500", "529")} | {"cut": broken, "reset": broken},
    ask=ask, stream=stream,
)
suffers({"slow-first:5s": httpx.ReadTimeout}, ask=lambda: ask(by=hasty), stream=lambda: stream(by=hasty))
with trouble("slow-first:50ms slow-words:5ms"):
    assert ask().message.content == stream() == KNOWN
for status in (429, 500):
    with trouble(str(status)):
        raises(ollama.ResponseError, ask, status_code=status)

# what the vendor refuses, and what this world does not have
for call in (ask, stream):
    refused = raises(ollama.ResponseError, lambda: call([{"role": "robot", "content": ""}]), status_code=400)
    assert "robot" in refused.error, refused
first, again = client.embed(model="m", input=["a train", "a train"]).embeddings
assert first == again and abs(sum(x * x for x in first) - 1) < 1e-3, len(first)
for call in (lambda: client.pull("m"), lambda: client.push("m")):
    raises(ollama.ResponseError, call, status_code=404)
print("ollama", version("ollama"), "ok")
