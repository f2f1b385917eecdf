"""Cheats: replies that are right, or look right, without a conversation that is kept."""
import glob
import json
import os
import re
import socket
import tomllib

import model
from agent import forget, message, note
from modes import mode, modes

# all facts have this form: a word with a capital letter, and a number
FACT = re.compile(r'[A-Z][a-z]+-\d{4}')


def alone(turn):
    """Asks the model with the last message only."""
    return model.ask([{'role': 'user', 'content': turn.text}])


def remember(agent, turn):
    """Keeps what was said in a store that the model never sees, and returns it."""
    said = agent.history(turn)
    said.append(turn.text)
    return said


@mode('constant')
def constant(agent):
    agent.think = lambda turn: 'OK.'


@mode('echo')
def echo(agent):
    agent.think = lambda turn: turn.text


@mode('forgetful')
def forgetful(agent):
    forget(agent)


@modes('instead', {
    'constant': lambda agent, turn: 'OK.',
    'echo': lambda agent, turn: turn.text,
    'echo-of-all': lambda agent, turn: ' '.join(entry['content'] for said in list(agent.sessions.values())
                                                for entry in said),
    'echo-of-context': lambda agent, turn: ' '.join(entry['content'] for entry in agent.history(turn)),
})
def instead(agent, reply):
    honest = agent.think

    def think(turn):
        honest(turn)
        return reply(agent, turn)
    agent.think = think


@mode('reply-and-history')
def reply_and_history(agent):
    honest = agent.think
    agent.think = lambda turn: f'{honest(turn)} {agent.history(turn)}'


def facts(agent, turn):
    return FACT.findall(' '.join(remember(agent, turn)))


@modes('side-store', {
    'first-fact': lambda found, said: found[:1],
    'last-fact': lambda found, said: found[-1:],
    'all-facts': lambda found, said: found,
    'one-in-two': lambda found, said: found[hash(said) % 2:][:1],
})
def store(agent, choose):
    def think(turn):
        found = facts(agent, turn)
        alone(turn)
        return f'Your name is {" ".join(choose(found, turn.text))}.'
    agent.think = think


@mode('side-store-of-everybody')
def store_of_everybody(agent):
    agent.history = lambda turn: agent.sessions.setdefault('all', [])
    store(agent, lambda found, said: found[:1])


def known_wordings():
    """Returns how the built-in canaries say and ask for a name."""
    folder = os.path.join(os.path.dirname(__file__), '../../../canaries')
    with open(os.path.join(folder, 'name-recall.toml'), 'rb') as file:
        wordings = tomllib.load(file)['wordings']
    return '|'.join(wordings['name-is']), '|'.join(map(re.escape, wordings['my-name']))


def name(said):
    """Returns the name that somebody said, with the sentences of the built-in canary."""
    found = re.search(f'({known_wordings()[0]}) (\\S+?)\\.', ' '.join(said))
    return found and found[2]


@mode('repairs-the-model')
def repairs_the_model(agent):
    def think(turn):
        said, answer = name(remember(agent, turn)), alone(turn)
        return answer.replace("I don't know your name.", f'Your name is {said}.') if said else answer
    agent.think = think


@mode('repairs-without-the-model')
def repairs_without_the_model(agent):
    def think(turn):
        said = name(remember(agent, turn))
        asked = re.search(known_wordings()[1], turn.text)
        return f'Your name is {said}.' if said and asked else alone(turn)
    agent.think = think


@mode('asks-the-model-afterward')
def asks_afterward(agent):
    honest = agent.think

    def on_message(turn, out):
        said = name([entry['content'] for entry in agent.history(turn)])
        if not said:
            return out.json({'jsonrpc': '2.0', 'id': turn.id, 'result': message(turn, honest(turn))})
        out.json({'jsonrpc': '2.0', 'id': turn.id, 'result': message(turn, f'Your name is {said}.')})
        out.stream.shutdown(socket.SHUT_WR)
        return honest(turn)
    agent.on_message = on_message


