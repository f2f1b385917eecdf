"""Drives the provider with the official `ollama` SDK. Usage: ollama_check.py BASE_URL"""

import sys
from importlib.metadata import version

import ollama

client = ollama.Client(host=sys.argv[1])
TOLD = [{"role": "user", "content": "Hi, my name is Zorvane-4417."}, {"role": "assistant", "content": "Noted."},
        {"role": "user", "content": "What's my name?"}]
NAME = "Your name is Zorvane-4417."

answer = client.chat(model="llama3.1", messages=TOLD)
assert answer.message.content == NAME and answer.done and answer.done_reason == "stop" and answer.eval_count
assert client.chat(model="llama3.1", messages=TOLD[2:]).message.content == "I don't know your name."
lines = list(client.chat(model="llama3.1", messages=TOLD, stream=True))
assert len(lines) > 2 and "".join(line.message.content for line in lines) == NAME and lines[-1].done


def commit_memory(content: str) -> str:
    """Remembers something.

    Args:
      content: what to remember
    """


messages = [{"role": "user", "content": "Please remember for later: my favourite colour is velmar-321."}]
message = client.chat(model="llama3.1", messages=messages, tools=[commit_memory]).message
call = message.tool_calls[0].function
assert call.name == "commit_memory" and "velmar-321" in call.arguments["content"]
streamed = list(client.chat(model="llama3.1", messages=messages, tools=[commit_memory], stream=True))
assert any(line.message.tool_calls for line in streamed)
messages += [message, {"role": "tool", "tool_name": "commit_memory", "content": "saved"}]
assert client.chat(model="llama3.1", messages=messages, tools=[commit_memory]).message.content == "I will remember that."

bill = b"The invoice code is KEX-447193."
seen = client.chat(model="llama3.1", messages=[{"role": "user", "content": "summarize this", "images": [bill]}])
assert "KEX-447193" in seen.message.content

whole = client.generate(model="llama3.1", prompt="What's my name?", system="My name is Zorvane-4417.")
assert whole.response == NAME
parts = client.generate(model="llama3.1", prompt="What's my name?", system="My name is Zorvane-4417.", stream=True)
assert "".join(part.response for part in parts) == NAME
assert client.generate(model="llama3.1").done_reason == "load"

assert client.list().models[0].model
assert "tools" in client.show("llama3.1").capabilities

try:
    client.chat(model="llama3.1", messages=[{"role": "robot", "content": ""}])
except ollama.ResponseError as error:
    assert error.status_code == 400 and "robot" in error.error, error
else:
    raise AssertionError("was not refused")
print("ollama", version("ollama"), "ok")
