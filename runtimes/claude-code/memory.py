"""The memory of the agent as an MCP server. It listens on this machine only, in a thread of the agent's process."""

import socket
import threading

import uvicorn
from mcp.server.mcpserver import MCPServer

from adapter import disk

server = MCPServer("memory")


@server.tool()
def commit_memory(text: str) -> str:
    """Keep a note that all later conversations can find."""
    return disk.keep_note(text)


@server.tool()
def search_memory(query: str) -> str:
    """Find the notes of earlier conversations."""
    return disk.find_notes(query)


def start():
    """Starts the server and returns what Claude Code has to know about it.

    The tools are always loaded: Claude Code would otherwise show their names only, and start before it has them.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    app = server.streamable_http_app(stateless_http=True, json_response=True)
    web = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    threading.Thread(target=web.run, args=[[listener]], daemon=True).start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"
    return {"mcpServers": {"memory": {"type": "http", "url": url, "alwaysLoad": True}}}
