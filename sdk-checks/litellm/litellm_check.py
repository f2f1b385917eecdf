"""`litellm`, over each dialect that it speaks. Usage: litellm_check.py BASE_URL"""

import json
import os
from importlib.metadata import version

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
import litellm
from litellm.exceptions import MidStreamFallbackError
from shared import (BASE, BILL, CODE, COLOR, KNOWN, NAME, REMEMBER, REMEMBERED, TEXT, TOLD, UNKNOWN, Formed, encoded, pdf,
                    png, raises, suffers, trouble)

litellm.suppress_debug_info = True
TOOLS = [{"type": "function", "function": {"name": "commit_memory", "description": "", "parameters": TEXT}}]
REMEMBERS = [{"role": "user", "content": REMEMBER}]
PICTURE = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{encoded(png())}"}}
# what is no error of the SDKs below becomes one of litellm's own
LOST, OVERLOADED = litellm.APIConnectionError, litellm.APIError
MODELS = {
    "openai/gpt-4o": {"reset": litellm.InternalServerError, "529": OVERLOADED},
    "openai/responses/gpt-5": {"reset": litellm.InternalServerError, "529": OVERLOADED},
    "anthropic/claude-sonnet-5": {"reset": litellm.InternalServerError, "529": litellm.InternalServerError},
    # a stream of Gemini's is asked for only with its first chunk
    "gemini/gemini-2.5-flash": {"reset": {"ask": LOST, "stream": MidStreamFallbackError},
                                "529": {"ask": OVERLOADED, "stream": MidStreamFallbackError}},
    "ollama_chat/llama3.1": {"reset": LOST, "529": OVERLOADED},
}

for model, kinds in MODELS.items():
    def ask(messages=TOLD, retries=0, **more):
        base = f"{BASE}/v1" if model.startswith("openai") else BASE
        more = {"api_base": base, "api_key": "not-a-key", "num_retries": retries, "max_retries": retries} | more
        return litellm.completion(model=model, messages=messages, **more)

    def said(*args, **more):
        return ask(*args, **more).choices[0].message.content

    def stream(*args, **more):
        return "".join(chunk.choices[0].delta.content or "" for chunk in ask(*args, stream=True, **more))

    # two turns, whole and streamed; a stranger is not known; an answer that is cut
    assert said() == stream() == KNOWN and said(TOLD[2:]) == UNKNOWN, model
    assert ask().choices[0].finish_reason == "stop" and ask().usage.completion_tokens == 7, model
    if "responses" not in model:  # that one cuts no answer so short
        cut = ask(max_tokens=3).choices[0]
        assert cut.message.content == KNOWN[:12] and cut.finish_reason == "length", (model, cut)

    assert Formed.model_validate_json(said(response_format=Formed)).reply == KNOWN, model

    # a tool round trip, whole and streamed
    streamed = litellm.stream_chunk_builder(list(ask(REMEMBERS, tools=TOOLS, stream=True)))
    for called in (ask(REMEMBERS, tools=TOOLS), streamed):
        choice = called.choices[0]
        (call,) = choice.message.tool_calls
        assert call.function.name == "commit_memory" and choice.finish_reason == "tool_calls", (model, choice)
        assert COLOR in json.loads(call.function.arguments)["content"], (model, call)
        result = {"role": "tool", "tool_call_id": call.id, "name": "commit_memory", "content": "saved"}
        returned = [*REMEMBERS, choice.message.model_dump(exclude_none=True), result]
        assert said(returned, tools=TOOLS) == stream(returned, tools=TOOLS) == REMEMBERED, model

    # a picture, and (where litellm hands it on) a document
    parts = [PICTURE]
    if "ollama" not in model:
        parts.append({"type": "file", "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{encoded(pdf())}"}})
    for part in parts:
        content = [{"type": "text", "text": "summarize this"}, part]
        assert CODE in said([{"role": "user", "content": content}]), (model, part)

    # what goes wrong is a typed error here, and a retry helps
    suffers({"529": kinds["529"], "reset": kinds["reset"], "cut": {"stream": MidStreamFallbackError}}, stream=stream)
    suffers({"529": kinds["529"], "reset": kinds["reset"], "500": litellm.InternalServerError}, ask=said)
    suffers({"429:1s": litellm.RateLimitError, "slow-first:5s": litellm.Timeout}, ask=lambda: said(timeout=0.6))
    with trouble("slow-first:50ms slow-words:5ms"):
        assert said() == stream() == KNOWN, model
    with trouble("429"):
        assert said(retries=1) == KNOWN, model

assert litellm.completion("ollama/llama3.1", TOLD[:1], api_base=BASE).choices[0].message.content == "Noted."
at_openai = {"api_base": f"{BASE}/v1", "api_key": "not-a-key"}
uploaded = litellm.create_file(file=("a.txt", BILL.encode()), purpose="user_data", custom_llm_provider="openai", **at_openai)
content = [{"type": "text", "text": "summarize this"}, {"type": "file", "file": {"file_id": uploaded.id}}]
read = litellm.completion("openai/gpt-4o", [{"role": "user", "content": content}], **at_openai)
assert CODE in read.choices[0].message.content, read
raises(litellm.BadRequestError, lambda: litellm.completion("openai/gpt-4o", [{"role": "robot", "content": NAME}], **at_openai))
first, again = (item["embedding"] for item in litellm.embedding("openai/text-embedding-3-small", ["x", "x"], **at_openai).data)
assert first == again and len(first) == 1536, len(first)
raises(litellm.NotFoundError, lambda: litellm.image_generation("x", model="openai/dall-e-3", **at_openai))
print("litellm", version("litellm"), "ok")
