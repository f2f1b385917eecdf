"""The official `openai` SDK, Chat Completions. Usage: openai_chat_check.py BASE_URL"""

import asyncio
import json

import openai
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai_client import client, endures
from shared import (BASE, BILL, CODE, COLOR, KNOWN, REMEMBER, REMEMBERED, TEXT, TOLD, UNKNOWN, Formed, encoded, events, pdf,
                    png, raises, strict, whole)

TOOLS = [{"type": "function", "function": {"name": "commit_memory", "parameters": TEXT}}]
FINAL = {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}
REMEMBERS = [{"role": "user", "content": REMEMBER}]


def ask(messages=TOLD, by=client, **more):
    return by.chat.completions.create(model="gpt-4o", messages=messages, **more).choices[0]


def stream(messages=TOLD, by=client, **more):
    chunks = by.chat.completions.create(model="gpt-4o", messages=messages, stream=True, **more)
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


# two turns, whole and streamed, and with the asynchronous client; a stranger is not known
assert ask().message.content == stream() == KNOWN and ask().finish_reason == "stop"
assert ask(TOLD[2:]).message.content == UNKNOWN
cut = ask(max_completion_tokens=3)
assert cut.message.content == KNOWN[:12] and cut.finish_reason == "length", cut
formed = client.chat.completions.parse(model="gpt-4o", messages=TOLD, response_format=Formed).choices[0].message
assert formed.parsed.reply == KNOWN, formed


async def ask_beside():
    async with openai.AsyncOpenAI(base_url=f"{BASE}/v1", api_key="not-a-key") as beside:
        chunks = await beside.chat.completions.create(model="gpt-4o", messages=TOLD, stream=True)
        return "".join([chunk.choices[0].delta.content or "" async for chunk in chunks])

assert asyncio.run(ask_beside()) == KNOWN  # noqa: E305

# a tool round trip, whole and streamed; a tool that must be called
with client.chat.completions.stream(model="gpt-4o", messages=REMEMBERS, tools=TOOLS) as streamed:
    streamed = streamed.get_final_completion().choices[0]
for choice in (ask(REMEMBERS, tools=TOOLS), streamed):
    (call,) = choice.message.tool_calls
    assert choice.finish_reason == "tool_calls" and call.function.name == "commit_memory" and call.id, choice
    assert COLOR in json.loads(call.function.arguments)["content"], call
    calls = {"role": "assistant", "tool_calls": [call.model_dump(include={"id", "type", "function"})]}
    returned = [*REMEMBERS, calls, {"role": "tool", "tool_call_id": call.id, "content": "saved"}]
    assert ask(returned, tools=TOOLS).message.content == stream(returned, tools=TOOLS) == REMEMBERED
final = [{"type": "function", "function": {"name": "final_answer", "parameters": FINAL}}]
forced = ask(tools=final, tool_choice="required").message.tool_calls[0]
assert json.loads(forced.function.arguments) == {"answer": KNOWN}

# files: within, uploaded, as an image
uploaded = client.files.create(file=("bill.txt", BILL.encode()), purpose="user_data")
assert uploaded.status == "processed" and uploaded.bytes == len(BILL)
for part in (
    {"type": "file", "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{encoded(pdf())}"}},
    {"type": "file", "file": {"file_id": uploaded.id}},
    {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{encoded(png())}"}},
):
    content = [{"type": "text", "text": "summarize this"}, part]
    assert CODE in ask([{"role": "user", "content": content}]).message.content, part

# every body and every chunk is of the SDK's types
BODY = {"model": "gpt-4o", "messages": TOLD}
for body in (BODY, BODY | {"max_tokens": 1}, BODY | {"messages": REMEMBERS, "tools": TOOLS}):
    strict(ChatCompletion, whole("/v1/chat/completions", body))
    chunks = events("/v1/chat/completions", body | {"stream": True, "stream_options": {"include_usage": True}})
    for chunk in chunks:
        strict(ChatCompletionChunk, chunk)
    assert chunks[-1]["usage"]["total_tokens"] and len({chunk["id"] for chunk in chunks}) == 1, chunks
strict(openai.pagination.SyncPage[openai.types.Model], whole("/v1/models"))
assert client.models.list().data and client.models.retrieve("any").id == "any"

endures(lambda by=client: ask(by=by).message.content, stream)

# what the vendor refuses, and what this world does not have
for messages, code in (
    ([{"role": "robot", "content": ""}], "invalid_value"), ([{"role": "tool", "tool_call_id": "x", "content": ""}], None),
    ([], "empty_array"), (returned[:2], None),
):
    raises(openai.BadRequestError, lambda: ask(messages), code=code, type="invalid_request_error")
for call in (client.batches.list, client.fine_tuning.jobs.list, lambda: client.images.generate(prompt="x")):
    raises(openai.NotFoundError, call, type="invalid_request_error")
# what stands beside the chat: embeddings, moderation, completions
texts = ["The train leaves from platform nine.", "From platform nine leaves the train.", "Bread needs flour and salt."]
first, close, far = (item.embedding for item in client.embeddings.create(model="m", input=texts).data)
near = lambda other: sum(a * b for a, b in zip(first, other))
assert len(first) == 1536 and abs(near(first) - 1) < 1e-3 and near(close) > near(far), (near(close), near(far))
assert not client.moderations.create(input="x").results[0].flagged
assert client.completions.create(model="m", prompt=f"{TOLD[0]['content']} {TOLD[2]['content']}").choices[0].text
print("openai", openai.__version__, "chat ok")
