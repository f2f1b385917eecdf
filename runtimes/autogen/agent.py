"""An AutoGen agent. An AssistantAgent for each turn, with the state of its conversation loaded from disk.

VARIANT=naive is what one writes first: one AssistantAgent for the whole process, which all customers share, and words only,
so that files are dropped.
"""

import base64
import io
import os

import PIL.Image
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.messages import ModelClientStreamingChunkEvent, MultiModalMessage, TextMessage
from autogen_core import Image
from autogen_ext.models.openai import OpenAIChatCompletionClient

from adapter import disk
from adapter.content import content_of, words_of
from adapter.server import serve

NAIVE = os.environ.get("VARIANT") == "naive"
MODEL = OpenAIChatCompletionClient(model=os.environ.get("MODEL", "gpt-4o-mini"))


async def commit_memory(text: str) -> str:
    """Keep a note that all later conversations can find."""
    return disk.keep_note(text)


async def search_memory(query: str) -> str:
    """Find the notes of earlier conversations."""
    return disk.find_notes(query)


def new_agent():
    return AssistantAgent(
        "assistant",
        MODEL,
        tools=[commit_memory, search_memory],
        system_message="You are a helpful assistant. Answer briefly.",
        model_client_stream=True,
        reflect_on_tool_use=True,        # otherwise the result of a tool is the answer, and the model never sees it
    )


def message_of(content):
    """A message for AutoGen, which takes texts and pictures."""
    if any(part["type"] == "file" for part in content):
        raise ValueError("AutoGen takes text files and pictures only")
    if all(part["type"] == "text" for part in content):
        return TextMessage(content="\n\n".join(part["text"] for part in content), source="user")
    return MultiModalMessage(content=[text_or_picture(part) for part in content], source="user")


def text_or_picture(part):
    if part["type"] == "text":
        return part["text"]
    _, encoded = part["image_url"]["url"].split(",", 1)
    return Image(PIL.Image.open(io.BytesIO(base64.b64decode(encoded))))


async def pieces(agent, message):
    """The words of an answer, as the model streams them."""
    async for event in agent.run_stream(task=message):
        if isinstance(event, ModelClientStreamingChunkEvent):
            yield event.content


class Good:
    """A turn that fails or is canceled is not saved: nothing of it is in the next one."""

    def __init__(self):
        self.sessions = disk.Sessions()

    async def answer(self, context_id, content):
        agent = new_agent()
        state = self.sessions.load(context_id)
        if state:
            await agent.load_state(state)
        async for piece in pieces(agent, message_of(content)):
            yield piece
        self.sessions.save(context_id, await agent.save_state())


class Naive:
    def __init__(self):
        self.agent = new_agent()

    async def answer(self, context_id, content):
        async for piece in pieces(self.agent, message_of(content)):
            yield piece


if __name__ == "__main__":
    if NAIVE:
        serve("autogen", Naive().answer, ["text/plain"], content=words_of)
    else:
        serve("autogen", Good().answer, ["text/plain", "image/png"], content=content_of)