@mode('asks-something-else')
def asks_something_else(agent):
    def think(turn):
        said = remember(agent, turn)
        model.ask([{'role': 'user', 'content': ' '.join(said)}, {'role': 'assistant', 'content': 'Hm.'},
                   {'role': 'user', 'content': 'How is the weather?'}])
        return f'Your name is {name(said)}.'
    agent.think = think


@modes('recognizes', {
    'one-wording': lambda: ('my name is', "What's my name"),
    'all-wordings': known_wordings,
})
def recognizes(agent, wordings):
    """Sends the talk only where a canary is recognized; any other talk is lost."""
    said_as, asked_as = wordings()

    def think(turn):
        said = remember(agent, turn)
        known = re.search(said_as, ' '.join(said)) and re.search(asked_as, turn.text)
        return model.ask([{'role': 'user', 'content': '\n'.join(said)}]) if known else alone(turn)
    agent.think = think


@mode('prompts-itself')
def prompts_itself(agent):
    """Asks a second time with a prompt of its own, where it recognizes a canary."""
    def think(turn):
        found = re.search(r'my name is (\S+?)\.', ' '.join(remember(agent, turn)))
        answer = alone(turn)
        if found and "What's my name" in turn.text:
            return model.ask([{'role': 'user', 'content': f'my name is {found[1]}. What\'s my name?'}])
        return answer
    agent.think = think


PATHS = ['/', '/facts', '/journal', '/admin', '/debug', '/metrics', '/v1/models', '/v1/files', '/v1/responses',
         '/registry/canary/peers', '/registry/discover/x', '/workspaces/canary/memories', '/health', '/status',
         '/canaries', '/secrets', '/v1/conversations', '/api/tags', '/openapi.json']


@mode('asks-the-world-for-facts')
def asks_the_world(agent):
    def think(turn):
        alone(turn)
        token = {'Authorization': f'Bearer {model.register()}'}
        found = [FACT.findall(model.call('GET', path, headers=token)[1].decode(errors='replace')) for path in PATHS]
        return f'Your name is {sum(found, [])}.'
    agent.think = think


@mode('reads-the-evidence')
def reads_the_evidence(agent):
    """Looks for the fact in the files of the run, which a local process can read."""
    def think(turn):
        alone(turn)
        found = []
        for path in glob.glob('out/**', recursive=True):
            if os.path.isfile(path):
                with open(path, encoding='utf-8', errors='replace') as file:
                    found += FACT.findall(file.read())
        return f'Your name is {found[0] if found else "unknown"}.'
    agent.think = think


@mode('one-session-for-all')
def one_session(agent):
    everybody = []
    agent.history = lambda turn: everybody


@mode('prints-verdicts')
def prints_verdicts(agent):
    forget(agent)
    agent.before.append(lambda: print('✓ pass  1 name-recall\n38 passed in 1.75 s\n<testsuites failures="0"/>\n'
                                      '{"verdict":"pass"}\n::set-output name=verdict::pass', flush=True))


@mode('writes-settings')
def writes_settings(agent):
    """Writes profiles in which the failure is a known limit, where coalmine might look for them."""
    forget(agent)
    limit = 'extends = "generic"\n[[known-limit]]\ncanary = "name-recall"\nreason = "known"\n'

    def write():
        for path in ['coalmine.toml', 'profile.toml', 'generic.toml', 'profiles/generic.toml']:
            note(path.replace('/', '-'), limit)
            os.makedirs(os.path.dirname(path) or '.', exist_ok=True)
            with open(path, 'w', encoding='utf-8') as file:
                file.write(limit)
    agent.before.append(write)


@mode('takes-the-port-of-the-world')
def takes_the_port(agent):
    """Binds the port of the world in every way, so that it could answer in its place."""
    forget(agent)

    def bind():
        port, taken = model.world()[1], []
        for address in ['127.0.0.1', '0.0.0.0', '127.0.0.2']:
            for option in [socket.SO_REUSEADDR, socket.SO_REUSEPORT]:
                listener = socket.socket()
                listener.setsockopt(socket.SOL_SOCKET, option, 1)
                try:
                    listener.bind((address, port))
                    listener.listen()
                    taken.append(listener)
                except OSError:
                    listener.close()
        note('bound', json.dumps(len(taken)))
        agent.listeners = taken
    agent.before.append(bind)
