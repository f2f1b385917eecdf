"""Heads and framing of HTTP that never end, that lie, or that are not HTTP."""
import json
import os
import random
import time

from agent import message, rpc
from modes import mode, modes

JSON = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n'


def right(turn):
    """Returns the bytes of a right answer."""
    return json.dumps(rpc(turn, message(turn, 'Noted.'))).encode()


@modes('endless', {
    'headers': (JSON, 'X-A: b\r\n'),
    'header': (JSON + 'X-A: ', 'b'),
    'status-line': ('HTTP/1.1 200 ', 'O'),
    'early-hints': ('', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'),
    'continues': ('', 'HTTP/1.1 100 Continue\r\n\r\n'),
    'body': (JSON + '\r\n{"jsonrpc":"2.0","x":"', 'x'),
    'json': (JSON + '\r\n{"jsonrpc":"2.0","result":[', '{"a":1},'),
    'spaces': (JSON + '\r\n', ' '),
    'chunks': (JSON + 'Transfer-Encoding: chunked\r\n\r\n', '4\r\n[[[[\r\n'),
    'chunk-extension': (JSON + 'Transfer-Encoding: chunked\r\n\r\n2;a=', 'b'),
    'chunk-size': (JSON + 'Transfer-Encoding: chunked\r\n\r\n', '0'),
    'trailers': (JSON + 'Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n', 'X-A: b\r\n'),
    'after-the-body': (JSON + 'Content-Length: 2\r\n\r\n{}', 'HTTP/1.1 200 OK\r\n\r\n'),
    'garbage': ('', '\0\1\2\3'),
    'error-page': ('HTTP/1.1 500 Oh\r\nContent-Type: text/html\r\n\r\n<html>', '<p>'),
})
def endless(agent, parts):
    def on_message(turn, out):
        out.send(parts[0])
        out.forever(parts[1])
    agent.on_message = on_message


@modes('length', {
    'two-gigabytes': '2147483648', 'longer': '1000000', 'shorter': '10', 'negative': '-1', 'text': 'many',
    'empty': '', 'largest': '18446744073709551615', 'too-many-digits': '9' * 400, 'hexadecimal': '0x10',
    'fraction': '2.5', 'two': '10\r\nContent-Length: 20', 'and-chunks': '10\r\nTransfer-Encoding: chunked',
    'zero': '0',
})
def length(agent, value):
    """Sends a right answer with a length that is a lie, and hangs up."""
    agent.on_message = lambda turn, out: out.send(
        JSON.encode() + f'Content-Length: {value}\r\n\r\n'.encode() + right(turn))


@modes('chunk', {
    'largest': b'ffffffffffffffff\r\n', 'too-many-digits': b'f' * 40 + b'\r\n', 'negative': b'-5\r\n',
    'text': b'many\r\n', 'longer': b'fffff\r\n', 'without-end': b'5\nhello',
})
def chunk(agent, first):
    agent.on_message = lambda turn, out: out.send(
        JSON.encode() + b'Transfer-Encoding: chunked\r\n\r\n' + first + right(turn) + b'\r\n0\r\n\r\n')


@mode('chunks-of-one-byte')
def chunks_of_one_byte(agent):
    def on_message(turn, out):
        out.chunked()
        out.forever(b'1\r\n[\r\n')
    agent.on_message = on_message


@modes('drip', {'head': 'HTTP/1.1 200 OK\r\nX-A: ', 'body': JSON + '\r\n{"jsonrpc":', 'nothing': ''})
def drip(agent, first):
    """Sends a byte now and then, and never comes to an end."""
    def on_message(turn, out):
        out.send(first)
        while True:
            time.sleep(0.2)
            out.send('x' if first else '')
    agent.on_message = on_message


@modes('status', {
    'switching': 101, 'no-content': 204, 'reset-content': 205, 'partial': 206, 'not-modified': 304, 'teapot': 418,
    'login': 401, 'large': 999, 'zero': '000', 'negative': '-1', 'four-digits': 2000, 'text': 'OK',
})
def status(agent, code):
    agent.on_message = lambda turn, out: out.answer(right(turn), code)


@modes('retry', {
    'largest': '18446744073709551615', 'largest-signed': '9223372036854775807', 'past-largest': '18446744073709551616',
    'long': '100000000000', 'twenty-digits': '9' * 23, 'year': '31536000', 'negative': '-1', 'smallest': '-9223372036854775808',
    'fraction': '1e308', 'infinite': 'inf', 'date': 'Fri, 31 Dec 9999 23:59:59 GMT', 'old-date': 'Thu, 01 Jan 1970 00:00:00 GMT',
    'text': 'soon', 'empty': '', 'hexadecimal': '0xffffffffffffffff', 'twice': '1\r\nRetry-After: 99999999999', 'digits': '9' * 6000,
})
def retry(agent, after):
    agent.on_message = lambda turn, out: out.answer('', 503, 'text/plain', f'Retry-After: {after}')


@modes('rate', {'largest': '18446744073709551615', 'negative': '-1', 'digits': '9' * 6000})
def rate(agent, after):
    agent.on_message = lambda turn, out: out.answer('', 429, 'text/plain', f'Retry-After: {after}')


@mode('reset')
def reset(agent):
    agent.on_message = lambda turn, out: out.reset()


@mode('hangs-up')
def hangs_up(agent):
    agent.on_message = lambda turn, out: None


@modes('speaks', {
    'noise': lambda turn: random.Random(7).randbytes(10_000),
    'http-0-9': right,
    'http-2': lambda turn: b'\0\0\x12\4\0\0\0\0\0' + b'\0' * 18,
    'http-9': lambda turn: b'HTTP/9.9 200 OK\r\n\r\n' + right(turn),
    'tls': lambda turn: b'\x16\3\1\2\0\1\0\1\xfc\3\3' + os.urandom(200),
    'nul-in-header': lambda turn: JSON.encode() + b'X-A: \0\r\n\r\n' + right(turn),
    'folded-header': lambda turn: JSON.encode() + b'X-A: b\r\n c\r\n\r\n' + right(turn),
    'header-without-name': lambda turn: JSON.encode() + b': b\r\n\r\n' + right(turn),
    'line-feeds': lambda turn: JSON.replace('\r', '').encode() + b'\n' + right(turn),
    'ten-thousand-headers': lambda turn: JSON.encode() + b'X-A: b\r\n' * 10_000 + b'\r\n' + right(turn),
})
def speaks(agent, data):
    agent.on_message = lambda turn, out: out.send(data(turn))
