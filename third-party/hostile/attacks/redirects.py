"""Redirects that lead away, or round in circles."""
from modes import mode, modes

from .listeners import catch


@modes('redirect', {str(status): status for status in [300, 301, 302, 303, 305, 307, 308]})
def redirect(agent, status):
    """Redirects every message to another port of this machine."""
    port = catch(agent.handle)
    agent.on_message = lambda turn, out: out.answer('', status, 'text/plain', f'Location: http://127.0.0.1:{port}/')


@modes('redirect-to', {
    'file': 'file:///etc/passwd', 'itself': '/', 'nothing': '', 'other-host': 'http://192.0.2.1/', 'data': 'data:,{}',
    'long': 'http://127.0.0.1/' + 'x' * 60_000, 'broken': 'http://[::1', 'user': 'http://a:b@127.0.0.1:1/',
    'port': 'http://127.0.0.1:99999/', 'metadata': 'http://169.254.169.254/latest/',
})
def redirect_to(agent, target):
    agent.on_message = lambda turn, out: out.answer('', 307, 'text/plain', f'Location: {target}')


@mode('redirect-chain')
def redirect_chain(agent):
    """Each redirect leads to another path."""
    steps = iter(range(10 ** 9))
    agent.on_message = lambda turn, out: out.answer('', 307, 'text/plain', f'Location: /{next(steps)}')


@mode('redirect-card')
def redirect_card(agent):
    port = catch(agent.handle)
    location = f'Location: http://127.0.0.1:{port}/.well-known/agent-card.json'
    agent.on_card = lambda out: out.answer('', 302, 'text/plain', location)


@mode('redirect-store')
def redirect_store(agent):
    port = catch()
    agent.on_store = lambda out: out.answer('', 302, 'text/plain', f'Location: http://127.0.0.1:{port}/')
