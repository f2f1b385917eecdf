"""Answers in the right form whose ids, states and numbers are traps."""
import itertools
import json
import uuid

from agent import message, own, rpc, task
from modes import mode, modes

LONG = 'x' * 100_000


@modes('id', {
    'path': '../../../' * 4 + 'escaped', 'absolute': own('escaped'), 'long': LONG, 'nul': 'a\0b', 'empty': '',
    'dot': '..', 'device': '/dev/full', 'newlines': 'a\n\n\nb', 'quotes': '"\'`$(touch escaped)', 'bidi': '\u202eabc',
    'not-a-text': 7, 'object': {'a': {'b': 1}}, 'huge': 10 ** 400,
})
def ids(agent, value):
    """Gives this id to everything that has one."""
    def on_message(turn, out):
        honest = task(turn, 'completed', agent.think(turn))
        result = {**honest, 'id': value, 'contextId': value, 'metadata': {'taskId': value}}
        result['artifacts'][0]['artifactId'] = value
        out.json({'jsonrpc': '2.0', 'id': value, 'result': result})
    agent.on_message = on_message


@modes('state', {
    'working': 'working', 'submitted': 'submitted', 'input-required': 'input-required', 'auth-required': 'auth-required',
    'unknown': 'unknown', 'invented': 'exploded', 'failed': 'failed', 'rejected': 'rejected', 'long': LONG, 'number': 7,
    'null': None,
})
def state(agent, value):
    """Answers every message and every poll with a task in this state."""
    agent.on_message = lambda turn, out: out.json(rpc(turn, task(turn, value)))


@mode('state-new-task-each-poll')
def new_task_each_poll(agent):
    def on_message(turn, out):
        out.json(rpc(turn, {**task(turn, 'working'), 'id': str(uuid.uuid4()), 'contextId': str(uuid.uuid4())}))
    agent.on_message = on_message


@mode('state-grows')
def grows(agent):
    """Each poll brings a task that is a megabyte larger."""
    size = itertools.count(1)

    def on_message(turn, out):
        out.json(rpc(turn, task(turn, 'working', LONG * 10 * next(size))))
    agent.on_message = on_message


NUMBERS = {'largest': 2 ** 64, 'smallest': -2 ** 63 - 1, 'long': 10 ** 300, 'exponent': 'E', 'fraction': 0.1, 'negative': -1}


@modes('code', NUMBERS)
def code(agent, number):
    """Refuses with this number as the code, and as everything else."""
    def on_message(turn, out):
        error = {'code': number, 'message': 'no', 'data': {'retryAfter': number, 'retry_after_ms': number}}
        text = json.dumps({'jsonrpc': '2.0', 'id': turn.id, 'error': error})
        out.answer(text.replace('"E"', '1e400'))
    agent.on_message = on_message


@modes('number', NUMBERS)
def number(agent, value):
    """An honest reply, with this number in every field that could hold one."""
    def on_message(turn, out):
        result = message(turn, agent.think(turn))
        numbers = {key: value for key in ['timestamp', 'index', 'historyLength', 'totalArtifacts', 'ttl', 'usage', 'size']}
        result.update(numbers, metadata=numbers)
        text = json.dumps({**rpc(turn, result), **numbers})
        out.answer(text.replace('"E"', '1e400'))
    agent.on_message = on_message


@modes('error', {
    'empty': {}, 'text': 'no', 'array': [], 'long': {'code': -32603, 'message': LONG * 50},
    'deep': {'code': -32603, 'message': 'no', 'data': json.loads('[' * 90 + ']' * 90)},
    'and-result': {'code': 0, 'message': ''}, 'rate': {'code': -32000, 'message': 'rate limit: too many requests, retry in 1e999 s'},
})
def error(agent, value):
    agent.on_message = lambda turn, out: out.json({**rpc(turn, message(turn, 'x')), 'error': value})


@mode('answers-another')
def answers_another(agent):
    """Answers with the reply to the message before, under its id and its context."""
    before = []

    def on_message(turn, out):
        before.append(rpc(turn, message(turn, agent.think(turn))))
        out.json(before[max(0, len(before) - 2)])
    agent.on_message = on_message


@mode('version-unknown')
def version_unknown(agent):
    agent.on_message = lambda turn, out: out.json({**rpc(turn, message(turn, agent.think(turn))), 'jsonrpc': '9' * 1000})
