"""Paths that look like files and are not, in the folders that coalmine looks into."""
import os
import shutil
import socket
import threading

from modes import mode, modes
from agent import forget, own


def fifo(path):
    os.mkfifo(path)


def listener(path):
    # the path of a socket is short, so it is bound from within its folder
    here = os.getcwd()
    os.chdir(os.path.dirname(path))
    socket.socket(socket.AF_UNIX).bind(os.path.basename(path))
    os.chdir(here)


def sparse(path):
    with open(path, 'wb') as file:
        file.truncate(1 << 40)


def endless_link(path):
    os.symlink('/dev/zero', path)


def outside_link(path):
    with open(own('precious'), 'w', encoding='utf-8') as file:
        file.write('behind-the-link-Waltz97')
    os.symlink(own('precious'), path)


def shadow_link(path):
    os.symlink('/etc/shadow', path)


def root_link(path):
    os.symlink('/', path)


def loop_link(path):
    os.symlink(os.path.basename(path), path)


def itself_link(path):
    os.symlink('.', path)


def broken_link(path):
    os.symlink('/nonexistent/x', path)


def null_link(path):
    os.symlink('/proc/self/mem', path)


def terminal_link(path):
    os.symlink('/dev/stdin', path)


def folder(path):
    os.mkdir(path)


def closed(path):
    with open(path, 'w', encoding='utf-8') as file:
        file.write('x')
    os.chmod(path, 0)


def large(path):
    with open(path, 'wb') as file:
        for _ in range(200):
            file.write(b'x' * (1 << 20))


def deep(path):
    """Makes a thousand folders, each in the one before."""
    here = os.open(os.path.dirname(path), os.O_RDONLY)
    for _ in range(1000):
        os.mkdir('d', dir_fd=here)
        inner = os.open('d', os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)


def many(path):
    for n in range(20_000):
        with open(f'{path}-{n}.json', 'w', encoding='utf-8') as file:
            file.write('{"a":1}')


def middling(path):
    for n in range(100):
        with open(f'{path}-{n}.json', 'wb') as file:
            file.write(b'{"a":"' + b'x' * 900_000 + b'"}')


def strange_names(path):
    where = os.fsencode(os.path.dirname(path))
    for name in [b'\xff\xfe', b'a\nb', b'\x1b[2J', '\u202e'.encode(), b'-rf', b'*', b'x' * 255, b'{state}', b' ', b'$(id)']:
        with open(os.path.join(where, name), 'wb') as file:
            file.write(b'{}')


def growing(path):
    def grow():
        with open(path, 'wb') as file:
            for _ in range(4000):
                file.write(b'x' * 65536)
                file.flush()
    threading.Thread(target=grow, daemon=True).start()


def flickering(path):
    """A file that becomes a link to /dev/zero and back, as fast as possible."""
    def flicker():
        for n in range(20_000):
            try:
                os.unlink(path)
            except FileNotFoundError:
                pass
            if n % 2:
                os.symlink('/dev/zero', path)
            else:
                folder_file(path)
    threading.Thread(target=flicker, daemon=True).start()


def folder_file(path):
    with open(path, 'wb') as file:
        file.write(b'{}')


TRAPS = {
    'fifo': fifo, 'socket': listener, 'sparse': sparse, 'zero': endless_link, 'link': outside_link, 'shadow': shadow_link,
    'root': root_link, 'loop': loop_link, 'itself': itself_link, 'broken-link': broken_link, 'memory-of-a-process': null_link,
    'stdin': terminal_link, 'folder': folder, 'closed': closed, 'large': large, 'deep': deep, 'many': many,
    'middling': middling, 'strange-names': strange_names, 'growing': growing, 'flickering': flickering,
}


@modes('memory-file', TRAPS)
def in_memory_root(agent, trap):
    """Sets the trap in the folder of memories; the agent itself is honest."""
    agent.before.append(lambda: trap(os.path.join(os.environ['MOLECULE_MEMORY_ROOT'], 'trap')))


@modes('state-file', TRAPS)
def in_state(agent, trap):
    """Sets the trap among the files of the session store; the agent forgets, so that they are looked at."""
    forget(agent)
    agent.before.append(lambda: trap(os.path.join(os.environ['COALMINE_STATE_DIR'], 'trap.json')))


@modes('database-file', {name: TRAPS[name] for name in ['fifo', 'sparse', 'zero', 'link', 'folder', 'large', 'closed', 'growing', 'flickering']})
def as_database(agent, trap):
    """Sets the trap at the path of the database."""
    forget(agent)
    agent.before.append(lambda: trap(os.path.join(os.environ['COALMINE_STATE_DIR'], 'sessions.db')))


@modes('memory-root', {'file': folder_file, 'fifo': fifo, 'link': outside_link, 'root': root_link, 'gone': lambda path: None})
def memory_root(agent, trap):
    """Replaces the folder of memories itself."""
    def replace():
        path = os.environ['MOLECULE_MEMORY_ROOT']
        os.rmdir(path)
        trap(path)
    agent.before.append(replace)


@mode('memory-root-closed')
def memory_root_closed(agent):
    agent.before.append(lambda: os.chmod(os.environ['MOLECULE_MEMORY_ROOT'], 0))


@mode('memory-probe-taken')
def memory_probe_taken(agent):
    """Takes the names that a probe might use."""
    def take():
        for name in ['.coalmine-probe', 'coalmine-probe', '.probe', 'probe', '.coalmine', 'test', '.tmp']:
            fifo(os.path.join(os.environ['MOLECULE_MEMORY_ROOT'], name))
    agent.before.append(take)


@mode('state-is-removed')
def state_is_removed(agent):
    """Removes its state folder, and what coalmine keeps there, while it is judged."""
    forget(agent)
    agent.before.append(lambda: shutil.rmtree(os.environ['COALMINE_STATE_DIR']))
