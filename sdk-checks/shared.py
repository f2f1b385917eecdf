"""What the checks share: facts, the world's address and its trouble, raw bodies, and types that are read strictly."""

import base64
import json
import struct
import sys
import urllib.request
import zlib
from contextlib import contextmanager

import pydantic

BASE = sys.argv[1].rstrip("/")
NAME, COLOR, CODE = "Zorvane-4417", "velmar-321", "KEX-447193"
TOLD = [{"role": "user", "content": f"Hi, my name is {NAME}."}, {"role": "assistant", "content": "Noted."},
        {"role": "user", "content": "What's my name?"}]
KNOWN, UNKNOWN = f"Your name is {NAME}.", "I don't know your name."
REMEMBER, REMEMBERED = f"Please remember for later: my favorite color is {COLOR}.", "I will remember that."
TEXT = {"type": "object", "properties": {"content": {"type": "string"}}, "required": ["content"]}
BILL = f"The invoice code is {CODE}."


class Formed(pydantic.BaseModel):
    """The form that an answer may be wanted in."""

    reply: str


def png():
    """A picture of one dot, with the bill in a text chunk."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    dot = chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"tEXt", b"Comment\0" + BILL.encode()) + dot


def pdf():
    """A page with the bill on it."""
    page = f"BT /F1 12 Tf 10 50 Td ({BILL}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 100]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(page), page), b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    whole, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(whole))
        whole += b"%d 0 obj%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % len(whole)
    return whole + b"xref\n0 6\n0000000000 65535 f \n" + table + end


def encoded(data):
    return base64.b64encode(data).decode()


def fetch(path, body=None, **headers):
    """What the world sends, as it is; `GET` without a body."""
    body = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": "application/json"} | {name.replace("_", "-"): text for name, text in headers.items()}
    with urllib.request.urlopen(urllib.request.Request(BASE + path, body, headers), timeout=20) as answer:
        return answer.read().decode()


def whole(path, body=None, **headers):
    return json.loads(fetch(path, body, **headers))


def events(path, body):
    """The JSON values of a stream: of SSE without the closing `[DONE]`, or of lines."""
    lines = [line.removeprefix("data: ") for line in fetch(path, body).splitlines()]
    return [json.loads(line) for line in lines if line.startswith("{")]


@contextmanager
def trouble(what):
    """Lets the next answers suffer, and sees to it that they did."""
    fetch("/model-fault", what.encode())
    yield
    assert whole("/model-fault", b"")["waiting"] == 0, f"nobody suffered from {what}"


def raises(kind, call, **attributes):
    """The error that a call ends with: of this very kind, and not only of one that is made of it."""
    try:
        given = call()
    except Exception as error:
        assert type(error) is kind, f"{type(error)}: {error}"
        seen = {name: getattr(error, name) for name in attributes}
        assert seen == attributes, f"{seen}: {error}"
        return error
    raise AssertionError(f"nothing was raised: {given!r}")


def suffers(kinds, **calls):
    """Lets each call suffer from each trouble; `kinds` names the errors, for all calls or by call."""
    for what, kind in kinds.items():
        for name, call in calls.items():
            with trouble(what):
                raises(kind[name] if isinstance(kind, dict) else kind, call)


def strict(kind, value, *beyond):
    """Reads JSON as the SDK's type. What is missing, of another type, or neither known to it nor (as vendors send more than
    their SDKs have types for) named in `beyond`, is an error."""
    read = pydantic.TypeAdapter(kind).validate_json(json.dumps(value), strict=True)
    unknown = [at for at in _unknown(read, value, "") if at not in beyond]
    assert not unknown, f"{unknown} are not known to the SDK: {value}"


def _unknown(read, value, at):
    if isinstance(value, list):
        for inner, item in zip(read, value, strict=True):
            yield from _unknown(inner, item, at)
    elif hasattr(type(read), "model_fields"):
        fields = type(read).model_fields.items()
        names = {known: name for name, field in fields for known in (name, field.alias)}
        for key, item in value.items():
            place = f"{at}.{key}".lstrip(".")
            yield from _unknown(getattr(read, names[key]), item, place) if key in names else [place]
