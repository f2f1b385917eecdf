"""The way of an answer to the client: the task, its artifact, and its states."""

from a2a.helpers import new_task_from_user_message, new_text_part
from a2a.server.tasks import TaskUpdater

from modes import on


class Reply:
    """The answer to one message: an artifact that grows with each piece of the model's answer."""

    def __init__(self, context, queue):
        self.context, self.queue, self.begun = context, queue, False
        self.updater = TaskUpdater(queue, context.task_id, context.context_id)

    async def begin(self):
        if not self.context.current_task:
            await self.queue.enqueue_event(new_task_from_user_message(self.context.message))
        await self.updater.start_work()

    async def piece(self, text):
        if on("status-stream"):
            await self.updater.start_work(self.words(text))
        elif not on("input-required"):
            await self.updater.add_artifact([new_text_part(text)], "answer", append=self.begun)
        self.begun = True

    async def end(self, text):
        """The answer is whole."""
        if on("input-required"):
            await self.updater.requires_input(self.words(text))
        elif on("status-stream"):
            await self.updater.complete(self.words(text))
        else:
            await self.updater.complete()

    async def needs_approval(self):
        """A tool waits for the user's yes."""
        await self.updater.requires_input(self.words("May I write that down?"))

    async def whole(self, text):
        """An answer that does not come in pieces."""
        await self.piece(text)
        await self.end(text)

    async def failed(self, text):
        await self.updater.failed(self.words(text))

    def words(self, text):
        return self.updater.new_agent_message([new_text_part(text)])
