"""`autogen-agentchat`, over Chat Completions. Usage: autogen_check.py BASE_URL"""

import asyncio

from autogen_agentchat.agents import AssistantAgent
from autogen_ext.models.openai import OpenAIChatCompletionClient
from shared import BASE, COLOR, KNOWN, REMEMBER, REMEMBERED, TOLD, UNKNOWN

kept = []


async def commit_memory(content: str) -> str:
    """Keeps a fact."""
    kept.append(content)
    return "saved"


async def check(**more):
    client = OpenAIChatCompletionClient(model="gpt-4o", base_url=f"{BASE}/v1", api_key="not-a-key")
    agent, stranger = (AssistantAgent("assistant", client, tools=[commit_memory], **more) for _ in range(2))
    for asked, task, wanted in (
        (agent, TOLD[0]["content"], "Noted."), (agent, TOLD[2]["content"], KNOWN), (agent, REMEMBER, REMEMBERED),
        (stranger, TOLD[2]["content"], UNKNOWN),
    ):
        done = await asked.run(task=task)
        assert done.messages[-1].content == wanted, done
    assert COLOR in kept.pop() and not kept, kept

for streams in (False, True):  # noqa: E305
    asyncio.run(check(reflect_on_tool_use=True, model_client_stream=streams))
