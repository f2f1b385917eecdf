"""A message for the model, in the parts of OpenAI Chat Completions: its words, and its files."""

import base64
import pathlib


def content_of(context):
    """Words and files. Text files are pasted; pictures and PDFs stay files; others are refused, and so are links."""
    return [part for part in map(part_of, context.message.parts) if part]


def words_of(context):
    """Words only: what is left if nobody thinks of files."""
    return [text_part(context.get_user_input())]


def part_of(part):
    if part.HasField("text"):
        return text_part(part.text) if part.text else None
    name = pathlib.PurePath(part.filename).name if part.filename else "file"
    name = "".join(character for character in name if character.isprintable())[:100] or "file"
    if part.HasField("url"):
        raise ValueError(f"`{name}` is a link: send the file itself")
    if not part.HasField("raw"):
        raise ValueError("a data part: send text or files")
    mime = part.media_type or "text/plain"
    url = f"data:{mime};base64,{base64.b64encode(part.raw).decode()}"
    if mime.startswith("image/"):
        return {"type": "image_url", "image_url": {"url": url}}
    if mime == "application/pdf":
        return {"type": "file", "file": {"filename": name, "file_data": url}}
    try:
        return text_part(f"Attached file {name}:\n{part.raw.decode()}")
    except UnicodeDecodeError:
        raise ValueError(f"`{name}` of type `{mime}` is neither text, a picture nor a PDF") from None


def text_part(text):
    return {"type": "text", "text": text}
