"""Drives a served world with the official `anthropic` SDK: python anthropic_check.py <base URL>."""

import base64
import json
import sys

import anthropic

client = anthropic.Anthropic(base_url=sys.argv[1], api_key="x", max_retries=0, timeout=20)
MODEL = "claude-sonnet-5"
NAME, COLOUR, CODE = "Zorvane-4417", "velmar-321", "ABC-123456"
TEXT = {"type": "object", "properties": {"content": {"type": "string"}}, "required": ["content"]}
TOOLS = [
    {"name": "commit_memory", "description": "Keeps a fact", "input_schema": TEXT},
    {"name": "recall_memory", "description": "Finds facts", "input_schema": TEXT},
]


def ask(messages, **more):
    return client.messages.create(model=MODEL, max_tokens=256, messages=messages, **more)


def user(content):
    return {"role": "user", "content": content}


def said(message):
    return "".join(block.text for block in message.content if block.type == "text")


def refused(messages, part, **more):
    try:
        ask(messages, **more)
    except anthropic.BadRequestError as error:
        assert part in str(error) and error.body["error"]["type"] == "invalid_request_error", error.body
    else:
        raise AssertionError(f"not refused: {messages}")


# two turns, whole and streamed, say the same; a stranger is not known
told = [user(f"Hi, my name is {NAME}."), {"role": "assistant", "content": "Noted."}, user("What's my name?")]
whole = ask(told, system=[{"type": "text", "text": "Be brief."}])
assert NAME in said(whole) and whole.stop_reason == "end_turn" and whole.usage.output_tokens > 0, whole
with client.messages.stream(model=MODEL, max_tokens=256, messages=told) as stream:
    words = list(stream.text_stream)
    final = stream.get_final_message()
assert len(words) > 1 and "".join(words) == said(final) == said(whole), (words, final)
assert NAME not in said(ask(told[2:]))
assert client.messages.count_tokens(model=MODEL, messages=told).input_tokens > 0
assert NAME in said(client.beta.messages.create(model=MODEL, max_tokens=9, messages=told))

# a tool round trip, whole and streamed
question = user(f"Please remember for later: my favourite colour is {COLOUR}.")
with client.messages.stream(model=MODEL, max_tokens=256, messages=[question], tools=TOOLS) as stream:
    streamed = stream.get_final_message()
for called in (ask([question], tools=TOOLS), streamed):
    assert called.stop_reason == "tool_use", called
    (use,) = (block for block in called.content if block.type == "tool_use")
    assert use.name == "commit_memory" and COLOUR in use.input["content"] and use.id.startswith("toolu_"), use
    result = user([{"type": "tool_result", "tool_use_id": use.id, "content": json.dumps({"ok": True})}])
    done = ask([question, {"role": "assistant", "content": called.content}, result], tools=TOOLS)
    assert done.stop_reason == "end_turn" and "remember" in said(done), done

# documents and images: what is in their bytes is seen
fact = f"The review code is {CODE}."
encoded = base64.b64encode(fact.encode()).decode()
for block in (
    {"type": "document", "title": "a.txt", "source": {"type": "text", "media_type": "text/plain", "data": fact}},
    {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": encoded}},
    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": encoded}},
):
    assert CODE in said(ask([user([block])])), block

# what the vendor refuses is a typed exception here
refused([], "at least one message")
refused([user([{"type": "text", "text": ""}])], "text content blocks must be non-empty")
refused([{"role": "assistant", "content": "x"}], "first message")
refused([user([{"type": "tool_result", "tool_use_id": "toolu_x", "content": "x"}])], "tool_use_id")
refused(told, "max_tokens: Field required", extra_body={"max_tokens": None})
print("anthropic", anthropic.__version__, "ok")
