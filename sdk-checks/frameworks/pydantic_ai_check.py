"""`pydantic-ai` over the dialects that it has a provider for. Usage: pydantic_ai_check.py BASE_URL"""

from pydantic_ai import Agent
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.google import GoogleProvider
from pydantic_ai.providers.openai import OpenAIProvider
from shared import BASE, COLOR, KNOWN, REMEMBER, REMEMBERED, TOLD, UNKNOWN, Formed

openai = OpenAIProvider(base_url=f"{BASE}/v1", api_key="not-a-key")
MODELS = [
    OpenAIChatModel("gpt-4o", provider=openai),
    OpenAIResponsesModel("gpt-5", provider=openai),
    AnthropicModel("claude-sonnet-5", provider=AnthropicProvider(base_url=BASE, api_key="not-a-key")),
    GoogleModel("gemini-2.5-flash", provider=GoogleProvider(base_url=BASE, api_key="not-a-key")),
]

for model in MODELS:
    kept = []
    agent = Agent(model)

    @agent.tool_plain
    def commit_memory(content: str) -> str:
        """Keeps a fact."""
        kept.append(content)
        return "saved"

    told = agent.run_sync(TOLD[0]["content"])
    assert told.output == "Noted." and told.usage.output_tokens == 2, (model, told)
    known = agent.run_sync(TOLD[2]["content"], message_history=told.all_messages())
    assert known.output == KNOWN and agent.run_sync(TOLD[2]["content"]).output == UNKNOWN, (model, known)
    assert agent.run_sync(REMEMBER).output == REMEMBERED and COLOR in kept[0], (model, kept)
    formed = Agent(model, output_type=Formed).run_sync(TOLD[2]["content"], message_history=told.all_messages())
    assert formed.output.reply == KNOWN, (model, formed)
    streamed = agent.run_stream_sync(TOLD[2]["content"], message_history=told.all_messages())
    assert "".join(streamed.stream_text(delta=True)) == KNOWN, model
