"""`langchain` over the dialects that it has a package for. Usage: langchain_check.py BASE_URL"""

from langchain.agents import create_agent
from langchain_anthropic import ChatAnthropic
from langchain_core.tools import tool
from langchain_google_genai import ChatGoogleGenerativeAI
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.memory import InMemorySaver
from shared import BASE, COLOR, KNOWN, REMEMBER, REMEMBERED, TOLD, UNKNOWN, trouble

KEY = {"api_key": "not-a-key", "max_retries": 2}
MODELS = [
    ChatOpenAI(model="gpt-4o", base_url=f"{BASE}/v1", **KEY),
    ChatOpenAI(model="gpt-5", base_url=f"{BASE}/v1", use_responses_api=True, **KEY),
    ChatAnthropic(model="claude-sonnet-5", base_url=BASE, **KEY),
    ChatGoogleGenerativeAI(model="gemini-2.5-flash", base_url=BASE, **KEY),
]
kept = []


@tool
def commit_memory(content: str) -> str:
    """Keeps a fact."""
    kept.append(content)
    return "saved"


for model in MODELS:
    name = type(model).__name__
    # two turns, whole and streamed; a stranger is not known
    assert model.invoke(TOLD).text == KNOWN, name
    chunks = list(model.stream(TOLD))
    assert "".join(chunk.text for chunk in chunks) == KNOWN and len(chunks) > 2, (name, chunks)
    assert model.invoke(TOLD[2:]).text == UNKNOWN, name
    with trouble("429"):
        assert model.invoke(TOLD).usage_metadata["output_tokens"] == 7, name
    # an agent with a memory of its own: it calls the tool, and knows the conversation again
    kept.clear()
    agent = create_agent(model, [commit_memory], checkpointer=InMemorySaver())
    for thread, say, wanted in (
        ("a", TOLD[0]["content"], "Noted."), ("b", REMEMBER, REMEMBERED), ("a", TOLD[2]["content"], KNOWN),
        ("c", TOLD[2]["content"], UNKNOWN),
    ):
        config = {"configurable": {"thread_id": thread}}
        done = agent.invoke({"messages": [("user", say)]}, config)
        assert done["messages"][-1].text == wanted, (name, done)
    assert COLOR in kept[0] and len(kept) == 1, kept
    asked = {"messages": [("user", REMEMBER)]}
    streamed = agent.stream(asked, {"configurable": {"thread_id": "d"}}, stream_mode="messages")
    assert "".join(chunk.text for chunk, _ in streamed if chunk.type == "AIMessageChunk") == REMEMBERED, name
