"""A hostile A2A runtime: `MODE=<mode> python3 server.py <port>`. `python3 server.py --list` prints its modes.

It needs nothing but Python. In the mode `good` it is an honest agent; every other mode attacks the tool that judges it. What
must come of each mode is written in expected.toml. The modules: wire.py HTTP on raw sockets, agent.py the honest agent,
model.py the simulated surroundings, modes.py the names; the others hold the attacks, by kind.
"""
import os
import sys

# nothing is written beside the sources
sys.dont_write_bytecode = True

import attacks  # noqa: E402  (every module of attacks adds its modes)
from agent import Agent  # noqa: E402
from modes import MODES  # noqa: E402


def main():
    if sys.argv[1] == '--list':
        print('\n'.join(sorted(MODES)))
        return
    agent = Agent(int(sys.argv[1]))
    MODES[os.environ['MODE']](agent)
    agent.serve()


main()
