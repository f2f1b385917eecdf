"""Files that the agent writes itself: databases that are bombs, and traps in the folder of the run."""
import os
import sqlite3

from agent import forget, own
from modes import modes

from .traps import deep, fifo, folder, root_link


def database(*statements):
    """Makes the database of the session store."""
    with sqlite3.connect(os.path.join(os.environ['COALMINE_STATE_DIR'], 'sessions.db')) as made:
        for statement in statements:
            made.execute(statement)
    made.close()


COUNT = 'WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT {}) SELECT n FROM c'
TABLE = 'CREATE TABLE messages (session_id, content)'


@modes('database', {
    'endless-view': [TABLE, 'CREATE VIEW endless AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c'],
    'million-rows': [TABLE, f'INSERT INTO messages SELECT n, n FROM ({COUNT.format(1_000_000)})'],
    'large-values': [TABLE, f"INSERT INTO messages SELECT n, hex(zeroblob(1000000)) FROM ({COUNT.format(60)})"],
    'huge-value': [TABLE, 'INSERT INTO messages VALUES (1, zeroblob(500000000))'],
    'thousand-tables': [f'CREATE TABLE t{n} (session_id, content)' for n in range(1000)],
    'strange-names': ['CREATE TABLE "a\u202e""; DROP TABLE x; --" ("session_id", "\x1b[2J")', 'INSERT INTO "a\u202e""; DROP TABLE x; --" VALUES (1, 2)'],
    'generated': ['CREATE TABLE g (session_id, content AS (hex(zeroblob(100000000))))', 'INSERT INTO g VALUES (1)'],
    'two-thousand-columns': [f'CREATE TABLE w ({",".join(f"c{n}" for n in range(2000))})'],
    'loose-values': [TABLE, "INSERT INTO messages VALUES (x'ff00', 9e999), (NULL, x'c3'), (1, 2)"],
})
def bomb(agent, statements):
    forget(agent)
    agent.before.append(lambda: database(*statements))


@modes('database-is', {'noise': os.urandom(100_000), 'header-only': b'SQLite format 3\0' + b'\xff' * 84, 'empty': b''})
def broken(agent, data):
    forget(agent)

    def write():
        with open(os.path.join(os.environ['COALMINE_STATE_DIR'], 'sessions.db'), 'wb') as file:
            file.write(data)
    agent.before.append(write)


def own_link(path):
    """Leads a file of the run out of its folder."""
    os.symlink(own('escaped'), path)


@modes('out', {
    'wire-link': ('wire', own_link), 'wire-file': ('wire', fifo), 'tail-fifo': ('runtime-tail.log', fifo),
    'tail-link': ('runtime-tail.log', own_link), 'store-link': ('session-store', own_link), 'store-deep': ('session-store', folder),
    'deep': ('x', deep), 'root': ('root', root_link),
})
def in_the_run(agent, case):
    """Sets a trap in the folder of the run before coalmine writes there."""
    forget(agent)
    name, trap = case
    agent.before.append(lambda: trap(os.path.join('out', name)))


@modes('out-report', {'summary-folder': ('summary.json', folder), 'junit-folder': ('junit.xml', folder),
                      'summary-fifo': ('summary.json', fifo), 'junit-link': ('junit.xml', own_link)})
def report_taken(agent, case):
    """Takes the path of a report for machines; the agent is honest."""
    name, trap = case
    agent.before.append(lambda: trap(os.path.join('out', name)))
