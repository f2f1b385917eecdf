"""Event streams that never end, break their form, or say nothing."""
import json
import time

from agent import rpc, task, text, update
from modes import mode, modes


def event(value):
    return f'data: {json.dumps(value)}\n\n'


def artifact(turn, words, **more):
    """Returns the event that adds to an artifact."""
    return rpc(turn, {'kind': 'artifact-update', 'taskId': turn.task, 'contextId': turn.context, 'append': True,
                      'lastChunk': False, 'artifact': {'artifactId': 'a', 'parts': [text(words)]}, **more})


@modes('stream-endless', {
    'states': lambda turn: event(update(turn, 'working')),
    'artifacts': lambda turn: event(artifact(turn, 'x')),
    'long-artifacts': lambda turn: event(artifact(turn, 'x' * 100_000)),
    'tasks': lambda turn: event(rpc(turn, task(turn, 'working'))),
    'comments': lambda turn: ': still there\n\n',
    'blank-lines': lambda turn: '\n',
    'ids': lambda turn: 'id: 1\n',
    'names': lambda turn: 'event: x\n',
    'waits': lambda turn: 'retry: 99999999999999999999999\n\n',
    'line': lambda turn: 'x',
    'carriage-returns': lambda turn: '\r',
    'data-lines': lambda turn: 'data: x\n',
    'unknown-fields': lambda turn: 'surprise: yes\n\n',
    'nothing-in-events': lambda turn: 'data:\n\n',
    'nulls': lambda turn: 'data: null\n\n',
})
def endless(agent, piece):
    def on_message(turn, out):
        out.events()
        out.forever(piece(turn))
    agent.on_message = on_message


@modes('stream', {
    'line-of-16-megabytes': lambda turn: 'data: "' + 'x' * (16 << 20) + '"\n\n',
    'deep': lambda turn: 'data: ' + '[' * 100_000 + '\n\n',
    'no-json': lambda turn: 'data: hello\n\n',
    'not-utf-8': lambda turn: b'data: \xff\xfe\xc0\n\n',
    'nul': lambda turn: 'data: \0\n\n' + '\0' * 100,
    'empty': lambda turn: '',
    'half-an-event': lambda turn: event(update(turn, 'working'))[:-40],
    'no-end': lambda turn: event(update(turn, 'working')),
    'final-but-working': lambda turn: event(update(turn, 'working', final=True)),
    'another-task': lambda turn: event(update(turn, 'working')).replace(turn.task, 'other') + event(update(turn, 'completed', True)),
    'error': lambda turn: event({'jsonrpc': '2.0', 'id': turn.id, 'error': {'code': -32603, 'message': 'no'}}),
    'huge-wait': lambda turn: 'retry: 18446744073709551615\n\n' + event(update(turn, 'working')),
    'negative-index': lambda turn: event(artifact(turn, 'x', index=-1, totalChunks=2 ** 64)) + event(update(turn, 'completed', True)),
    'ten-thousand-artifacts': lambda turn: ''.join(
        event(artifact(turn, 'x')).replace('"a"', f'"{n}"') for n in range(10_000)) + event(update(turn, 'completed', True)),
})
def stream(agent, data):
    """Sends these events and closes the stream."""
    def on_message(turn, out):
        out.events()
        out.send(data(turn))
    agent.on_message = on_message


@modes('stream-drip', {'comment': ': \n\n', 'byte': 'd', 'silence': ''})
def drip(agent, piece):
    def on_message(turn, out):
        out.events()
        while True:
            out.send(piece)
            time.sleep(0.2)
    agent.on_message = on_message


@mode('stream-after-the-end')
def after_the_end(agent):
    """Ends the turn without an answer, and goes on sending."""
    def on_message(turn, out):
        out.events()
        out.event(update(turn, 'completed', True))
        out.forever(event(artifact(turn, 'late')))
    agent.on_message = on_message
