"""A langgraph agent: a model and its tools in a graph. A thread for each contextId, its checkpoints in SQLite.

VARIANT=naive is what one writes first: a graph without a checkpointer, which forgets everything after each turn, and words
only, so that files are dropped.
"""

import contextlib
import os

from langchain_core.messages import AIMessageChunk, SystemMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition

from adapter import disk
from adapter.content import content_of, words_of
from adapter.server import serve

NAIVE = os.environ.get("VARIANT") == "naive"
SYSTEM = SystemMessage("You are a helpful assistant. Answer briefly.")


@tool
def commit_memory(text: str) -> str:
    """Keep a note that all later conversations can find."""
    return disk.keep_note(text)


@tool
def search_memory(query: str) -> str:
    """Find the notes of earlier conversations."""
    return disk.find_notes(query)


TOOLS = [commit_memory, search_memory]


def without_broken_calls(messages):
    """Leaves out tool calls without a result, as a kill in the middle of a tool leaves them: a model refuses them."""
    done = {message.tool_call_id for message in messages if isinstance(message, ToolMessage)}
    return [message for message in messages
            if all(call["id"] in done for call in getattr(message, "tool_calls", []))]


def graph_of(checkpointer):
    model = ChatOpenAI(model=os.environ.get("MODEL", "gpt-4o-mini")).bind_tools(TOOLS)

    async def call_model(state):
        return {"messages": [await model.ainvoke([SYSTEM, *without_broken_calls(state["messages"])])]}

    graph = StateGraph(MessagesState)
    graph.add_node("model", call_model)
    graph.add_node("tools", ToolNode(TOOLS))
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", tools_condition)
    graph.add_edge("tools", "model")
    return graph.compile(checkpointer=checkpointer)


class Agent:
    @contextlib.asynccontextmanager
    async def lifespan(self, _):
        if NAIVE:
            self.graph = graph_of(None)
            yield
            return
        disk.STATE.mkdir(parents=True, exist_ok=True)
        async with AsyncSqliteSaver.from_conn_string(str(disk.STATE / "threads.db")) as checkpointer:
            self.graph = graph_of(checkpointer)
            yield

    async def answer(self, context_id, content):
        message = {"role": "user", "content": content}
        config = {"configurable": {"thread_id": context_id}}
        async for chunk, _ in self.graph.astream({"messages": [message]}, config, stream_mode="messages"):
            if isinstance(chunk, AIMessageChunk) and chunk.text:
                yield chunk.text


if __name__ == "__main__":
    agent = Agent()
    if NAIVE:
        serve("langgraph", agent.answer, ["text/plain"], content=words_of, lifespan=agent.lifespan)
    else:
        modes = ["text/plain", "image/png", "application/pdf"]
        serve("langgraph", agent.answer, modes, content=content_of, lifespan=agent.lifespan)
