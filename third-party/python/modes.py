"""The modes. What each of them does, and what is true of it, stands in truth.toml."""

import os

MODES = {
    "good",
    # sessions.py
    "store-list", "never-read-back", "lost-at-exit", "one-session", "session-per-task", "last-writer-wins",
    "at-once",
    # prompt.py
    "window-of-six", "newest-first", "user-half-only", "ascii-only", "file-dropped-beside-text", "files-not-in-history",
    "file-cut", "file-name-trusted",
    # agent.py, model.py and memory.py
    "half-answer", "apology", "duplicate-executed", "cancel-raises", "cancel-ignored", "memory-tool",
    "memory-not-written", "approval", "approval-forgotten",
    # reply.py and server.py
    "status-stream", "input-required", "follow-up-in-new-context", "cancel-refused",
}

MODE = os.environ.get("MODE", "good")
if MODE not in MODES:
    raise SystemExit(f"MODE={MODE} is not known")


def on(*modes):
    """Whether one of these modes is on."""
    assert MODES.issuperset(modes), modes
    return MODE in modes
