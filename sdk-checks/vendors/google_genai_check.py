"""The official `google-genai` SDK. Usage: google_genai_check.py BASE_URL"""

import asyncio

import httpx2
from google import genai
from google.genai import errors, types
from shared import (BASE, BILL, CODE, COLOR, KNOWN, NAME, REMEMBER, REMEMBERED, TEXT, UNKNOWN, Formed, events, pdf, png,
                    raises, strict, suffers, trouble, whole)


def connect(**options):
    return genai.Client(api_key="not-a-key", http_options=types.HttpOptions(base_url=BASE, **options))


client, hasty = connect(timeout=20_000), connect(timeout=600)
patient = connect(timeout=20_000, retry_options=types.HttpRetryOptions(attempts=2, initial_delay=0.1))
MODEL = "gemini-2.5-flash"


def content(role, *parts):
    return types.Content(role=role, parts=[types.Part(text=part) if isinstance(part, str) else part for part in parts])


TOLD = [content("user", f"Hi, my name is {NAME}."), content("model", "Noted."), content("user", "What's my name?")]
REMEMBERS = [content("user", REMEMBER)]


def ask(contents=TOLD, by=client, **config):
    config = types.GenerateContentConfig(**config)
    return by.models.generate_content(model=MODEL, contents=contents, config=config)


def stream(contents=TOLD, by=client, **config):
    config = types.GenerateContentConfig(**config)
    chunks = by.models.generate_content_stream(model=MODEL, contents=contents, config=config)
    return "".join(chunk.text or "" for chunk in chunks)


# two turns, whole and streamed, of either version and with the asynchronous client; a stranger is not known
known = ask(system_instruction="Be brief.")
assert known.text == stream() == KNOWN and known.candidates[0].finish_reason == types.FinishReason.STOP, known
assert known.usage_metadata.total_token_count > 0 and known.model_version == MODEL, known
assert ask(TOLD[2:]).text == UNKNOWN
cut = ask(max_output_tokens=3)
assert cut.text == KNOWN[:12] and cut.candidates[0].finish_reason == types.FinishReason.MAX_TOKENS, cut
assert ask(response_mime_type="application/json", response_schema=Formed).parsed.reply == KNOWN
for version in ("v1", "v1beta", "v1alpha"):
    dated = connect(api_version=version)
    assert ask(by=dated).text == stream(by=dated) == KNOWN, version
    assert dated.models.count_tokens(model=MODEL, contents=TOLD).total_tokens > 0, version
    assert dated.models.get(model=MODEL).name == f"models/{MODEL}" and list(dated.models.list())[0].input_token_limit


async def ask_beside():
    chunks = await connect().aio.models.generate_content_stream(model=MODEL, contents=TOLD)
    return "".join([chunk.text or "" async for chunk in chunks])

assert asyncio.run(ask_beside()) == KNOWN  # noqa: E305

# a tool round trip: by hand with both kinds of schema, streamed, and by the SDK itself
own = types.Schema(type="OBJECT", properties={"content": types.Schema(type="STRING")}, required=["content"])
for schema in ({"parameters": own}, {"parameters_json_schema": TEXT}):
    tools = [types.Tool(function_declarations=[types.FunctionDeclaration(name="commit_memory", **schema)])]
    config = types.GenerateContentConfig(tools=tools)
    streamed = list(client.models.generate_content_stream(model=MODEL, contents=REMEMBERS, config=config))[-1]
    for called in (ask(REMEMBERS, tools=tools), streamed):
        (call,) = called.function_calls
        assert call.name == "commit_memory" and COLOR in call.args["content"], call
        answer = types.FunctionResponse(id=call.id, name=call.name, response={"result": "saved"})
        returned = [*REMEMBERS, called.candidates[0].content, content("user", types.Part(function_response=answer))]
        assert ask(returned, tools=tools).text == stream(returned, tools=tools) == REMEMBERED
kept = []
def commit_memory(content: str) -> str:  # noqa: E302
    """Keeps a fact."""
    kept.append(content)
    return "saved"
chat = client.chats.create(model=MODEL, config=types.GenerateContentConfig(tools=[commit_memory]))  # noqa: E305
assert chat.send_message(REMEMBER).text == REMEMBERED and COLOR in kept[0], kept

# files; URL-safe base64 (the `?` and `>` need it) included
for mime, data in (("text/plain", f"?>?>>> {BILL}".encode()), ("image/png", png()), ("application/pdf", pdf())):
    part = types.Part.from_bytes(data=data, mime_type=mime)
    assert CODE in ask([content("user", "summarize this", part)]).text, mime

# every body and every chunk is of the SDK's types; without `alt=sse` a stream is a list
BODY = {"contents": [part.model_dump(exclude_none=True) for part in TOLD]}
offer = {"tools": [{"functionDeclarations": [{"name": "commit_memory", "parametersJsonSchema": TEXT}]}]}
calls = offer | {"contents": [{"parts": [{"text": REMEMBER}]}]}
for body in (BODY, BODY | {"generationConfig": {"maxOutputTokens": 1}}, calls):
    strict(types.GenerateContentResponse, whole(f"/v1beta/models/{MODEL}:generateContent", body))
    path = f"/v1beta/models/{MODEL}:streamGenerateContent"
    for chunk in (chunks := events(f"{path}?alt=sse", body)):
        strict(types.GenerateContentResponse, chunk)
    ends = ["finishReason" in chunk["candidates"][0] for chunk in chunks]
    assert ends == [False] * (len(ends) - 1) + [True] and len(whole(path, body)) == len(chunks), chunks

# what goes wrong is a typed error here, and a retry helps
broken = httpx2.RemoteProtocolError
suffers(
    {"429:1s": errors.ClientError, "500": errors.ServerError, "529": errors.ServerError, "cut": broken, "reset": broken},
    ask=ask, stream=stream,
)
suffers({"slow-first:5s": httpx2.ReadTimeout}, ask=lambda: ask(by=hasty), stream=lambda: stream(by=hasty))
with trouble("slow-first:50ms slow-words:5ms"):
    assert ask().text == stream() == KNOWN
for what, kind, code, status in (
    ("429:1s", errors.ClientError, 429, "RESOURCE_EXHAUSTED"), ("500", errors.ServerError, 500, "INTERNAL"),
    ("503", errors.ServerError, 503, "UNAVAILABLE"),
):
    with trouble(what):
        raises(kind, ask, code=code, status=status)
with trouble("429"):
    assert ask(by=patient).text == KNOWN

# what the vendor refuses, and what this world does not have
for contents, why in (
    ([content("user")], "parts"), ([content("system", "x")], "valid role"), (returned[2:], "function response turn"),
):
    refused = raises(errors.ClientError, lambda: ask(contents), code=400, status="INVALID_ARGUMENT")
    assert why in refused.message, refused
values = client.models.embed_content(model="m", contents="a train").embeddings[0].values
assert abs(sum(x * x for x in values) - 1) < 1e-3, len(values)
for call in (
    lambda: list(client.files.list()),
    lambda: list(client.batches.list()), lambda: list(client.caches.list()),
):
    raises(errors.ClientError, call, code=404, status="NOT_FOUND")
print("google-genai", genai.__version__, "ok")
