"""The simulated surroundings: the model and the platform."""
import http.client
import json
import os
import socket
from urllib.parse import urlsplit


def world():
    """Returns the host and the port of the simulated world."""
    parts = urlsplit(os.environ['PLATFORM_URL'])
    return parts.hostname, parts.port


def call(method, path, body=None, headers=None, timeout=30):
    """Sends a request to the world and returns its status and its answer; 0 if it hung up."""
    connection = http.client.HTTPConnection(*world(), timeout=timeout)
    try:
        connection.request(method, path, body, {'Content-Type': 'application/json', **(headers or {})})
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b''
    finally:
        connection.close()


def post(path, value, headers=None):
    """Sends JSON to the world and returns its answer, decoded if it is JSON."""
    status, body = call('POST', path, json.dumps(value), headers)
    try:
        return status, json.loads(body)
    except ValueError:
        return status, {}


def complete(messages, **more):
    """Asks the model and returns the status and the answer."""
    return post('/v1/chat/completions', {'model': 'gpt-5-mini', 'messages': messages, **more})


def ask(messages, **more):
    """Returns what the model says, or an empty text if it refuses."""
    _, answer = complete(messages, **more)
    return answer.get('choices', [{}])[0].get('message', {}).get('content') or ''


def register():
    """Registers with the platform and returns the token, which only the first call gets."""
    _, answer = post('/registry/register', {'id': os.environ.get('WORKSPACE_ID', 'x')})
    return answer.get('auth_token', '')


def workspace(path, value, token):
    """Sends JSON to a path of the workspace."""
    name = os.environ.get('WORKSPACE_ID', 'x')
    return post(f'/workspaces/{name}/{path}', value, {'Authorization': f'Bearer {token}'})


def raw(data=b''):
    """Opens a connection to the world and sends these bytes."""
    stream = socket.create_connection(world(), timeout=30)
    if data:
        stream.sendall(data)
    return stream
