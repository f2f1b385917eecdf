"""The Agents SDK (`openai-agents`), over Responses and Chat Completions. Usage: openai_agents_check.py BASE_URL"""

import asyncio

import openai
from agents import (Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, Runner, SQLiteSession, function_tool,
                    set_tracing_disabled)
from shared import BASE, COLOR, KNOWN, REMEMBER, REMEMBERED, TOLD, UNKNOWN, trouble

set_tracing_disabled(True)
kept = []


@function_tool
def commit_memory(content: str) -> str:
    """Keeps a fact."""
    kept.append(content)
    return "saved"


async def check(kind):
    client = openai.AsyncOpenAI(base_url=f"{BASE}/v1", api_key="not-a-key", max_retries=1)
    agent = Agent(name="assistant", model=kind("gpt-5", client), tools=[commit_memory])
    session = SQLiteSession("a")
    assert (await Runner.run(agent, TOLD[0]["content"], session=session)).final_output == "Noted."
    assert (await Runner.run(agent, TOLD[2]["content"], session=session)).final_output == KNOWN
    assert (await Runner.run(agent, TOLD[2]["content"])).final_output == UNKNOWN
    kept.clear()
    assert (await Runner.run(agent, REMEMBER, session=session)).final_output == REMEMBERED and COLOR in kept[0], kept
    streamed = Runner.run_streamed(agent, REMEMBER)
    events = [event async for event in streamed.stream_events()]
    assert streamed.final_output == REMEMBERED and len(kept) == 2, events
    with trouble("429"):
        assert (await Runner.run(agent, TOLD[0]["content"])).final_output == "Noted."


for kind in (OpenAIResponsesModel, OpenAIChatCompletionsModel):
    asyncio.run(check(kind))
