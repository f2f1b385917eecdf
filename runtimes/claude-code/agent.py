"""Claude Code behind an A2A server: each turn is one `claude -p`, which resumes the session of its conversation.

VARIANT=naive is what one writes first: `claude -p --continue` in one folder, which goes on with the latest conversation,
whosever it was, and words only, so that files are dropped.
"""

import asyncio
import contextlib
import json
import os
import signal
import tempfile

import memory
from adapter import disk
from adapter.content import content_of, words_of
from adapter.executor import Instead
from adapter.server import serve

NAIVE = os.environ.get("VARIANT") == "naive"
WORK = disk.STATE / "work"
PATIENCE = 10          # seconds for a process to end when it is asked to, before it is killed
LONGEST_LINE = 2**26   # bytes of an event, which holds a whole message


SETTINGS = {
    "permissions": {"defaultMode": "dontAsk", "allow": ["mcp__memory", "Skill"]},     # everything else is denied
    "autoMemoryEnabled": False,                                                       # its own, beside memory.py
    "cleanupPeriodDays": 36_500,                                                      # otherwise sessions end after 30
}


def options():
    return ["--settings", json.dumps(SETTINGS), "--mcp-config", json.dumps(memory.start())]


@contextlib.asynccontextmanager
async def running(command, stderr):
    """A process with a group of its own. If the block is left before its end, it is asked to end, then killed."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=WORK, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=stderr,
        start_new_session=True, limit=LONGEST_LINE)
    try:
        yield process
    finally:
        if process.returncode is None:
            signal_group(process, signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), PATIENCE)
        finally:
            signal_group(process, signal.SIGKILL)            # also what it started and left behind


def signal_group(process, number):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


class Good:
    def __init__(self):
        self.options = options()
        self.sessions = disk.Sessions()

    async def answer(self, context_id, content):
        """Resumes the session of the context, or starts one.

        A new session is remembered only once its process has ended: by then the session is on the disk, so it can be resumed,
        even if the turn was canceled.
        """
        known = self.sessions.load(context_id)
        started = None
        command = ["claude", "-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose",
                   "--include-partial-messages", *(["--resume", known] if known else []), *self.options]
        answer = Answer()
        try:
            async with contextlib.aclosing(events(command, message_of(content))) as stream:
                async for event in stream:
                    started = event.get("session_id", started)
                    for piece in answer.pieces(event):
                        yield piece
        finally:
            if started and not known:
                self.sessions.save(context_id, started)


async def events(command, message):
    """What the process says, up to its end."""
    with tempfile.TemporaryFile() as stderr:
        async with running(command, stderr) as process:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):       # it says why on stderr
                process.stdin.write(json.dumps(message).encode() + b"\n")
                await process.stdin.drain()
            process.stdin.close()
            event = {}
            async for line in process.stdout:
                event = json.loads(line)
                yield event
            if event.get("type") != "result":
                await process.wait()
                stderr.seek(0)
                said = stderr.read(10_000).decode(errors="replace").strip()
                raise RuntimeError(f"claude ended with {process.returncode}: {said}")


def message_of(content):
    blocks = [block_of(part) for part in content]
    return {"type": "user", "message": {"role": "user", "content": blocks}}


def block_of(part):
    """A part of OpenAI Chat Completions as a block of Anthropic Messages."""
    if part["type"] == "text":
        text = part["text"]
        is_command = text.lstrip().startswith("/")           # which Claude Code would execute, not the model
        return {"type": "text", "text": f"The user says: {text}" if is_command else text}
    if part["type"] == "image_url":
        return {"type": "image", "source": source_of(part["image_url"]["url"])}
    file = part["file"]
    return {"type": "document", "title": file["filename"], "source": source_of(file["file_data"])}


def source_of(url):
    mime, data = url.removeprefix("data:").split(";base64,", 1)
    return {"type": "base64", "media_type": mime, "data": data}


class Answer:
    """The words of an answer, as the model streams them: those of its finished messages, and of the one that it is at."""

    def __init__(self):
        self.finished = self.streamed = ""

    def pieces(self, event):
        """What subagents say is for Claude Code itself, so it is left out."""
        if event["type"] == "result" and event["is_error"]:
            raise RuntimeError(event.get("result") or event["subtype"])
        if event.get("parent_tool_use_id"):
            return
        if event["type"] == "assistant":
            self.finished, self.streamed = self.finished + self.streamed, ""
        elif event.get("subtype") == "api_retry" and self.streamed:
            self.streamed = ""
            yield Instead(self.finished)
        elif event["type"] == "stream_event" and (text := event["event"].get("delta", {}).get("text")):
            piece = f"\n\n{text}" if self.finished and not self.streamed else text
            self.streamed += piece
            yield piece


class Naive:
    def __init__(self):
        self.options = options()

    async def answer(self, context_id, content):
        words = "\n\n".join(part["text"] for part in content)
        command = ["claude", "-p", "--continue", "--output-format", "json", *self.options, "--", words]
        process = await asyncio.create_subprocess_exec(
            *command, cwd=WORK, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE)
        stdout, _ = await process.communicate()
        yield json.loads(stdout)["result"]


if __name__ == "__main__":
    WORK.mkdir(parents=True, exist_ok=True)
    os.environ["HOME"] = os.environ["CLAUDE_CONFIG_DIR"] = str(disk.STATE)
    if NAIVE:
        serve("claude-code", Naive().answer, ["text/plain"], content=words_of)
    else:
        modes = ["text/plain", "image/png", "application/pdf"]
        serve("claude-code", Good().answer, modes, content=content_of)
