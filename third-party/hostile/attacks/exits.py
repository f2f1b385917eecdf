"""Ends: of the runtime, and of coalmine."""
import os
import signal
import sys
import time

from agent import forget
from modes import mode, modes


@modes('exit', {'zero': 0, 'one': 1, 'large': 255})
def exit_at_once(agent, code):
    agent.before.append(lambda: os._exit(code))


@modes('exit-in-a-turn', {'zero': 0, 'one': 1})
def exit_in_a_turn(agent, code):
    agent.on_message = lambda turn, out: os._exit(code)


@modes('dies', {'segv': signal.SIGSEGV, 'kill': signal.SIGKILL, 'abort': signal.SIGABRT})
def dies(agent, number):
    agent.before.append(lambda: os.kill(os.getpid(), number))


@mode('exit-after-card')
def exit_after_card(agent):
    def on_card(out):
        out.json(agent.card)
        out.stream.close()
        os._exit(0)
    agent.on_card = on_card


@mode('hangs-at-start')
def hangs(agent):
    agent.before.append(lambda: time.sleep(600))


@mode('stops-itself')
def stops_itself(agent):
    """Stops all its threads in its first turn."""
    def on_message(turn, out):
        os.kill(os.getpid(), signal.SIGSTOP)
        time.sleep(60)
    agent.on_message = on_message


@mode('goes-to-the-background')
def background(agent):
    """The process that was started ends with success; a child of it serves on."""
    forget(agent)

    def start():
        if os.fork():
            os._exit(0)
        os.setsid()
    agent.before.append(start)


@mode('ignores-term')
def ignores_term(agent):
    """Ignores every signal that can be ignored: its verdict is not affected."""
    def ignore():
        for number in range(1, 32):
            if number not in (signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD):
                signal.signal(number, signal.SIG_IGN)
    agent.before.append(ignore)


@mode('second-start-fails')
def second_start(agent):
    """Starts once; when it is started again, it ends with success."""
    def start():
        path = os.path.join(os.environ['COALMINE_STATE_DIR'], 'started')
        if os.path.exists(path):
            os._exit(0)
        with open(path, 'w', encoding='utf-8'):
            pass
    agent.before.append(start)


@mode('second-start-hangs')
def second_start_hangs(agent):
    def start():
        path = os.path.join(os.environ['COALMINE_STATE_DIR'], 'started')
        if os.path.exists(path):
            time.sleep(600)
        with open(path, 'w', encoding='utf-8'):
            pass
    agent.before.append(start)


@modes('ends-coalmine', {'kill': signal.SIGKILL, 'term': signal.SIGTERM, 'int': signal.SIGINT, 'hup': signal.SIGHUP,
                         'usr1': signal.SIGUSR1})
def ends_coalmine(agent, number):
    """Sends a signal to coalmine in the first turn."""
    coalmine = os.getppid()

    def on_message(turn, out):
        os.kill(coalmine, number)
        time.sleep(60)
    agent.on_message = on_message


@modes('pesters-coalmine', {'pipe': signal.SIGPIPE, 'chld': signal.SIGCHLD, 'winch': signal.SIGWINCH})
def pesters_coalmine(agent, number):
    """Sends signals that should end nobody."""
    forget(agent)
    coalmine = os.getppid()
    agent.before.append(lambda: [os.kill(coalmine, number) for _ in range(200)] and sys.stdout.flush())
