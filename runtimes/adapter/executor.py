"""A turn, as the SDK's executor: the message to the agent, and its answer piece by piece into an artifact of the task."""

import asyncio
import contextlib
import logging
import weakref

from a2a.helpers import new_task_from_user_message, new_text_part
from a2a.server.agent_execution import AgentExecutor
from a2a.server.tasks import TaskUpdater


class Instead(str):
    """A piece that replaces all pieces before it: the model is asked again, because its answer broke off."""


class Executor(AgentExecutor):
    def __init__(self, answer, content):
        self.answer, self.content = answer, content
        self.locks = weakref.WeakValueDictionary()   # by context: its turns run one after the other

    async def execute(self, context, event_queue):
        updater = TaskUpdater(event_queue, context.task_id, context.context_id)
        if not context.current_task:
            await event_queue.enqueue_event(new_task_from_user_message(context.message))
        await updater.start_work()
        lock = self.locks.setdefault(context.context_id, asyncio.Lock())
        async with lock:
            try:
                await self.reply(context, updater)
            except Exception as error:               # a cancellation is not an Exception, and ends the turn
                logging.exception("the turn failed")
                said = updater.new_agent_message([new_text_part(f"{type(error).__name__}: {error}")])
                return await updater.failed(said)
        await updater.complete()

    async def reply(self, context, updater):
        begun = False
        async with contextlib.aclosing(self.answer(context.context_id, self.content(context))) as pieces:
            async for piece in pieces:
                begun = begun and not isinstance(piece, Instead)
                if piece:
                    await updater.add_artifact([new_text_part(piece)], "answer", append=begun)
                    begun = True

    async def cancel(self, context, event_queue):
        """Marks the task as canceled. The SDK then cancels `execute`, and the answer with it."""
        await TaskUpdater(event_queue, context.task_id, context.context_id).cancel()
