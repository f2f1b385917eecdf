"""The conversations: whose they are, how they are kept, and the order of their turns."""

import asyncio
import collections
import hashlib
import json
import os
import pathlib

from modes import on

STATE = pathlib.Path(os.environ.get("COALMINE_STATE_DIR", "state"))


def key_of(context):
    """The session that a turn belongs to."""
    if on("one-session"):
        return "all"
    return context.task_id if on("session-per-task") else context.context_id


class Sessions:
    """A list of messages for each key, in a file that is replaced whole after each change."""

    def __init__(self):
        self.folder = STATE / "sessions"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.open = {}
        self.locks = collections.defaultdict(asyncio.Lock)

    def turn(self, key):
        """Turns of one session come one after the other."""
        return asyncio.Lock() if on("last-writer-wins", "at-once") else self.locks[key]

    def load(self, key):
        if key not in self.open:
            path = self.path(key)
            there = path.exists() and not on("never-read-back")
            self.open[key] = self.parse(path.read_text()) if there else []
        copied = on("last-writer-wins")
        return list(self.open[key]) if copied else self.open[key]

    def save(self, key, messages):
        self.open[key] = messages
        new = self.path(key).with_suffix(".new")
        new.write_text(json.dumps(messages if on("store-list") else {"messages": messages}))
        new.replace(self.path(key))

    def close(self):
        """Called when the process ends in good order."""
        if on("lost-at-exit"):
            for key in self.open:
                self.path(key).unlink(missing_ok=True)

    def path(self, key):
        return self.folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"

    @staticmethod
    def parse(text):
        return json.loads(text) if on("store-list") else json.loads(text)["messages"]
