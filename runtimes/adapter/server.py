"""The A2A server: the agent card, and the SDK's request handler in both protocol versions that the SDK serves."""

import os

import uvicorn
from a2a.server.request_handlers import DefaultRequestHandler
from a2a.server.routes import create_agent_card_routes, create_jsonrpc_routes
from a2a.server.tasks import InMemoryTaskStore
from a2a.types import AgentCapabilities, AgentCard, AgentInterface, AgentSkill
from starlette.applications import Starlette

from adapter.content import content_of
from adapter.executor import Executor

PORT = int(os.environ.get("PORT", "8000"))
PUBLIC_URL = os.environ.get("PUBLIC_URL", f"http://localhost:{PORT}/")  # only what the agent card advertises


def card_of(name, input_modes):
    interfaces = [AgentInterface(url=PUBLIC_URL, protocol_binding="JSONRPC", protocol_version=version)
                  for version in ("1.0", "0.3")]
    return AgentCard(
        name=name, description=f"A {name} agent with a memory.", version="1.0.0",
        supported_interfaces=interfaces, capabilities=AgentCapabilities(streaming=True),
        default_input_modes=input_modes, default_output_modes=["text/plain"],
        skills=[AgentSkill(id="chat", name="Chat", description="Answers questions.", tags=["chat"])])


def serve(name, answer, input_modes, content=content_of, lifespan=None):
    """Serves an agent until the process ends.

    `answer(context_id, content)` is an asynchronous generator of the pieces of an answer. `content(context)` makes the
    content for it of a request. `lifespan` is that of Starlette: what the agent opens before it can answer.
    """
    card = card_of(name, input_modes)
    handler = DefaultRequestHandler(Executor(answer, content), InMemoryTaskStore(), card)
    routes = [*create_agent_card_routes(card), *create_jsonrpc_routes(handler, "/", enable_v0_3_compat=True)]
    app = Starlette(routes=routes, lifespan=lifespan)
    host = os.environ.get("HOST", "0.0.0.0")
    uvicorn.run(app, host=host, port=PORT, log_level="warning", timeout_graceful_shutdown=1)
