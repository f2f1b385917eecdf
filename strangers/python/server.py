"""An A2A agent on a2a-sdk's own request handler, task store and event queue, in both protocol versions it serves.

It answers by OpenAI Chat Completions at $OPENAI_BASE_URL and keeps a conversation for each contextId in
$COALMINE_STATE_DIR. $MODE breaks it in one known way, or makes it unusual but correct; truth.toml says for
each mode which is which. Without one, and as `good`, it keeps all that profile.toml promises.
"""

import asyncio
import base64
import collections
import contextlib
import hashlib
import json
import os
import pathlib
import time
import unicodedata
import uuid

import httpx
import uvicorn
from a2a.helpers import get_message_text, new_data_part, new_task_from_user_message, new_text_part
from a2a.server.agent_execution import AgentExecutor
from a2a.server.request_handlers import DefaultRequestHandler
from a2a.server.routes import create_agent_card_routes, create_jsonrpc_routes
from a2a.server.tasks import InMemoryTaskStore, TaskUpdater
from a2a.types import AgentCapabilities, AgentCard, AgentInterface, AgentSkill, CancelTaskRequest, TaskState
from a2a.utils.errors import TaskNotCancelableError, UnsupportedOperationError
from starlette.applications import Starlette

MODE = os.environ.get("MODE", "good")
STATE = pathlib.Path(os.environ.get("COALMINE_STATE_DIR", "state"))
MEMORY = pathlib.Path(os.environ.get("MOLECULE_MEMORY_ROOT", STATE / "memory"))
PORT = int(os.environ.get("PORT", "8000"))
OVER = (TaskState.TASK_STATE_COMPLETED, TaskState.TASK_STATE_FAILED, TaskState.TASK_STATE_CANCELED,
        TaskState.TASK_STATE_REJECTED)
WAITING = ("input-required", "context-of-its-own", "first-answer-for-both")
BACKGROUND = set()


def on(*modes):
    return MODE in modes


def background(work):
    task = asyncio.ensure_future(work)
    BACKGROUND.add(task)
    task.add_done_callback(BACKGROUND.discard)
    return task


class ModelError(Exception):
    """The model gave no whole answer."""


class Sessions:
    """The conversations: a list of messages each, in a file that is replaced whole."""

    def __init__(self, folder):
        self.folder, self.open = folder, {}
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, key):
        return self.folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"

    def load(self, key):
        if key not in self.open:
            path = self.path(key)
            there = path.exists() and not on("never-read-back")
            self.open[key] = self.parse(path.read_text()) if there else []
        return self.open[key]

    def save(self, key, messages):
        self.open[key] = messages
        if not on("forgets-on-restart", "saved-at-exit"):
            self.write(key)

    def write(self, key):
        new = self.path(key).with_suffix(".new")
        new.write_text(self.text(self.open[key]))
        new.replace(self.path(key))

    def text(self, messages):
        if on("store-lines"):
            return "".join(json.dumps(message) + "\n" for message in messages)
        return json.dumps(messages if on("store-list") else {"messages": messages})

    def parse(self, text):
        if on("store-lines"):
            return [json.loads(line) for line in text.splitlines()]
        return json.loads(text) if on("store-list") else json.loads(text)["messages"]

    def close(self):
        for key in self.open:
            if on("saved-at-exit"):
                self.write(key)
            if on("lost-at-exit"):
                self.path(key).unlink(missing_ok=True)


class Memory:
    """The notes that all conversations share, offered to the model as two tools."""

    offered = MODE.startswith("memory-")
    notes = []
    TOOLS = [{"type": "function", "function": {
        "name": name, "description": text,
        "parameters": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}}}
        for name, text in (("commit_memory", "Keep a note for later."), ("search_memory", "Find notes."))]

    def call(self, tool, text, key):
        path = MEMORY / ("notes.txt" if not on("memory-per-context") else f"notes-{key}.txt")
        if tool == "commit_memory":
            if on("memory-in-process"):
                self.notes.append(text)
            elif not on("memory-not-written"):
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("a") as file:
                    file.write(text + "\n")
            return "Kept."
        return "\n".join(self.notes) or (path.read_text() if path.exists() else "There are no notes.")


