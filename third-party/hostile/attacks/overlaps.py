"""Agents that break when conversations overlap, and stay broken."""
import threading

import model
from agent import rpc, task
from modes import mode

# a tool call that never got its result
UNFINISHED = {'role': 'assistant', 'content': None, 'tool_calls': [
    {'id': 'call_1', 'type': 'function', 'function': {'name': 'look_up', 'arguments': '{}'}}]}

# how long a turn waits for another one to overlap with, in seconds
PATIENCE = 0.1


@mode('poisoned-by-overlap')
def poisoned_by_overlap(agent):
    """From the first overlap on, a shared history makes the provider refuse every request."""
    changed, under_way, poisoned = threading.Condition(), [], []
    answer = agent.on_message

    def on_message(turn, out):
        with changed:
            under_way.append(turn)
            if len(under_way) > 1:
                poisoned.append(turn)
                changed.notify_all()
            elif not poisoned:
                changed.wait_for(lambda: poisoned, PATIENCE)
        try:
            if poisoned:
                model.ask([UNFINISHED, {'role': 'user', 'content': turn.text}])
                out.json(rpc(turn, task(turn, 'failed')))
            else:
                answer(turn, out)
        finally:
            with changed:
                under_way.remove(turn)
    agent.on_message = on_message
