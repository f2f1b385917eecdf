"""Drives a served world with the official `google-genai` SDK: python google_genai_check.py <base URL>."""

import json
import sys
import urllib.request

from google import genai
from google.genai import errors, types

BASE = sys.argv[1].rstrip("/")
client = genai.Client(api_key="x", http_options=types.HttpOptions(base_url=BASE, timeout=20_000))
MODEL = "gemini-2.5-flash"
NAME, COLOUR, CODE = "Zorvane-4417", "velmar-321", "ABC-123456"


def content(role, *parts):
    return types.Content(role=role, parts=[types.Part(text=p) if isinstance(p, str) else p for p in parts])


def ask(contents, **config):
    config = types.GenerateContentConfig(**config)
    return client.models.generate_content(model=MODEL, contents=contents, config=config)


# two turns, whole and streamed, say the same; a stranger is not known
told = [content("user", f"Hi, my name is {NAME}."), content("model", "Noted."), content("user", "What's my name?")]
whole = ask(told, system_instruction="Be brief.")
assert NAME in whole.text and whole.candidates[0].finish_reason == types.FinishReason.STOP, whole
assert whole.usage_metadata.total_token_count > 0 and whole.model_version == MODEL, whole
chunks = list(client.models.generate_content_stream(model=MODEL, contents=told))
assert len(chunks) > 1 and "".join(chunk.text or "" for chunk in chunks) == whole.text, chunks
assert [bool(chunk.candidates[0].finish_reason) for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
assert NAME not in ask(told[2:]).text
assert client.models.count_tokens(model=MODEL, contents=told).total_tokens > 0
# of `/v1/models` the world gives OpenAI's form
beta = genai.Client(api_key="x", http_options=types.HttpOptions(base_url=BASE, api_version="v1beta"))
assert beta.models.get(model=MODEL).name == f"models/{MODEL}" and len(list(beta.models.list())) > 0

# without `alt=sse` a stream is a JSON list
body = json.dumps({"contents": [part.model_dump(exclude_none=True) for part in told]}).encode()
for prefix in ("/v1beta", "/v1", ""):
    url = f"{BASE}{prefix}/models/{MODEL}:streamGenerateContent"
    with urllib.request.urlopen(urllib.request.Request(url, body), timeout=20) as response:
        listed = json.load(response)
    texts = [part["text"] for chunk in listed for part in chunk["candidates"][0]["content"]["parts"]]
    assert "".join(texts) == whole.text, listed

# a tool round trip: by hand with both kinds of schema, and by the SDK itself
question = content("user", f"Please remember for later: my favourite colour is {COLOUR}.")
own = types.Schema(type="OBJECT", properties={"content": types.Schema(type="STRING")}, required=["content"])
plain = {"type": "object", "properties": {"content": {"type": "string"}}, "required": ["content"]}
for schema in ({"parameters": own}, {"parameters_json_schema": plain}):
    tools = [types.Tool(function_declarations=[types.FunctionDeclaration(name="commit_memory", **schema)])]
    call = (called := ask([question], tools=tools)).function_calls[0]
    assert call.name == "commit_memory" and COLOUR in call.args["content"], call
    answer = types.FunctionResponse(id=call.id, name=call.name, response={"result": "ok"})
    result = content("user", types.Part(function_response=answer))
    assert "remember" in ask([question, called.candidates[0].content, result], tools=tools).text
kept = []
def commit_memory(content: str) -> str:  # noqa: E302
    """Keeps a fact."""
    kept.append(content)
    return "ok"
chat = client.chats.create(model=MODEL, config=types.GenerateContentConfig(tools=[commit_memory]))  # noqa: E305
assert "remember" in chat.send_message(question.parts).text and COLOUR in kept[0], kept

# files: what is in their bytes is seen, URL-safe base64 (the `?` and `>` need it) included
data = f"?>?>>> The review code is {CODE}.".encode()
for mime in ("text/plain", "image/png", "application/pdf"):
    assert CODE in ask([content("user", types.Part.from_bytes(data=data, mime_type=mime))]).text, mime

# what the vendor refuses is a typed exception here
for contents, why in (([content("user")], "parts"), ([content("system", "x")], "valid role")):
    try:
        ask(contents)
    except errors.ClientError as error:
        assert error.code == 400 and error.status == "INVALID_ARGUMENT" and why in error.message, error
    else:
        raise AssertionError(f"not refused: {contents}")
print("google-genai", genai.__version__, "ok")