async def content_of(message):
    """What the model is shown of a message: its words, text files pasted, pictures and documents as parts."""
    words = get_message_text(message)
    if on("ascii-only"):
        words = words.encode("ascii", "ignore").decode()
    if on("nfc"):
        words = unicodedata.normalize("NFC", words)
    shown = [{"type": "text", "text": words}] if words else []
    files = [part for part in message.parts if part.HasField("raw") or part.HasField("url")]
    if on("file-dropped-beside-text") and words:
        files = []
    if on("second-file-dropped"):
        files = files[:1]
    if on("caption-dropped") and files:
        shown = []
    for part in files:
        name, mime, data = part.filename or "file", part.media_type, part.raw
        if on("link-not-fetched") and part.url:
            shown.append({"type": "text", "text": f"Attached link: {part.url}"})
            continue
        if part.url:
            async with httpx.AsyncClient(follow_redirects=True) as client:
                data = (await client.get(part.url)).raise_for_status().content
        if on("file-name-trusted"):
            (STATE / "uploads").mkdir(exist_ok=True)
            (STATE / "uploads" / name).write_bytes(data)
        if on("empty-file-raises") and not data:
            raise ValueError("a file must not be empty")
        if on("file-cut"):
            data = data[:100_000]
        name = "".join(c for c in pathlib.PurePath(name).name if c.isprintable())[:100] or "file"
        url = f"data:{mime};base64,{base64.b64encode(data).decode()}"
        if mime.startswith("image/"):
            if not on("picture-dropped"):
                shown.append({"type": "image_url", "image_url": {"url": url}})
        elif mime == "application/pdf":
            shown.append({"type": "file", "file": {"filename": name, "file_data": url}})
        else:
            text = data.decode("latin-1" if on("file-as-latin-1") else "utf-8", "replace")
            shown.append({"type": "text", "text": f"Attached file {name}:\n{text}"})
    return shown


class Model:
    """OpenAI Chat Completions, streamed. An answer without its end is an error."""

    def __init__(self):
        patience = httpx.Timeout(60, read=0.3 if on("impatient") else 60)
        self.client = httpx.AsyncClient(
            base_url=os.environ.get("OPENAI_BASE_URL", "https://api.openai.com/v1").rstrip("/") + "/",
            headers={"Authorization": f"Bearer {os.environ.get('OPENAI_API_KEY', '')}"}, timeout=patience)

    async def pieces(self, messages, calls=None, tools=None):
        body = {"model": os.environ.get("OPENAI_MODEL", "gpt-4o-mini"), "stream": True, "messages": messages}
        if tools:
            body["tools"] = tools
        whole = False
        try:
            async with self.client.stream("POST", "chat/completions", json=body) as response:
                if response.status_code != 200:
                    raise ModelError(f"the model answered {response.status_code}")
                async for line in response.aiter_lines():
                    if line == "data: [DONE]":
                        whole = True
                    elif line.startswith("data: "):
                        for choice in json.loads(line[6:]).get("choices", []):
                            for call in choice["delta"].get("tool_calls") or []:
                                kept = calls.setdefault(call["index"], {"id": "", "name": "", "arguments": ""})
                                kept["id"] += call.get("id") or ""
                                for key, value in call["function"].items():
                                    kept[key] += value or ""
                            if choice["delta"].get("content"):
                                yield choice["delta"]["content"]
        except httpx.HTTPError as error:
            if not (on("half-answer") and isinstance(error, httpx.RemoteProtocolError)):
                raise ModelError(f"the model could not be reached: {type(error).__name__}") from error
            whole = True
        if not whole and not on("half-answer"):
            raise ModelError("the model's answer broke off")


