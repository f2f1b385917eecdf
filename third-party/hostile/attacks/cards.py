"""Agent cards, and session stores, that are traps."""
import json
import time

import model
from agent import forget
from modes import mode, modes

from .listeners import catch


@modes('card', {
    'empty': '', 'text': '"hello"', 'array': '[]', 'null': 'null', 'number': '7', 'no-name': '{"url":"http://127.0.0.1"}',
    'deep': '{"name":"x","skills":' + '[' * 100_000, 'long-name': json.dumps({'name': 'x' * 10_000_000}),
    'million-values': '{"name":"x","skills":[0' + ',0' * 1_000_000 + ']}', 'html': '<html>', 'nothing-else': '{"name":"x"}',
    'types': json.dumps({'name': 'x', 'url': 7, 'skills': 'no', 'capabilities': [], 'version': {}, 'protocolVersion': 1e300}),
})
def card(agent, text):
    agent.on_card = lambda out: out.answer(text)


@modes('card-endless', {'text': '{"name":"x', 'header': None})
def card_endless(agent, first):
    def on_card(out):
        if first:
            out.head()
            out.send(first)
        else:
            out.send('HTTP/1.1 200 OK\r\nX-A: ')
        out.forever('x')
    agent.on_card = on_card


@mode('card-drip')
def card_drip(agent):
    def on_card(out):
        out.head()
        while True:
            out.send(' ')
            time.sleep(0.2)
    agent.on_card = on_card


@mode('card-changes')
def card_changes(agent):
    """Each card is another one: names, versions and addresses change while the client looks."""
    forget(agent)
    cards = iter(range(10 ** 9))

    def on_card(out):
        at = next(cards)
        out.json({**agent.card, 'name': f'hostile {at}', 'protocolVersion': ['0.3.0', '1.0', '9'][at % 3]})
    agent.on_card = on_card


@modes('card-many', {'interfaces': 'additionalInterfaces', 'skills': 'skills'})
def card_many(agent, key):
    forget(agent)
    one = {'url': agent.card['url'], 'transport': 'JSONRPC', 'id': 'x', 'name': 'x', 'description': 'x', 'tags': []}
    agent.card[key] = [one] * 30_000


URLS = {
    'file': 'file:///etc/passwd', 'other-host': 'http://192.0.2.1:80/', 'name': 'http://attacker.invalid/',
    'metadata': 'http://169.254.169.254/latest/meta-data/', 'script': 'javascript:alert(1)', 'ipv6': 'http://[::1]:9/',
    'broken': 'http://[', 'port': 'http://127.0.0.1:99999/', 'port-zero': 'http://127.0.0.1:0/', 'port-one': 'http://127.0.0.1:1/',
    'long': 'http://127.0.0.1/' + 'x' * 100_000, 'user': 'http://root:root@127.0.0.1/', 'empty': '', 'unix': 'unix:///run/docker.sock',
    'decimal': 'http://2130706433:9/', 'bidi': 'http://127.0.0.1/\u202e', 'newline': 'http://127.0.0.1/\r\nX-A: b',
}


@modes('card-url', URLS)
def card_url(agent, url):
    """The card leads elsewhere; the agent itself forgets."""
    forget(agent)
    agent.card['url'] = url


@mode('card-url-other-port')
def card_url_other_port(agent):
    """The card names another port of this machine, and only that one answers messages."""
    forget(agent)
    agent.card['url'] = f'http://127.0.0.1:{catch(agent.handle)}/'
    honest = agent.on_message

    def on_message(turn, out):
        if out.stream.getsockname()[1] == agent.port:
            return out.json({'error': 'not here'}, 404)
        return honest(turn, out)
    agent.on_message = on_message


@mode('card-url-world')
def card_url_world(agent):
    """The card names the port of the simulated world as its own."""
    forget(agent)
    host, port = model.world()
    agent.card['url'] = f'http://{host}:{port}/'


@modes('store', {
    'deep': '[' * 100_000, 'wide': json.dumps({'sessions': {str(n): [n] for n in range(200_000)}}), 'text': 'no',
    'binary': 'x\0\1\2' * 1000, 'long': json.dumps({'sessions': {'x' * 15_000_000: []}}), 'huge-number': '{"sessions":1e999}',
    'hidden-keys': json.dumps({'sessions': {'\u202e\x1b[2J\u009b': ['\u2028']}}, ensure_ascii=False),
})
def store(agent, text):
    """Shows this as its session store; it keeps no session."""
    forget(agent)
    agent.on_store = lambda out: out.answer(text)


@modes('store-endless', {'text': '{"sessions":"', 'array': '{"sessions":['})
def store_endless(agent, first):
    forget(agent)

    def on_store(out):
        out.head()
        out.send(first)
        out.forever('x' if first.endswith('"') else '0,')
    agent.on_store = on_store


@mode('store-drip')
def store_drip(agent):
    forget(agent)

    def on_store(out):
        out.head()
        while True:
            out.send(' ')
            time.sleep(0.2)
    agent.on_store = on_store
