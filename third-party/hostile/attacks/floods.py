"""Floods: too much of what is right."""
import os
import sys
import threading
import time

import model
from agent import forget
from modes import mode, modes

from .worlds import attack, beside, said, send

CHAT = '/v1/chat/completions'


@modes('output', {
    'one-line': ('x' * 65536, 1200), 'short-lines': ('x\n' * 32768, 1200), 'blank-lines': ('\n' * 65536, 1200),
    'noise': (bytes(range(256)).decode('latin-1') * 256, 700), 'both': ('error\n' * 10_000, 500),
})
def output(agent, case):
    """Prints more than the log takes before it serves."""
    forget(agent)
    data, count = case

    def flood():
        for _ in range(count):
            os.write(1, data.encode())
            if count == 500:
                os.write(2, data.encode())
    agent.before.append(flood)


@mode('output-without-end')
def output_without_end(agent):
    """Prints as long as it lives."""
    forget(agent)

    def flood():
        while True:
            os.write(1, b'still here\n' * 5000)
    agent.before.append(lambda: threading.Thread(target=flood, daemon=True).start())


@mode('output-closed')
def output_closed(agent):
    """Closes its output and goes on: correct."""
    agent.before.append(lambda: [os.close(fd) for fd in [1, 2]])


def for_a_while(seconds, work):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        work()


@modes('calls', {'small': 10, 'twenty-kilobytes': 20_000, 'megabyte': 1_000_000})
def calls(agent, size):
    """Calls the model from eight threads for two seconds."""
    body = said('x' * size)
    attack(agent, lambda: beside(8, lambda: for_a_while(2, lambda: send(CHAT, body))))


@mode('calls-without-end')
def calls_without_end(agent):
    """Calls the model as long as it lives."""
    forget(agent)
    body = said('hello')

    def flood():
        while True:
            send(CHAT, body)
    agent.before.append(lambda: threading.Thread(target=flood, daemon=True).start())


@modes('heartbeats', {'few': 1, 'many': 4})
def heartbeats(agent, threads):
    attack(agent, lambda: beside(threads, lambda: for_a_while(1.5, lambda: model.post('/registry/heartbeat', {'id': 'x'}))))


@mode('journal-full')
def journal_full(agent):
    """Sends the model more than the journal takes."""
    body = said('x' * 4_000_000)
    attack(agent, lambda: beside(2, lambda: [send(CHAT, body) for _ in range(100)]))


@mode('busy')
def busy(agent):
    """Uses all processors while it is judged."""
    def spin():
        while True:
            pass
    def start():
        for _ in range(2):
            if os.fork() == 0:
                sys.setswitchinterval(10)
                end = time.monotonic() + 60
                while time.monotonic() < end:
                    pass
                os._exit(0)
    agent.before.append(start)