class Reply:
    """How an answer gets to the client."""

    def __init__(self, context, queue):
        self.context, self.queue, self.text, self.held = context, queue, "", None
        self.updater = TaskUpdater(queue, context.task_id, context.context_id)
        self.whole = on("one-artifact", "text-in-status", "data-answer", "data-beside-text", "message-reply", *WAITING,
                        "shared-reply", "echo-prompt")

    def words(self, text):
        return self.updater.new_agent_message([new_text_part(text)])

    async def begin(self):
        if not self.context.current_task and not on("message-reply"):
            await self.queue.enqueue_event(new_task_from_user_message(self.context.message))
        if not on("message-reply"):
            await self.updater.start_work(self.words("Let me see.") if on("working-notes") else None)

    async def piece(self, text):
        first, self.text = not self.text, self.text + text
        if on("status-stream"):
            await self.updater.start_work(self.words(text))
        elif on("artifact-replaced"):
            await self.updater.add_artifact([new_text_part(self.text)], artifact_id="answer")
        elif on("last-piece-lost"):
            if self.held:
                await self.updater.add_artifact([new_text_part(self.held[0])], "answer", append=not self.held[1])
            self.held = (text, first)
        elif not self.whole:
            append = not first and not on("pieces-not-appended")
            await self.updater.add_artifact([new_text_part(text)], "answer", append=append)

    async def end(self, text):
        if on("message-reply"):
            message = self.words(text)
            message.task_id = ""
            await self.queue.enqueue_event(message)
        elif on(*WAITING):
            await self.updater.requires_input(self.words(text))
        elif on("text-in-status", "status-stream", "answer-twice"):
            await self.updater.complete(self.words(text))
        else:
            data = [new_data_part({"answer" if on("data-answer") else "usage": text if on("data-answer") else 3})]
            if on("data-answer", "data-beside-text"):
                await self.updater.add_artifact(data if on("data-answer") else [new_text_part(text), *data])
            elif self.whole or not self.text:
                await self.updater.add_artifact([new_text_part(text)], "answer")
            await self.updater.complete()

    async def failed(self, text):
        if on("message-reply"):
            await self.begin_failed()
        await self.updater.failed(self.words(text))

    async def begin_failed(self):
        await self.queue.enqueue_event(new_task_from_user_message(self.context.message))


