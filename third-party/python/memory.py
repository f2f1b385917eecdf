"""The notes that all conversations share, offered to the model as two tools."""

import os
import pathlib

from modes import on
from sessions import STATE

WRITE, READ = "commit_memory", "search_memory"
NOTES = pathlib.Path(os.environ.get("MOLECULE_MEMORY_ROOT", STATE / "memory")) / "notes.txt"


def tool(name, description):
    text = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": text}}


def tools():
    """What is offered to the model."""
    if not on("memory-tool", "memory-not-written", "approval", "approval-forgotten"):
        return []
    return [tool(WRITE, "Keep a note for later."), tool(READ, "Find notes.")]


def call(name, text):
    """What a tool answers."""
    if name == READ:
        return NOTES.read_text() if NOTES.exists() else "There are no notes."
    if not on("memory-not-written"):
        NOTES.parent.mkdir(parents=True, exist_ok=True)
        with NOTES.open("a") as file:
            file.write(text + "\n")
    return "Kept."
