"""Bodies that are hard to read: deep, wide, packed, or no JSON."""
import gzip
import json
import zlib

from agent import message, rpc, task, text
from modes import mode, modes


def result(turn, inner):
    """Returns an answer with this text as its result."""
    return f'{{"jsonrpc":"2.0","id":{json.dumps(turn.id)},"result":{inner}}}'


@modes('json', {
    'deep-arrays': lambda: '[' * 100_000,
    'deep-objects': lambda: '{"a":' * 100_000,
    'deep-and-closed': lambda: '[' * 50_000 + ']' * 50_000,
    'million-keys': lambda: '{' + ','.join(f'"{n}":0' for n in range(1_000_000)) + '}',
    'same-key': lambda: '{' + ','.join(['"kind":"message"'] * 500_000) + '}',
    'million-values': lambda: '[0' + ',0' * 5_000_000 + ']',
    'objects': lambda: '[{}' + ',{"a":{}}' * 120_000 + ']',
    'colons': lambda: ':' * 15_000_000,
    'quotes': lambda: '"' * 15_000_000,
    'escapes': lambda: '"' + '\\u0041' * 2_000_000 + '"',
    'backslashes': lambda: '"' + '\\' * 15_000_000,
    'long-number': lambda: '1' * 15_000_000,
    'huge-number': lambda: '1e999999999',
    'lone-surrogate': lambda: '"\\ud800"',
    'nan': lambda: 'NaN',
    'null': lambda: 'null',
    'nothing': lambda: '',
    'comment': lambda: '/* */ {}',
})
def json_text(agent, inner):
    agent.on_message = lambda turn, out: out.answer(result(turn, inner()))


@modes('body', {
    'empty': b'', 'html': b'<html><script>alert(1)</script>', 'array': b'[]', 'text': b'"ok"', 'bom': b'\xef\xbb\xbf{}',
    'utf-16': '{}'.encode('utf-16'), 'not-utf-8': b'{"jsonrpc":"2.0","result":"\xff\xfe\xc0\x80"}', 'nul': b'\0' * 1000,
    'two-documents': b'{}{}', 'xml': b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>',
})
def body(agent, data):
    agent.on_message = lambda turn, out: out.answer(data)


def bomb():
    """Returns a gigabyte of spaces, packed a megabyte at a time."""
    return gzip.compress(b' ' * (1 << 20)) * 1024


@modes('packed', {
    'gzip-bomb': ('gzip', bomb), 'gzip-twice': ('gzip, gzip', lambda: gzip.compress(bomb())),
    'deflate': ('deflate', lambda: zlib.compress(b'{}' * 1000)), 'brotli': ('br', lambda: b'\x0b\x02\x80{}\x03'),
    'unknown': ('rot13', lambda: b'{}'),
})
def packed(agent, case):
    coding, data = case
    agent.on_message = lambda turn, out: out.answer(data(), 200, 'application/json', f'Content-Encoding: {coding}')


@modes('reply', {
    'fifteen-megabytes': lambda turn: message(turn, 'x' * 15_000_000),
    'parts': lambda turn: {**message(turn, ''), 'parts': [text('x')] * 35_000},
    'artifacts': lambda turn: {**task(turn, 'completed'), 'artifacts': [
        {'artifactId': str(n), 'parts': [text('x')]} for n in range(35_000)]},
    'history': lambda turn: {**task(turn, 'completed', 'x'), 'history': [message(turn, 'y')] * 20_000},
    'file': lambda turn: {**message(turn, ''), 'parts': [
        {'kind': 'file', 'file': {'name': 'x', 'mimeType': 'text/plain', 'bytes': 'QUFB' * 3_000_000}}]},
    'file-not-base64': lambda turn: {**message(turn, ''), 'parts': [
        {'kind': 'file', 'file': {'name': 'x', 'mimeType': 'text/plain', 'bytes': '!!!'}}]},
    'one-line': lambda turn: message(turn, 'x' * 1_000_000),
    'lines': lambda turn: message(turn, '\n' * 1_000_000),
    'marks': lambda turn: message(turn, 'e' + '\u0301' * 300_000),
    'flags': lambda turn: message(turn, '\U0001f1e6' * 200_000),
    'no-parts': lambda turn: {**message(turn, ''), 'parts': []},
    'parts-object': lambda turn: {**message(turn, ''), 'parts': {'a': 1}},
    'data': lambda turn: {**message(turn, ''), 'parts': [{'kind': 'data', 'data': json.loads('[' * 90 + ']' * 90)}]},
})
def reply(agent, value):
    agent.on_message = lambda turn, out: out.json(rpc(turn, value(turn)))


@mode('json-in-strings')
def json_in_strings(agent):
    """A reply in which JSON is quoted in JSON, again and again, so that each layer doubles what is escaped."""
    words = 'x'
    for _ in range(20):
        words = json.dumps(words)
    agent.on_message = lambda turn, out: out.json(rpc(turn, message(turn, words)))
