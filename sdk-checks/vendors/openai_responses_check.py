"""The official `openai` SDK, Responses. Usage: openai_responses_check.py BASE_URL"""

import openai
from openai.types.responses import Response, ResponseStreamEvent
from openai_client import client, endures
from shared import (BILL, CODE, COLOR, KNOWN, REMEMBER, REMEMBERED, TEXT, TOLD, UNKNOWN, Formed, encoded, events, pdf, png,
                    raises, strict, whole)

TOOLS = [{"type": "function", "name": "commit_memory", "parameters": TEXT, "strict": False}]
REMEMBERS = [{"role": "user", "content": REMEMBER}]


def ask(input=TOLD, by=client, **more):
    return by.responses.create(model="gpt-5", input=input, **more)


def stream(input=TOLD, by=client, **more):
    return "".join(event.delta for event in ask(input, by, stream=True, **more) if event.type == "response.output_text.delta")


# two turns, whole and streamed; a stranger is not known
assert ask().output_text == stream() == KNOWN and ask().status == "completed" and ask().error is None
assert ask("What's my name?", instructions="My name is Zorvane-4417.").output_text == KNOWN
assert ask(TOLD[2:]).output_text == UNKNOWN
assert client.responses.parse(model="gpt-5", input=TOLD, text_format=Formed).output_parsed.reply == KNOWN

# a conversation that the vendor keeps: told, asked, and asked once more where it was not to be kept
told = ask("Hi, my name is Zorvane-4417.", instructions="be brief")
assert ask("What's my name?", previous_response_id=told.id).output_text == KNOWN
assert stream("What's my name?", previous_response_id=told.id, store=False) == KNOWN
assert ask("What's my name?").output_text == UNKNOWN
forgotten = ask("Hi, my name is Zorvane-4417.", store=False)
raises(openai.BadRequestError, lambda: ask("What's my name?", previous_response_id=forgotten.id),
       code="previous_response_not_found", type="invalid_request_error")

# a tool round trip, whole and streamed
with client.responses.stream(model="gpt-5", input=REMEMBERS, tools=TOOLS) as streamed:
    streamed = streamed.get_final_response()
for response in (ask(REMEMBERS, tools=TOOLS), streamed):
    (call,) = response.output
    assert call.type == "function_call" and call.name == "commit_memory" and COLOR in call.arguments, call
    call = {"type": "function_call", "call_id": call.call_id, "name": call.name, "arguments": call.arguments}
    returned = [*REMEMBERS, call, {"type": "function_call_output", "call_id": call["call_id"], "output": "saved"}]
    assert ask(returned, tools=TOOLS).output_text == stream(returned, tools=TOOLS) == REMEMBERED
    assert ask(returned[2:], tools=TOOLS, previous_response_id=response.id).output_text == REMEMBERED

# files: within, uploaded, as an image
uploaded = client.files.create(file=("bill.txt", BILL.encode()), purpose="user_data")
for part in (
    {"type": "input_file", "filename": "a.pdf", "file_data": f"data:application/pdf;base64,{encoded(pdf())}"},
    {"type": "input_file", "file_id": uploaded.id},
    {"type": "input_image", "image_url": f"data:image/png;base64,{encoded(png())}", "detail": "auto"},
):
    content = [{"type": "input_text", "text": "summarize this"}, part]
    assert CODE in ask([{"role": "user", "content": content}]).output_text, part

# every body and every event is of the SDK's types; `store` is what the vendor sends all the same
BODY = {"model": "gpt-5", "input": TOLD}
for body in (BODY, BODY | {"max_output_tokens": 16}, BODY | {"input": REMEMBERS, "tools": TOOLS}):
    strict(Response, whole("/v1/responses", body), "store")
    streamed = events("/v1/responses", body | {"stream": True})
    for event in streamed:
        strict(ResponseStreamEvent, event, "response.store")
    assert streamed[-1]["type"] == "response.completed" and streamed[-1]["response"]["usage"]["total_tokens"], streamed
    assert [event["sequence_number"] for event in streamed] == list(range(len(streamed)))

endures(lambda by=client: ask(by=by).output_text, stream)

# what the vendor refuses, and what this world does not have
for refused, code in (
    (lambda: ask("x", previous_response_id="resp_0"), "previous_response_not_found"), (lambda: ask(returned[:2]), None),
    (lambda: ask(REMEMBERS + returned[2:]), None), (lambda: ask([{"role": "robot", "content": ""}]), "invalid_value"),
    (lambda: ask(max_output_tokens=3), "integer_below_min_value"),
):
    raises(openai.BadRequestError, refused, code=code, type="invalid_request_error")
for call in (lambda: client.responses.retrieve("resp_0"), client.conversations.create, client.vector_stores.list):
    raises(openai.NotFoundError, call, type="invalid_request_error")
print("openai", openai.__version__, "responses ok")
