"""What outlives the process: one JSON file for each conversation, and the notes that all conversations share."""

import hashlib
import json
import os
import pathlib

STATE = pathlib.Path(os.environ.get("STATE_DIR", "/data"))
NOTES = pathlib.Path(os.environ.get("MEMORY_DIR", STATE / "memory")) / "notes.txt"


class Sessions:
    """A JSON value for each context. A file is replaced whole, so that a kill leaves the old one or the new one."""

    def __init__(self):
        self.folder = STATE / "sessions"
        self.folder.mkdir(parents=True, exist_ok=True)

    def load(self, context_id):
        path = self.path(context_id)
        return json.loads(path.read_text()) if path.exists() else None

    def save(self, context_id, value):
        path = self.path(context_id)
        new = path.with_suffix(".new")
        new.write_text(json.dumps(value, ensure_ascii=False))
        new.replace(path)

    def path(self, context_id):
        """A client chooses the contextId, so it does not become a path itself."""
        return self.folder / f"{hashlib.sha256(context_id.encode()).hexdigest()[:32]}.json"


def keep_note(text):
    NOTES.parent.mkdir(parents=True, exist_ok=True)
    with NOTES.open("a") as file:
        file.write(text.replace("\n", " ") + "\n")
    return "Kept."


def find_notes(query):
    """Returns the notes that share a word with the query, or all of them if none does."""
    notes = NOTES.read_text().splitlines() if NOTES.exists() else []
    words = set(query.lower().split())
    found = [note for note in notes if words & set(note.lower().split())]
    return "\n".join(found or notes) or "There are no notes."
