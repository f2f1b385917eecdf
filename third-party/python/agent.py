"""A turn, as the SDK's executor: a message to the model, its answer into the session and to the client."""

import asyncio
import json

from a2a.helpers import get_message_text
from a2a.server.agent_execution import AgentExecutor
from a2a.server.tasks import TaskUpdater

import memory
from model import Model, ModelError
from modes import on
from prompt import content_of, kept_of, prompt_of
from reply import Reply
from sessions import Sessions, key_of

BACKGROUND = set()


def background(work):
    """Starts work that nobody waits for, and holds it until it is done."""
    task = asyncio.ensure_future(work)
    BACKGROUND.add(task)
    task.add_done_callback(BACKGROUND.discard)
    return task


class NeedsApproval(Exception):
    """A tool waits for the user's yes."""


class Agent(AgentExecutor):
    def __init__(self):
        self.sessions, self.model, self.stopped = Sessions(), Model(), set()
        self.waiting = {}                             # by task: the question, and the prompt whose last call waits

    async def execute(self, context, event_queue):
        reply = Reply(context, event_queue)
        await reply.begin()
        work = self.turn(context, reply)
        await (asyncio.shield(background(work)) if on("cancel-ignored") else work)

    async def cancel(self, context, event_queue):
        if on("cancel-raises"):
            raise Exception("cancel is not supported")
        self.stopped.add(context.task_id)
        await TaskUpdater(event_queue, context.task_id, context.context_id).cancel()

    async def turn(self, context, reply):
        key = key_of(context)
        async with self.sessions.turn(key):
            try:
                await self.answer(key, context, reply)
            except ModelError as error:
                if on("apology"):
                    await reply.whole("Sorry, I could not reach my model. Please try again.")
                else:
                    await reply.failed(str(error))

    async def answer(self, key, context, reply):
        message = context.message
        messages = self.sessions.load(key)
        waiting = self.waiting.pop(context.task_id, None)
        if waiting and on("approval"):
            return await self.go_on(key, messages, *waiting, context, reply)
        known = [m for m in messages if message.message_id in (m.get("id"), m.get("to"))]
        if on("duplicate-executed"):
            known = []
        match known:
            case [_, said]:
                return await reply.whole(said["content"])
            case [question]:                          # asked before, and the model failed
                content = await content_of(message)
            case _:
                content = await content_of(message)
                question = {"role": "user", "content": kept_of(message, content), "id": message.message_id}
                messages.append(question)
                if not on("last-writer-wins"):
                    self.sessions.save(key, messages)
        prompt = prompt_of(messages, question, content)
        try:
            text = await self.ask(prompt, context, reply)
        except NeedsApproval:
            self.waiting[context.task_id] = (message.message_id, prompt)
            return await reply.needs_approval()
        await self.keep(key, messages, message.message_id, text, reply)

    async def go_on(self, key, messages, question, prompt, context, reply):
        """The user has answered what a tool was waiting for."""
        allowed = "yes" in get_message_text(context.message).lower()
        self.run_tools(prompt, allowed)
        await self.keep(key, messages, question, await self.ask(prompt, context, reply), reply)

    async def keep(self, key, messages, question, text, reply):
        messages.append({"role": "assistant", "content": text, "to": question})
        self.sessions.save(key, messages)
        await reply.end(text)

    async def ask(self, messages, context, reply):
        """Asks until the model calls no more tools; returns its last answer."""
        while True:
            calls, text = {}, ""
            async for piece in self.model.pieces(messages, calls, memory.tools()):
                if context.task_id in self.stopped and not on("cancel-ignored"):
                    raise asyncio.CancelledError
                text += piece
                await reply.piece(piece)
            if not calls:
                return text
            called = [{"id": call["id"], "type": "function",
                       "function": {"name": call["name"], "arguments": call["arguments"]}} for call in calls.values()]
            messages.append({"role": "assistant", "content": text or None, "tool_calls": called})
            if on("approval", "approval-forgotten") and any(call["name"] == memory.WRITE for call in calls.values()):
                raise NeedsApproval
            self.run_tools(messages, allowed=True)

    @staticmethod
    def run_tools(messages, allowed):
        """Runs the tools that the last message calls, and adds their results."""
        for call in messages[-1]["tool_calls"]:
            called = call["function"]
            text = json.loads(called["arguments"])["text"]
            result = memory.call(called["name"], text) if allowed else "The user said no."
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})
