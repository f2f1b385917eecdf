"""Drives the provider with the official `openai` SDK: Chat Completions and Responses. Usage: openai_check.py BASE_URL"""

import base64
import json
import sys

import openai

client = openai.OpenAI(base_url=sys.argv[1].rstrip("/") + "/v1", api_key="not-a-key", max_retries=0)
TOLD = [{"role": "user", "content": "Hi, my name is Zorvane-4417."}, {"role": "assistant", "content": "Noted."},
        {"role": "user", "content": "What's my name?"}]
NAME = "Your name is Zorvane-4417."
REMEMBER = "Please remember for later: my favourite colour is velmar-321."
BILL = "data:text/plain;base64," + base64.b64encode(b"The invoice code is KEX-447193. summarize this").decode()
TEXT = {"type": "object", "properties": {"content": {"type": "string"}}, "required": ["content"]}
FINAL = {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}


def refused(call, code, status=openai.BadRequestError):
    try:
        call()
    except status as error:
        assert error.code == code, error
    else:
        raise AssertionError("was not refused")


# Chat Completions
chat = client.chat.completions.create
assert chat(model="gpt-4o", messages=TOLD).choices[0].message.content == NAME
assert chat(model="gpt-4o", messages=TOLD[2:]).choices[0].message.content == "I don't know your name."
chunks = list(chat(model="gpt-4o", messages=TOLD, stream=True, stream_options={"include_usage": True}))
assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == NAME and chunks[-1].usage.total_tokens
tools = [{"type": "function", "function": {"name": "commit_memory", "parameters": TEXT}}]
messages = [{"role": "user", "content": REMEMBER}]
message = chat(model="gpt-4o", messages=messages, tools=tools).choices[0].message
call = message.tool_calls[0]
assert call.function.name == "commit_memory" and "velmar-321" in json.loads(call.function.arguments)["content"]
messages += [message, {"role": "tool", "tool_call_id": call.id, "content": "saved"}]
assert chat(model="gpt-4o", messages=messages, tools=tools).choices[0].message.content == "I will remember that."
with client.chat.completions.stream(model="gpt-4o", messages=messages[:1], tools=tools) as stream:
    assert stream.get_final_completion().choices[0].message.tool_calls[0].function.arguments == call.function.arguments
final = [{"type": "function", "function": {"name": "final_answer", "parameters": FINAL}}]
forced = chat(model="gpt-4o", messages=TOLD, tools=final, tool_choice="required").choices[0].message.tool_calls[0]
assert json.loads(forced.function.arguments) == {"answer": NAME}
uploaded = client.files.create(file=("bill.txt", b"The invoice code is KEX-447193."), purpose="user_data")
assert uploaded.status == "processed" and uploaded.bytes == 31
for file in [{"filename": "bill.txt", "file_data": BILL}, {"file_id": uploaded.id}]:
    parts = [{"type": "text", "text": "summarize this"}, {"type": "file", "file": file}]
    assert "KEX-447193" in chat(model="gpt-4o", messages=[{"role": "user", "content": parts}]).choices[0].message.content
refused(lambda: chat(model="gpt-4o", messages=[{"role": "robot", "content": ""}]), "invalid_value")
refused(lambda: chat(model="gpt-4o", messages=[{"role": "tool", "tool_call_id": "x", "content": ""}]), None)
refused(lambda: chat(model="gpt-4o", messages=[]), "empty_array")
assert client.models.list().data and client.models.retrieve("any").id == "any"

# Responses
respond = client.responses.create
assert respond(model="gpt-5", input=TOLD).output_text == NAME
assert respond(model="gpt-5", instructions="My name is Zorvane-4417.", input="What's my name?").output_text == NAME
events = list(respond(model="gpt-5", input=TOLD, stream=True))
assert "".join(e.delta for e in events if e.type == "response.output_text.delta") == NAME
assert [e.sequence_number for e in events] == list(range(len(events))) and events[-1].response.output_text == NAME
tools = [{"type": "function", "name": "commit_memory", "parameters": TEXT, "strict": False}]
items = [{"role": "user", "content": REMEMBER}]
response = respond(model="gpt-5", input=items, tools=tools)
call = response.output[0]
assert call.type == "function_call" and "velmar-321" in call.arguments
items += response.output + [{"type": "function_call_output", "call_id": call.call_id, "output": "saved"}]
assert respond(model="gpt-5", input=items, tools=tools).output_text == "I will remember that."
with client.responses.stream(model="gpt-5", input=items[:1], tools=tools) as stream:
    assert stream.get_final_response().output[0].arguments == call.arguments
for file in [{"filename": "bill.txt", "file_data": BILL}, {"file_id": uploaded.id}]:
    parts = [{"type": "input_text", "text": "summarize this"}, {"type": "input_file", **file}]
    assert "KEX-447193" in respond(model="gpt-5", input=[{"role": "user", "content": parts}]).output_text
refused(lambda: respond(model="gpt-5", input="x", previous_response_id="resp_0"), "previous_response_not_found")
refused(lambda: respond(model="gpt-5", input=items[:1] + items[2:]), None)
refused(lambda: respond(model="gpt-5", input=[{"role": "robot", "content": ""}]), "invalid_value")
print("openai", openai.__version__, "ok")
