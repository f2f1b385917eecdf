"""The honest agent: it keeps its conversations in memory and asks the model with the whole history."""
import json
import os
import threading
import uuid

import model
import wire


class Turn:
    """A message of the client."""

    def __init__(self, rpc):
        message = rpc.get('params', {}).get('message', {})
        self.id, self.method = rpc.get('id'), rpc.get('method')
        self.context = message.get('contextId') or str(uuid.uuid4())
        self.task = str(uuid.uuid4())
        self.text = ' '.join(part.get('text', '') for part in message.get('parts', []))


class Agent:
    """An agent whose parts the modes replace."""

    def __init__(self, port):
        self.port = port
        self.sessions = {}
        self.lock = threading.Lock()
        # runs before it listens
        self.before = []
        self.card = {
            'protocolVersion': '0.3.0', 'name': 'hostile', 'description': 'An agent', 'version': '1',
            'url': f'http://127.0.0.1:{port}/', 'preferredTransport': 'JSONRPC', 'capabilities': {},
            'defaultInputModes': ['text/plain'], 'defaultOutputModes': ['text/plain'],
            'skills': [{'id': 'talk', 'name': 'Talk', 'description': 'Talks', 'tags': ['talk']}],
        }

    def serve(self):
        for step in self.before:
            step()
        wire.serve(wire.listen(self.port), self.handle)

    def handle(self, request, out):
        """Answers a request."""
        if request.method == 'POST':
            self.on_message(Turn(request.rpc()), out)
        elif request.path.startswith('/.well-known/agent'):
            self.on_card(out)
        elif request.path == '/admin/session-store':
            self.on_store(out)
        else:
            out.json({'error': 'not found'}, 404)

    def on_card(self, out):
        out.json(self.card)

    def on_store(self, out):
        out.json({'sessions': self.sessions})

    def on_message(self, turn, out):
        out.json(rpc(turn, self.dress(turn, self.think(turn))))

    def history(self, turn):
        """Returns the messages of a conversation."""
        with self.lock:
            return self.sessions.setdefault(turn.context, [])

    def think(self, turn):
        """Returns the reply to a message."""
        history = self.history(turn)
        history.append({'role': 'user', 'content': turn.text})
        reply = model.ask(history)
        history.append({'role': 'assistant', 'content': reply})
        return reply

    def dress(self, turn, reply):
        """Returns the result that carries a reply."""
        return message(turn, reply)


def forget(agent):
    """Makes the agent keep its sessions and send the model only the last message: it must not be green."""
    def think(turn):
        history = agent.history(turn)
        history.append({'role': 'user', 'content': turn.text})
        reply = model.ask(history[-1:])
        history.append({'role': 'assistant', 'content': reply})
        return reply
    agent.think = think


def rpc(turn, result):
    return {'jsonrpc': '2.0', 'id': turn.id, 'result': result}


def text(words):
    return {'kind': 'text', 'text': words}


def message(turn, words):
    return {'kind': 'message', 'role': 'agent', 'messageId': str(uuid.uuid4()), 'contextId': turn.context,
            'parts': [text(words)]}


def task(turn, state, words=None):
    """Returns a task, with an artifact if there are words."""
    value = {'kind': 'task', 'id': turn.task, 'contextId': turn.context, 'status': {'state': state}}
    if words is not None:
        value['artifacts'] = [{'artifactId': 'a', 'parts': [text(words)]}]
    return value


def update(turn, state, final=False):
    """Returns the event of a stream that gives a task another state."""
    return rpc(turn, {'kind': 'status-update', 'taskId': turn.task, 'contextId': turn.context, 'final': final,
                      'status': {'state': state}})


def own(name):
    """Returns the path of a file that the attack may write and that its runner reads."""
    return os.path.join(os.environ.get('HOSTILE_OWN', '/nonexistent'), name)


def note(name, value):
    """Writes a note for the runner of the attack."""
    with open(own(name), 'a', encoding='utf-8') as file:
        file.write(value if isinstance(value, str) else json.dumps(value))
        file.write('\n')
