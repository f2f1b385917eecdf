"""A google-adk agent behind ADK's own A2A server. ADK keeps one in-memory session per contextId; nothing here helps it."""

import os
import uuid

from google.adk.a2a.converters.request_converter import convert_a2a_request_to_agent_run_request
from google.adk.a2a.executor.a2a_agent_executor import A2aAgentExecutor, A2aAgentExecutorConfig
from google.adk.a2a.utils.agent_to_a2a import to_a2a
from google.adk.agents import LlmAgent
from google.adk.models.lite_llm import LiteLlm


def forget(request, part_converter):
    """VARIANT=naive: every request is a session of its own."""
    run = convert_a2a_request_to_agent_run_request(request, part_converter)
    return run.model_copy(update={"session_id": uuid.uuid4().hex})


def naive_executor(runner):
    return A2aAgentExecutor(runner=runner, config=A2aAgentExecutorConfig(request_converter=forget))


# LiteLLM reads OPENAI_API_BASE (or OPENAI_BASE_URL) and OPENAI_API_KEY itself.
agent = LlmAgent(
    name="assistant",
    description="A helpful assistant.",
    model=LiteLlm(os.environ.get("MODEL", "openai/gpt-4o-mini")),
    instruction="You are a helpful assistant. Answer briefly.",
)

naive = os.environ.get("VARIANT") == "naive"
app = to_a2a(
    agent,
    host=os.environ.get("PUBLIC_HOST", "localhost"),  # only what the agent card advertises
    port=int(os.environ.get("PORT", "8000")),
    agent_executor_factory=naive_executor if naive else None,
)
