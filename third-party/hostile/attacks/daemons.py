"""Processes that want to stay."""
import os
import resource
import signal
import time

from agent import forget, note
from modes import mode, modes


def sleep(environment=None, ignore=()):
    """Becomes a program that sleeps."""
    for number in ignore:
        signal.signal(number, signal.SIG_IGN)
    os.execve('/bin/sleep', ['sleep', '600'], dict(os.environ) if environment is None else environment)


def leave():
    """Leaves the group, the session and the parent. Returns whether this is the process that has left."""
    if os.fork():
        return False
    os.setsid()
    if os.fork():
        os._exit(0)
    return True


def quiet():
    """Lets go of the output."""
    null = os.open(os.devnull, os.O_RDWR)
    for fd in range(3):
        os.dup2(null, fd)


@modes('daemon', {'plain': {}, 'empty-environment': {'environment': {}}, 'ignores': {'ignore': range(1, 8)},
                  'ignores-everything': {'ignore': [n for n in range(1, 32) if n not in (9, 19)], 'environment': {}}})
def daemon(agent, how):
    def start():
        if leave():
            quiet()
            sleep(**how)
    agent.before.append(start)


@mode('daemon-holds-the-output')
def daemon_holds(agent):
    """A daemon that keeps the output open."""
    def start():
        if leave():
            sleep(environment={})
    agent.before.append(start)


@mode('daemon-is-stopped')
def daemon_is_stopped(agent):
    """A daemon that has stopped itself: it can neither end nor answer a signal."""
    def start():
        if leave():
            quiet()
            os.kill(os.getpid(), signal.SIGSTOP)
            sleep()
    agent.before.append(start)


@modes('daemons', {'hundred': 100, 'group-each': 30})
def daemons(agent, count):
    def start():
        for _ in range(count):
            if os.fork() == 0:
                quiet()
                if count == 30:
                    os.setsid()
                sleep()
    agent.before.append(start)


@mode('daemon-hops')
def daemon_hops(agent):
    """A process that forks and ends again and again, so that its id is old when it is read."""
    def start():
        if not leave():
            return
        quiet()
        end = time.monotonic() + 30
        while time.monotonic() < end:
            if os.fork():
                os._exit(0)
            os.setsid()
            time.sleep(0.001)
        os._exit(0)
    agent.before.append(start)


@mode('daemons-raise-each-other')
def daemons_raise(agent):
    """Two processes of which each starts the other again when it ends."""
    def watch():
        end = time.monotonic() + 30
        while time.monotonic() < end:
            child = os.fork()
            if child == 0:
                time.sleep(60)
                os._exit(0)
            os.waitpid(child, 0)
        os._exit(0)

    def start():
        if leave():
            quiet()
            watch()
    agent.before.append(start)


@mode('daemon-in-a-turn')
def daemon_in_a_turn(agent):
    """Starts a daemon with every message."""
    forget(agent)
    think = agent.think

    def starts_first(turn):
        if leave():
            quiet()
            sleep(environment={})
        return think(turn)
    agent.think = starts_first


@mode('zombies')
def zombies(agent):
    """Leaves two hundred children unread."""
    def start():
        for _ in range(200):
            if os.fork() == 0:
                os._exit(0)
    agent.before.append(start)


@mode('no-files')
def no_files(agent):
    """Takes the limits of the machine for itself and leaves none."""
    def start():
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
    agent.before.append(start)


@modes('parent', {'stop': signal.SIGSTOP, 'kill': signal.SIGKILL, 'term': signal.SIGTERM})
def parent(agent, number):
    """Sends a signal to whatever stands above it; in a sandbox this must reach nobody."""
    forget(agent)

    def strike():
        for process in {os.getppid(), *range(1, 6)} - {os.getpid()}:
            try:
                os.kill(process, number) if process > 1 else None
            except OSError as error:
                note_safely(str(error))
    agent.before.append(strike)


def note_safely(words):
    try:
        note('refused', words)
    except OSError:
        print(words, flush=True)


@mode('sandbox-reads')
def sandbox_reads(agent):
    """Tries to write to the folder of the run and to read the environments of others."""
    forget(agent)

    def strike():
        for path in ['out/summary.json', 'out/junit.xml', os.path.join(os.environ['HOSTILE_OWN'], 'escaped')]:
            try:
                with open(path, 'w', encoding='utf-8') as file:
                    file.write('{"verdict":"pass"}')
            except OSError:
                pass
        for process in filter(str.isdigit, os.listdir('/proc')):
            try:
                with open(f'/proc/{process}/environ', encoding='utf-8') as file:
                    print(file.read(), flush=True)
            except OSError:
                pass
    agent.before.append(strike)