class Agent(AgentExecutor):
    def __init__(self):
        self.sessions, self.model, self.memory = Sessions(STATE / "sessions"), Model(), Memory()
        self.locks = collections.defaultdict(asyncio.Lock)
        self.stopped, self.answers = set(), {}
        self.shared_key = self.shared_reply = None

    def key(self, context):
        state, key = context.call_context.state, context.context_id
        if on("one-session"):
            return "all"
        if on("session-per-task"):
            return context.task_id
        if on("session-per-dialect"):
            return f"{state['headers'].get('a2a-version', '0.3')} {key}"
        if on("session-per-way"):
            return f"{'streamed' if state.get('streamed') else 'sent'} {key}"
        return key

    async def execute(self, context, event_queue):
        reply = Reply(context, event_queue)
        await reply.begin()
        work = self.turn(context, reply)
        if on("cancel-ignored", "cancel-unseen"):
            work = asyncio.shield(background(work))
        await work

    async def turn(self, context, reply):
        key = self.key(context)
        lock = asyncio.Lock() if on("last-writer-wins", "answer-overwritten", "at-once") else self.locks[key]
        async with lock:
            try:
                await self.answer(key, context, reply)
            except ModelError as error:
                if on("failure-hidden", "apology"):
                    said = ("Sorry, I could not reach my model. Please try again." if on("apology")
                            else "That is a good question. What else would you like to know?")
                    await reply.piece(said)
                    return await reply.end(said)
                if on("forgets-on-failure"):
                    self.sessions.save(key, [])
                await reply.failed(str(error))

    async def answer(self, key, context, reply):
        self.shared_key = key
        message = context.message
        shown = await content_of(message)
        if on("shared-session"):
            await asyncio.sleep(0.02)                 # as a look-up in a database takes
            key = self.shared_key
        if on("file-only-refused") and not get_message_text(message):
            return await reply.end("(empty prompt: nothing to do)")
        messages = self.sessions.load(key)
        if on("last-writer-wins", "answer-overwritten"):
            messages = list(messages)
        if on("forgets-after-twelve") and len(messages) >= 12:
            messages.clear()
        if on("summarises") and len(messages) >= 12:
            messages[:] = [{"role": "system", "content": await self.summary(messages)}]
        asked = any(m.get("id") == message.message_id for m in messages)
        said = next((m["content"] for m in messages if m.get("to") == message.message_id), None)
        if said is not None and not on("duplicate-executed"):
            await reply.piece(said)
            return await reply.end(said)
        question = {"role": "user", "content": shown, "id": message.message_id}
        if on("files-not-in-history"):
            kept = {**question, "content": [p for p in shown if p["text"] == get_message_text(message)]
                    if all("text" in p for p in shown) else shown[:1]}
        else:
            kept = question
        if not asked or on("duplicate-executed"):
            messages.append(kept)
            if not on("last-writer-wins"):
                self.sessions.save(key, messages)
        text = await self.ask(key, self.prompt(messages, kept, question), get_message_text(message), reply, context)
        messages.append({"role": "assistant", "content": text, "to": message.message_id})
        self.sessions.save(key, messages)
        if on("shared-reply") and not context.call_context.state.get("streamed"):
            self.shared_reply = text
            await asyncio.sleep(0.02)                 # as a write to a database takes
            text = self.shared_reply
        if on("cancel-unseen") and context.task_id in self.stopped:
            del messages[-2:]
        if on("echo-prompt"):
            text = "\n".join(p["text"] for m in messages[:-1] for p in parts(m) if "text" in p) + "\n" + text
        await reply.end(text)
        if on("titles"):
            background(self.title(get_message_text(message)))

    def prompt(self, messages, kept, question):
        at = messages.index(kept)
        if at < len(messages) - 1 and not on("at-once", "answer-overwritten", "last-writer-wins"):
            messages = messages[:at + 1]              # the same message once more, after a failure
        earlier = [m for m in messages if m is not kept]
        if on("user-half-only"):
            earlier = [m for m in earlier if m["role"] == "user"]
        if on("window-of-six"):
            earlier = earlier[-6:]
        if on("newest-first"):
            earlier.reverse()
        if on("transcript"):
            lines = [f"{m['role']}: {p['text']}" for m in earlier for p in parts(m) if "text" in p]
            earlier = [{"role": "system", "content": "The conversation so far:\n" + "\n".join(lines)}]
        return [{"role": m["role"], "content": m["content"]} for m in (*earlier, question)]

    async def ask(self, key, messages, words, reply, context):
        if on("answers-cached") and words in self.answers:
            return self.answers[words]
        for attempt in range(3 if on("retries") else 1):
            try:
                text = await self.rounds(key, messages, reply, context)
                self.answers[words] = text
                return text
            except ModelError:
                if attempt == 2 or reply.text or not on("retries"):
                    raise
                await asyncio.sleep(0.05)

    async def rounds(self, key, messages, reply, context):
        while True:
            calls, text = {}, ""
            async for piece in self.model.pieces(messages, calls, Memory.TOOLS if Memory.offered else None):
                if context.task_id in self.stopped and not on("cancel-ignored", "cancel-unseen"):
                    raise asyncio.CancelledError
                text += piece
                await reply.piece(piece)
            if not calls:
                return text
            messages.append({"role": "assistant", "content": text or None, "tool_calls": [
                {"id": c["id"], "type": "function", "function": {"name": c["name"], "arguments": c["arguments"]}}
                for c in calls.values()]})
            for call in calls.values():
                result = self.memory.call(call["name"], json.loads(call["arguments"])["text"], key)
                messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})

    async def summary(self, messages):
        said = "\n".join(f"{m['role']}: {p['text']}" for m in messages for p in parts(m) if "text" in p)
        asked = {"role": "user", "content": f"Sum up this conversation and keep every name and number:\n{said}"}
        return "".join([piece async for piece in self.model.pieces([asked])])

    async def title(self, words):
        async for _ in self.model.pieces([{"role": "user", "content": f"Give this chat a short title: {words}"}]):
            pass

    async def ask_on(self, key):
        until = time.monotonic() + 5
        while time.monotonic() < until:
            async for _ in self.model.pieces([{"role": m["role"], "content": m["content"]}
                                              for m in self.sessions.load(key) if m["role"] == "user"]):
                pass
            await asyncio.sleep(0.5 if on("hang-up-asks-on-slowly") else 0.05)

    async def cancel(self, context, event_queue):
        if on("cancel-raises"):
            raise Exception("cancel is not supported")
        self.stopped.add(context.task_id)
        await TaskUpdater(event_queue, context.task_id, context.context_id).cancel()


