"""A smolagents agent. A ToolCallingAgent for each turn, with the steps of its conversation loaded from disk.

VARIANT=naive is what one writes first: `agent.run(text)` on an agent for the whole process, which forgets everything before
each turn (`reset=True` is the default), and words only, so that files are dropped.
"""

import asyncio
import base64
import io
import os

import PIL.Image
from smolagents import LogLevel, OpenAIModel, ToolCallingAgent, tool

import steps
from adapter import disk
from adapter.content import content_of, words_of
from adapter.server import serve

NAIVE = os.environ.get("VARIANT") == "naive"
MODEL = OpenAIModel(os.environ.get("MODEL", "gpt-4o-mini"))


@tool
def commit_memory(text: str) -> str:
    """Keep a note that all later conversations can find.

    Args:
        text: The note.
    """
    return disk.keep_note(text)


@tool
def search_memory(query: str) -> str:
    """Find the notes of earlier conversations.

    Args:
        query: Words of the note.
    """
    return disk.find_notes(query)


def new_agent():
    return ToolCallingAgent(
        tools=[commit_memory, search_memory],
        model=MODEL,
        instructions="Answer briefly.",
        max_steps=6,
        verbosity_level=LogLevel.ERROR,
    )


def words_and_pictures(content):
    """A task for smolagents, which takes texts and pictures."""
    if any(part["type"] == "file" for part in content):
        raise ValueError("smolagents takes text files and pictures only")
    words = [part["text"] for part in content if part["type"] == "text"]
    pictures = [part["image_url"]["url"].split(",", 1)[1] for part in content if part["type"] == "image_url"]
    opened = [PIL.Image.open(io.BytesIO(base64.b64decode(picture))) for picture in pictures]
    return "\n\n".join(words) or "See the picture.", opened or None


class Good:
    """A turn that fails or is canceled is not saved: nothing of it is in the next one."""

    def __init__(self):
        self.sessions = disk.Sessions()

    async def answer(self, context_id, content):
        agent = new_agent()
        agent.memory.steps = steps.load(self.sessions.load(context_id) or {"steps": []})
        words, pictures = words_and_pictures(content)
        try:
            answer = await asyncio.to_thread(agent.run, words, images=pictures, reset=False)
        except asyncio.CancelledError:
            agent.interrupt()                # the thread ends before its next step
            raise
        self.sessions.save(context_id, steps.dump(agent.memory.steps))
        yield str(answer)


class Naive:
    def __init__(self):
        self.agent = new_agent()

    async def answer(self, context_id, content):
        words, _ = words_and_pictures(content)
        yield str(await asyncio.to_thread(self.agent.run, words))


if __name__ == "__main__":
    if NAIVE:
        serve("smolagents", Naive().answer, ["text/plain"], content=words_of)
    else:
        serve("smolagents", Good().answer, ["text/plain", "image/png"], content=content_of)
