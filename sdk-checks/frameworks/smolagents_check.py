"""`smolagents`, with tool calls and with code, over Chat Completions. Usage: smolagents_check.py BASE_URL"""

from shared import BASE, COLOR, KNOWN, REMEMBER, REMEMBERED, TOLD, UNKNOWN
from smolagents import CodeAgent, OpenAIModel, ToolCallingAgent, tool

kept = []


@tool
def commit_memory(content: str) -> str:
    """Keeps a fact.

    Args:
        content: the fact
    """
    kept.append(content)
    return "saved"


model = OpenAIModel("gpt-4o", api_base=f"{BASE}/v1", api_key="not-a-key")
for kind in (ToolCallingAgent, CodeAgent):
    for streams in (False, True):
        agent = kind(tools=[commit_memory], model=model, verbosity_level=0, max_steps=3, stream_outputs=streams)
        assert agent.run(TOLD[0]["content"]) == "Noted.", kind
        assert agent.run(TOLD[2]["content"], reset=False) == KNOWN, kind
        assert agent.run(TOLD[2]["content"]) == UNKNOWN, kind
        assert agent.run(REMEMBER) == REMEMBERED, kind
        assert COLOR in kept.pop() and not kept, kept