def parts(message):
    content = message["content"]
    return content if isinstance(content, list) else [{"type": "text", "text": content}]


class Handler(DefaultRequestHandler):
    """The SDK's handler, with what some modes do in front of it."""

    async def bend(self, params, context):
        message = params.message
        task = message.task_id and await self.task_store.get(message.task_id, context)
        other = task and message.context_id not in ("", task.context_id)
        if on("follow-up-in-new-context") and task:
            message.task_id, message.context_id = "", str(uuid.uuid4())
        if on("new-context-each-message") and not task:
            message.context_id = str(uuid.uuid4())
        if on("foreign-pair-taken") and other:
            message.task_id = ""
        if on("finished-task-taken") and task and not other and task.status.state in OVER:
            message.task_id, message.context_id = "", task.context_id
        if task and not message.context_id and not on("context-of-its-own"):
            message.context_id = task.context_id      # the SDK makes a new one
        if on("returns-at-once"):
            params.configuration.return_immediately = True

    async def on_message_send(self, params, context):
        await self.bend(params, context)
        # of two messages at once to a waiting task the SDK answers both with what comes first
        task = params.message.task_id if not on("first-answer-for-both") else ""
        async with self.agent_executor.locks[f"task {task}"] if task else contextlib.nullcontext():
            return await super().on_message_send(params, context)

    async def on_message_send_stream(self, params, context):
        await self.bend(params, context)
        context.state["streamed"] = True
        over, events, task, key = False, 0, "", ""
        try:
            async for event in super().on_message_send_stream(params, context):
                events += 1
                task, key = getattr(event, "task_id", "") or getattr(event, "id", ""), event.context_id
                over = hasattr(event, "status") and event.status.state in OVER
                yield event
                if on("stream-cut") and events == 3:
                    return
        finally:
            if not over and MODE.startswith("hang-up-"):
                background(self.hung_up(task, key, context))

    async def hung_up(self, task, key, context):
        if (await self.task_store.get(task, context)).status.state in OVER:
            return
        if on("hang-up-asks-on", "hang-up-asks-on-slowly"):
            await self.agent_executor.ask_on(key)
        if on("hang-up-locks"):
            await self.agent_executor.locks[key].acquire()
        if on("hang-up-stops"):
            await self.on_cancel_task(CancelTaskRequest(id=task), context)

    async def on_cancel_task(self, params, context):
        if on("cancel-refused"):
            raise TaskNotCancelableError
        return await super().on_cancel_task(params, context)

    async def on_subscribe_to_task(self, params, context):
        if on("no-resubscribe"):
            raise UnsupportedOperationError
        async for event in super().on_subscribe_to_task(params, context):
            yield event


def application():
    url = f"http://127.0.0.1:{PORT}/"
    card = AgentCard(
        name="A stranger", description="Answers with a model and remembers each conversation.", version="1.0.0",
        supported_interfaces=[AgentInterface(url=url, protocol_binding="JSONRPC", protocol_version=version)
                              for version in ("1.0", "0.3")],
        capabilities=AgentCapabilities(streaming=not on("no-streaming")),
        default_input_modes=["text/plain", "image/png", "application/pdf"], default_output_modes=["text/plain"],
        skills=[AgentSkill(id="chat", name="Chat", description="Talks.", tags=["chat"])])
    agent = Agent()
    handler = Handler(agent, InMemoryTaskStore(), card)
    routes = [*create_agent_card_routes(card), *create_jsonrpc_routes(handler, "/", enable_v0_3_compat=True)]

    @contextlib.asynccontextmanager
    async def lifespan(_):
        yield
        agent.sessions.close()

    return Starlette(routes=routes, lifespan=lifespan)


if __name__ == "__main__":
    if on("slow-start"):
        time.sleep(3)
    uvicorn.run(application(), host="127.0.0.1", port=PORT, log_level="warning", timeout_graceful_shutdown=1)
