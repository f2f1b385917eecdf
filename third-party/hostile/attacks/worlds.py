"""Bombs to the simulated surroundings: whatever is sent to the model and to the platform."""
import base64
import itertools
import json
import os
import threading
import time
import zlib

import model
from agent import forget
from modes import mode, modes

MIB = 1 << 20


def attack(agent, strike):
    """Lets the agent strike once, in its first turn, and forget what was said."""
    forget(agent)
    think, turns = agent.think, itertools.count()

    def attacking(turn):
        if next(turns) == 0:
            strike()
        return think(turn)
    agent.think = attacking


def beside(count, work):
    """Runs something many times in parallel and waits for the end of all."""
    threads = [threading.Thread(target=work, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def head(path, *lines):
    """Returns the head of a request."""
    return '\r\n'.join([f'POST {path} HTTP/1.1', 'Host: world', 'Content-Type: application/json', *lines, '', '']).encode()


CHAT = '/v1/chat/completions'


def send(path, body, *lines):
    """Sends bytes, whatever comes of it, and reads an answer."""
    try:
        with model.raw(head(path, f'Content-Length: {len(body)}', *lines)) as stream:
            stream.sendall(body)
            stream.recv(65536)
    except OSError:
        pass


def said(words):
    """Returns a request that says this to the model."""
    return json.dumps({'model': 'm', 'messages': [{'role': 'user', 'content': words}]}).encode()


@modes('world-body', {
    'two-hundred-megabytes': lambda: said('x' * (200 * MIB)),
    'thirty-megabytes': lambda: said('x' * (30 * MIB)),
    'deep': lambda: b'{"messages":' + b'[' * 1_000_000,
    'deep-closed': lambda: b'{"messages":' + b'[' * 90_000 + b']' * 90_000 + b'}',
    'million-values': lambda: b'{"messages":[0' + b',0' * 10_000_000 + b']}',
    'million-messages': lambda: b'{"messages":[0' + b',{"role":"user","content":"x"}' * 300_000 + b']}',
    'not-json': lambda: b'\0\xff' * 1000,
    'nothing': lambda: b'',
    'numbers': lambda: b'{"model":"m","n":18446744073709551616,"max_tokens":-1,"temperature":1e999,"seed":1e400,'
                       b'"messages":[{"role":"user","content":"hi"}]}',
    'many-choices': lambda: b'{"model":"m","n":2147483647,"logprobs":true,"top_logprobs":2147483647,'
                            b'"messages":[{"role":"user","content":"hi"}]}',
    'spaces': lambda: b' ' * (30 * MIB) + said('hi'),
    'one-word': lambda: said('my name is ' * 100_000),
    'brackets': lambda: said('(((((((((' * 100_000),
    'escapes': lambda: b'{"model":"m","messages":[{"role":"user","content":"' + b'\\u0041' * 2_000_000 + b'"}]}',
})
def world_body(agent, body):
    attack(agent, lambda: send(CHAT, body()))


@modes('world-framing', {
    'length-largest': (b'', 'Content-Length: 18446744073709551615'), 'length-negative': (b'{}', 'Content-Length: -1'),
    'length-two': (b'{}', 'Content-Length: 2', 'Content-Length: 3'), 'chunk-largest': (b'ffffffffffffffff\r\n', 'Transfer-Encoding: chunked'),
    'chunk-text': (b'many\r\n', 'Transfer-Encoding: chunked'), 'gzip': (zlib.compress(b' ' * MIB), 'Content-Encoding: gzip', 'Content-Length: 99'),
    'expect': (b'', 'Content-Length: 9', 'Expect: 100-continue'), 'upgrade': (b'', 'Connection: Upgrade', 'Upgrade: h2c'),
    'long-header': (b'', 'X-A: ' + 'x' * 1_000_000), 'many-headers': (b'', *['X-A: b'] * 50_000),
})
def world_framing(agent, parts):
    def strike():
        with model.raw() as stream:
            stream.settimeout(1)
            try:
                stream.sendall(head(CHAT, *parts[1:]) + parts[0])
                stream.recv(65536)
            except OSError:
                pass
    attack(agent, strike)


@modes('world-endless', {'chunks': (CHAT, b'Transfer-Encoding: chunked\r\n\r\n', b'1000\r\n' + b'x' * 4096 + b'\r\n'),
                         'header': (CHAT, b'X-A: ', b'x'), 'path': ('/', b'', None)})
def world_endless(agent, parts):
    path, rest, again = parts

    def strike():
        first = b'GET /' if again is None else head(path)[:-2] + rest
        try:
            with model.raw(first) as stream:
                while True:
                    stream.sendall((again or b'x') * (1 if again and len(again) > 9 else 65536))
        except OSError:
            pass
    attack(agent, strike)


@modes('world-path', {
    'dots': '/../../../../etc/passwd', 'encoded-dots': '/%2e%2e/%2e%2e/etc/passwd', 'nul': '/v1/files/%00',
    'long': '/' + 'x' * 20_000, 'absolute': 'http://192.0.2.1/', 'percent': '/%ff%fe%', 'files': '/v1/files/../../secret',
    'workspace': '/workspaces/..%2f..%2f/chat/uploads/..%2f..%2fx', 'bidi': '/%e2%80%ae%1b[2J',
})
def world_path(agent, path):
    def strike():
        for method in ['GET', 'POST', 'DELETE', 'TRACE', 'CONNECT']:
            with model.raw(f'{method} {path} HTTP/1.1\r\nHost: w\r\nContent-Length: 0\r\n\r\n'.encode()) as stream:
                stream.settimeout(1)
                try:
                    stream.recv(65536)
                except OSError:
                    pass
    attack(agent, strike)


DIALECTS = ['/v1/chat/completions', '/v1/responses', '/v1/messages', '/v1/completions', '/v1/embeddings', '/v1/moderations',
            '/api/chat', '/api/generate', '/v1beta/models/m:generateContent', '/model/m/converse', '/model/m/invoke',
            '/openai/deployments/m/chat/completions', '/v1/files', '/registry/register', '/workspaces/x/a2a']
WRONG = [b'', b'null', b'[]', b'{}', b'7', b'"x"', b'{"messages":7}', b'{"messages":[7]}', b'{"contents":[[]]}', b'{"input":{}}',
         b'{"messages":[{"role":7,"content":{}}]}', b'{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}', b'\xff']


@mode('world-wrong-types')
def world_wrong_types(agent):
    """Sends what is wrong to every address of every provider."""
    attack(agent, lambda: [send(path, body) for path in DIALECTS for body in WRONG])


@mode('world-memories')
def world_memories(agent):
    """Commits a gigabyte of memories."""
    def strike():
        token = model.register()
        for _ in range(20):
            model.workspace('memories', {'content': 'x' * (30 * MIB)}, token)
            model.workspace('memories', {'content': 'x' * (9 * MIB)}, token)
    attack(agent, strike)


@mode('world-many-memories')
def world_many_memories(agent):
    def strike():
        token = model.register()
        for _ in range(400):
            model.workspace('memories', {'content': 'x' * 200_000, 'scope': 'GLOBAL'}, token)
    attack(agent, strike)


@mode('world-uploads')
def world_uploads(agent):
    """Uploads 150 files of 1.9 megabytes."""
    def strike():
        token = {'Authorization': f'Bearer {model.register()}', 'Content-Type': 'multipart/form-data; boundary=b'}
        part = b'--b\r\nContent-Disposition: form-data; name="files"; filename="../../x"\r\n\r\n' + b'x' * 1_900_000
        for _ in range(150):
            model.call('POST', '/workspaces/x/chat/uploads', part + b'\r\n--b--\r\n', token)
    attack(agent, strike)


@mode('world-held-bodies')
def world_held_bodies(agent):
    """Holds 40 connections, each with a body that is never complete."""
    def strike():
        held = []
        for _ in range(40):
            stream = model.raw(head(CHAT, f'Content-Length: {30 * MIB}'))
            stream.settimeout(0.5)
            try:
                stream.sendall(b' ' * (29 * MIB))
            except OSError:
                pass
            held.append(stream)
        agent.held = held
    attack(agent, strike)


@mode('world-parallel-bodies')
def world_parallel_bodies(agent):
    body = said('x' * (30 * MIB))
    attack(agent, lambda: beside(6, lambda: [send(CHAT, body) for _ in range(4)]))


@modes('world-large-calls', {'chat': CHAT, 'responses': '/v1/responses', 'messages': '/v1/messages'})
def world_large_calls(agent, path):
    words = 'x' * (20 * MIB)
    question = {'input': words} if path == '/v1/responses' else {'max_tokens': 9, 'messages': [{'role': 'user', 'content': words}]}
    body = json.dumps({'model': 'm', **question}).encode()
    attack(agent, lambda: [send(path, body) for _ in range(15)])


@mode('world-unread-answers')
def world_unread_answers(agent):
    """Asks for answers that are large and reads none of them."""
    def strike():
        token = model.register()
        model.workspace('memories', {'content': 'x' * (20 * MIB)}, token)
        line = f'Authorization: Bearer {token}\r\n'
        agent.held = [model.raw(f'GET /workspaces/{os.environ["WORKSPACE_ID"]}/memories HTTP/1.1\r\nHost: w\r\n{line}\r\n'.encode()) for _ in range(200)]
        time.sleep(0.5)
    attack(agent, strike)


@modes('world-connections', {'idle': b'', 'half-a-head': b'POST / HTTP/1.1\r\nX-A'})
def world_connections(agent, data):
    """Opens more connections than the world takes."""
    def strike():
        agent.held = []
        try:
            for _ in range(2500):
                agent.held.append(model.raw(data))
        except OSError:
            pass
        # the agent needs some for itself
        for stream in agent.held[:900]:
            stream.close()
        time.sleep(0.2)
    attack(agent, strike)


@mode('world-pipelined')
def world_pipelined(agent):
    """Sends ten thousand requests over one connection and reads no answer."""
    body = said('hi')
    one = head(CHAT, f'Content-Length: {len(body)}') + body

    def strike():
        with model.raw() as stream:
            stream.settimeout(1)
            try:
                stream.sendall(one * 10_000)
            except OSError:
                pass
            time.sleep(1)
    attack(agent, strike)


@mode('world-token-repeated')
def world_token_repeated(agent):
    """Sends the token, which is redacted, a million times in one call."""
    def strike():
        token = model.register()
        send(CHAT, said((token + ' ') * (20 * MIB // (len(token) + 1))))
    attack(agent, strike)


def png(side):
    """Returns a PNG that claims to be very large."""
    def piece(kind, data):
        return len(data).to_bytes(4, 'big') + kind + data + zlib.crc32(kind + data).to_bytes(4, 'big')
    size = side.to_bytes(4, 'big') * 2 + b'\x08\x02\0\0\0'
    return b'\x89PNG\r\n\x1a\n' + piece(b'IHDR', size) + piece(b'IDAT', zlib.compress(b'\0' * (50 * MIB))) + piece(b'IEND', b'')


def pdf():
    """Returns a PDF with a page that unpacks to a hundred megabytes."""
    packed = zlib.compress(b'(x) Tj ' * (15 * MIB), 9)
    return (b'%PDF-1.4\n1 0 obj<</Length ' + str(len(packed)).encode() + b'/Filter/FlateDecode>>stream\n' + packed
            + b'\nendstream endobj\ntrailer<</Root 1 0 R>>')


@modes('world-file', {
    'png': lambda: ('image/png', png(65_500)), 'largest-png': lambda: ('image/png', png(2 ** 32 - 1)),
    'pdf': lambda: ('application/pdf', pdf()), 'recursive-pdf': lambda: ('application/pdf', b'%PDF-1.4\n1 0 obj<</Kids[1 0 R]/Type/Pages>>endobj\n'),
    'noise': lambda: ('image/png', bytes(range(256)) * 1000),
})
def world_file(agent, make):
    def strike():
        kind, data = make()
        url = f'data:{kind};base64,{base64.b64encode(data).decode()}'
        parts = [{'type': 'image_url', 'image_url': {'url': url}}] if kind == 'image/png' else [
            {'type': 'file', 'file': {'filename': 'x.pdf', 'file_data': url}}]
        for _ in range(20):
            model.complete([{'role': 'user', 'content': parts}])
    attack(agent, strike)
