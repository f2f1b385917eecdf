"""What the model is shown: of a message its words and files, and of the history what came before."""

import base64
import pathlib

import httpx
from a2a.helpers import get_message_text

from modes import on
from sessions import STATE


async def content_of(message):
    """A message for the model: its words, text files pasted, pictures and documents as parts."""
    words = get_message_text(message)
    if on("ascii-only"):
        words = words.encode("ascii", "ignore").decode()
    content = [text_of(words)] if words else []
    files = [part for part in message.parts if part.HasField("raw") or part.HasField("url")]
    if on("file-dropped-beside-text") and words:
        files = []
    return content + [await file_of(part) for part in files]


async def file_of(part):
    name, mime, data = part.filename or "file", part.media_type, part.raw
    if part.url:
        async with httpx.AsyncClient(follow_redirects=True) as client:
            data = (await client.get(part.url)).raise_for_status().content
    if on("file-name-trusted"):
        (STATE / "uploads").mkdir(exist_ok=True)
        (STATE / "uploads" / name).write_bytes(data)
    if on("file-cut"):
        data = data[:100_000]
    name = "".join(c for c in pathlib.PurePath(name).name if c.isprintable())[:100] or "file"
    url = f"data:{mime};base64,{base64.b64encode(data).decode()}"
    if mime.startswith("image/"):
        return {"type": "image_url", "image_url": {"url": url}}
    if mime == "application/pdf":
        return {"type": "file", "file": {"filename": name, "file_data": url}}
    return text_of(f"Attached file {name}:\n{data.decode('utf-8', 'replace')}")


def kept_of(message, content):
    """What the history keeps of a message."""
    if on("files-not-in-history"):
        return [text_of(get_message_text(message) or "(a file)")]
    return content


def prompt_of(messages, question, content):
    """The messages for the model: the history, and the question with all that it holds."""
    earlier = [message for message in messages if message is not question]
    if on("user-half-only"):
        earlier = [message for message in earlier if message["role"] == "user"]
    if on("window-of-six"):
        earlier = earlier[-6:]
    if on("newest-first"):
        earlier.reverse()
    earlier = [{"role": message["role"], "content": message["content"]} for message in earlier]
    return [*earlier, {"role": "user", "content": content}]


def text_of(text):
    return {"type": "text", "text": text}
