"""Requests whose schemas and tools explode when they are followed."""
import model
from modes import modes

from .worlds import attack


def doubling(depth):
    """Returns a schema in which each definition holds the next one twice."""
    definitions = {f'd{n}': {'type': 'object', 'properties': {'a': {'$ref': f'#/$defs/d{n + 1}'}, 'b': {'$ref': f'#/$defs/d{n + 1}'}},
                             'required': ['a', 'b']} for n in range(depth)}
    definitions[f'd{depth}'] = {'type': 'string'}
    return {'$ref': '#/$defs/d0', '$defs': definitions}


def nested(depth):
    value = {'type': 'string'}
    for _ in range(depth):
        value = {'type': 'object', 'properties': {'a': value}, 'required': ['a']}
    return value


SCHEMAS = {
    'doubling': doubling(60),
    'recursive': {'$ref': '#'},
    'mutually-recursive': {'$ref': '#/$defs/a', '$defs': {'a': {'$ref': '#/$defs/b'}, 'b': {'$ref': '#/$defs/a'}}},
    'recursive-items': {'type': 'array', 'minItems': 1000, 'items': {'$ref': '#'}},
    'required-recursion': {'type': 'object', 'properties': {'a': {'$ref': '#'}}, 'required': ['a']},
    'huge-minimum': {'type': 'string', 'minLength': 2 ** 62},
    'huge-items': {'type': 'array', 'minItems': 2 ** 62, 'items': {'type': 'array', 'minItems': 2 ** 62}},
    'nested': nested(80),
    'regular-expression': {'type': 'string', 'pattern': '^(([a-z])+.)+[A-Z]([a-z])+$' * 50},
    'huge-repetition': {'type': 'string', 'pattern': '((a{1000}){1000}){1000}'},
    'all-of': {'allOf': [{'anyOf': [{'oneOf': [{'$ref': '#'}] * 20}] * 20}] * 20},
    'ten-thousand-properties': {'type': 'object', 'properties': {f'p{n}': {'type': 'string'} for n in range(10_000)},
                                'required': [f'p{n}' for n in range(10_000)]},
    'not-a-schema': {'type': {'type': {'type': 7}}, 'properties': [], 'required': 'a', 'enum': {}},
}


@modes('schema', SCHEMAS)
def schema(agent, value):
    """Demands answers of this form, and offers tools of it."""
    def strike():
        user = [{'role': 'user', 'content': 'Please remember for later: my favorite color is Blue.'}]
        demand = {'type': 'json_schema', 'json_schema': {'name': 'x', 'schema': value}}
        tool = {'type': 'function', 'function': {'name': 'commit_memory', 'description': 'x', 'parameters': value}}
        model.complete(user, response_format=demand)
        model.complete(user, tools=[tool])
        model.post('/v1/messages', {'model': 'm', 'max_tokens': 9, 'messages': user, 'tools': [
            {'name': 'commit_memory', 'description': 'x', 'input_schema': value}]})
        model.post('/v1beta/models/m:generateContent', {'contents': [{'role': 'user', 'parts': [{'text': 'x'}]}], 'generationConfig': {
            'responseMimeType': 'application/json', 'responseSchema': value}})
        model.post('/api/chat', {'model': 'm', 'messages': user, 'format': value, 'stream': False})
    attack(agent, strike)


@modes('tools', {'ten-thousand': 10_000, 'same-name': 0})
def tools(agent, count):
    function = {'description': 'x', 'parameters': {'type': 'object', 'properties': {}}}
    offered = [{'type': 'function', 'function': {'name': f'tool_{n if count else 0}', **function}} for n in range(count or 500)]
    attack(agent, lambda: model.complete([{'role': 'user', 'content': 'hi'}], tools=offered))
