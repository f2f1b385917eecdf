"""HTTP on raw sockets, so that a mode can send what no library would."""
import errno
import json
import socket
import threading
import time


class Request:
    """A request that was read to its end."""

    def __init__(self, method, path, head, body):
        self.method, self.path, self.head, self.body = method, path, head, body

    def rpc(self):
        """Returns the body as a JSON-RPC request."""
        return json.loads(self.body)


class Connection:
    """What an answer is written to. It is closed after the answer."""

    def __init__(self, stream):
        self.stream = stream

    def send(self, data):
        self.stream.sendall(data if isinstance(data, bytes) else data.encode())

    def forever(self, data):
        """Sends the same bytes until the other side hangs up."""
        data = data if isinstance(data, bytes) else data.encode()
        data *= max(1, 65536 // len(data))
        while True:
            self.send(data)

    def head(self, status=200, kind='application/json', *lines):
        """Sends a head without a length: the body ends with the connection."""
        self.send(f'HTTP/1.1 {status} OK\r\nContent-Type: {kind}\r\nConnection: close\r\n')
        self.send(''.join(f'{line}\r\n' for line in lines) + '\r\n')

    def answer(self, body, status=200, kind='application/json', *lines):
        """Sends an answer with its length."""
        body = body if isinstance(body, bytes) else body.encode()
        self.head(status, kind, f'Content-Length: {len(body)}', *lines)
        self.send(body)

    def json(self, value, status=200, *lines):
        self.answer(json.dumps(value), status, 'application/json', *lines)

    def chunk(self, data):
        data = data if isinstance(data, bytes) else data.encode()
        self.send(b'%x\r\n%s\r\n' % (len(data), data))

    def chunked(self, kind='application/json'):
        """Sends the head of a chunked answer."""
        self.head(200, kind, 'Transfer-Encoding: chunked')

    def event(self, value):
        """Sends an event of a stream."""
        self.send(f'data: {json.dumps(value)}\n\n')

    def events(self):
        """Sends the head of an event stream."""
        self.head(200, 'text/event-stream')

    def reset(self):
        """Ends the connection with a reset."""
        self.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
        self.stream.close()


def read_request(stream):
    """Returns a request, or None if the client sends none."""
    data = b''
    while b'\r\n\r\n' not in data:
        more = stream.recv(65536)
        if not more:
            return None
        data += more
    head, body = data.split(b'\r\n\r\n', 1)
    first, *lines = head.decode('latin-1').split('\r\n')
    pairs = (line.split(':', 1) for line in lines)
    headers = {name.lower(): value.strip() for name, value in pairs}
    while len(body) < int(headers.get('content-length', 0)):
        more = stream.recv(1 << 20)
        if not more:
            return None
        body += more
    method, path, _ = first.split(' ')
    return Request(method, path, head.decode('latin-1'), body)


def listen(port):
    """Returns a listening socket on this machine."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # a connection of somebody else may have the port for a moment
    for _ in range(50):
        try:
            listener.bind(('127.0.0.1', port))
            break
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            time.sleep(0.1)
    listener.listen(512)
    return listener


def serve(listener, handle):
    """Answers each connection in a thread of its own, for ever."""
    def answer(stream):
        # the client may hang up at any moment
        try:
            with stream:
                request = read_request(stream)
                if request:
                    handle(request, Connection(stream))
        except OSError:
            pass
    while True:
        stream, _ = listener.accept()
        threading.Thread(target=answer, args=(stream,), daemon=True).start()
