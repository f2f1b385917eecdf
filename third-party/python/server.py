"""An A2A agent on a2a-sdk: its card, and the SDK's request handler, in both protocol versions that the SDK serves.

It answers by OpenAI Chat Completions and keeps a conversation for each contextId in $COALMINE_STATE_DIR. In the mode
`good` it keeps all that profile.toml promises; every other $MODE breaks it in one known way, or makes it unusual but
correct. The modules: agent.py a turn, sessions.py the store, prompt.py what the model is shown, model.py the model,
memory.py its tools, reply.py the answer, modes.py the names of the modes.
"""

import contextlib
import os
import uuid

import uvicorn
from a2a.server.request_handlers import DefaultRequestHandler
from a2a.server.routes import create_agent_card_routes, create_jsonrpc_routes
from a2a.server.tasks import InMemoryTaskStore
from a2a.types import AgentCapabilities, AgentCard, AgentInterface, AgentSkill
from a2a.utils.errors import TaskNotCancelableError
from starlette.applications import Starlette

from agent import Agent
from modes import on

PORT = int(os.environ.get("PORT", "8000"))


class Handler(DefaultRequestHandler):
    """The SDK's handler, and what it leaves to do."""

    async def place(self, message, context):
        """Puts a message without a contextId into the context of its task, where the SDK makes a new one."""
        task = message.task_id and await self.task_store.get(message.task_id, context)
        if task and on("follow-up-in-new-context"):
            message.task_id, message.context_id = "", str(uuid.uuid4())
        elif task and not message.context_id:
            message.context_id = task.context_id

    async def on_message_send(self, params, context):
        await self.place(params.message, context)
        # of two messages at once to a waiting task the SDK answers both with what comes first
        task = params.message.task_id
        async with self.agent_executor.sessions.locks[f"task {task}"] if task else contextlib.nullcontext():
            return await super().on_message_send(params, context)

    async def on_message_send_stream(self, params, context):
        await self.place(params.message, context)
        async for event in super().on_message_send_stream(params, context):
            yield event

    async def on_cancel_task(self, params, context):
        if on("cancel-refused"):
            raise TaskNotCancelableError
        return await super().on_cancel_task(params, context)


def application():
    interfaces = [AgentInterface(url=f"http://127.0.0.1:{PORT}/", protocol_binding="JSONRPC", protocol_version=version)
                  for version in ("1.0", "0.3")]
    card = AgentCard(
        name="A stranger", description="Answers with a model and remembers each conversation.", version="1.0.0",
        supported_interfaces=interfaces, capabilities=AgentCapabilities(streaming=True),
        default_input_modes=["text/plain", "image/png", "application/pdf"], default_output_modes=["text/plain"],
        skills=[AgentSkill(id="chat", name="Chat", description="Talks.", tags=["chat"])])
    agent = Agent()
    handler = Handler(agent, InMemoryTaskStore(), card)
    routes = [*create_agent_card_routes(card), *create_jsonrpc_routes(handler, "/", enable_v0_3_compat=True)]

    @contextlib.asynccontextmanager
    async def lifespan(_):
        yield
        agent.sessions.close()

    return Starlette(routes=routes, lifespan=lifespan)


if __name__ == "__main__":
    uvicorn.run(application(), host="127.0.0.1", port=PORT, log_level="warning", timeout_graceful_shutdown=1)
