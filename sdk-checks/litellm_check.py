"""Drives the provider with `litellm`: OpenAI chat, Responses and Ollama. Usage: litellm_check.py BASE_URL"""

import base64
import json
import os
import sys
from importlib.metadata import version

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
import litellm

BASE = sys.argv[1].rstrip("/")
TOLD = [{"role": "user", "content": "Hi, my name is Zorvane-4417."}, {"role": "assistant", "content": "Noted."},
        {"role": "user", "content": "What's my name?"}]
NAME = "Your name is Zorvane-4417."
TEXT = {"type": "object", "properties": {"content": {"type": "string"}}, "required": ["content"]}
TOOLS = [{"type": "function", "function": {"name": "commit_memory", "description": "", "parameters": TEXT}}]
BILL = b"The invoice code is KEX-447193."


def complete(model, messages, **more):
    base = BASE if model.startswith("ollama") else BASE + "/v1"
    return litellm.completion(model=model, api_base=base, api_key="not-a-key", num_retries=0, messages=messages, **more)


for model in ["openai/gpt-4o", "ollama_chat/llama3.1", "openai/responses/gpt-5"]:
    assert complete(model, TOLD).choices[0].message.content == NAME, model
    chunks = [chunk.choices[0].delta.content or "" for chunk in complete(model, TOLD, stream=True)]
    assert "".join(chunks) == NAME, (model, chunks)
    messages = [{"role": "user", "content": "Please remember for later: my favourite colour is velmar-321."}]
    message = complete(model, messages, tools=TOOLS).choices[0].message
    call = message.tool_calls[0]
    assert call.function.name == "commit_memory", (model, call)
    assert "velmar-321" in json.loads(call.function.arguments)["content"], (model, call)
    messages += [message, {"role": "tool", "tool_call_id": call.id, "name": "commit_memory", "content": "saved"}]
    said = complete(model, messages, tools=TOOLS).choices[0].message.content
    assert said == "I will remember that.", (model, said)
    try:
        complete(model, [{"role": "robot", "content": "hi"}])
    except (litellm.BadRequestError, litellm.APIConnectionError) as error:
        assert "robot" in str(error), (model, error)
    else:
        raise AssertionError(f"{model}: was not refused")

assert complete("ollama/llama3.1", TOLD[:1]).choices[0].message.content == "Noted."

data = "data:application/pdf;base64," + base64.b64encode(BILL).decode()
uploaded = litellm.create_file(file=("bill.pdf", BILL), purpose="user_data", custom_llm_provider="openai",
                               api_base=BASE + "/v1", api_key="not-a-key")
for file in [{"filename": "bill.pdf", "file_data": data}, {"file_id": uploaded.id}]:
    parts = [{"type": "text", "text": "summarize this"}, {"type": "file", "file": file}]
    said = complete("openai/gpt-4o", [{"role": "user", "content": parts}]).choices[0].message.content
    assert "KEX-447193" in said, (file, said)
image = [{"type": "text", "text": "summarize this"}, {"type": "image_url", "image_url": {"url": data}}]
assert "KEX-447193" in complete("ollama_chat/llava", [{"role": "user", "content": image}]).choices[0].message.content
print("litellm", version("litellm"), "ok")
