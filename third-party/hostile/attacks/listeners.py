"""A second listener, to which a card or a redirect tries to lead the client."""
import threading

import wire
from agent import note


def catch(handle=None):
    """Listens at a port of its own, writes down the head of each request, and returns the port."""
    def answer(request, out):
        note('caught', request.head)
        if handle:
            handle(request, out)
        else:
            out.json({'error': 'nothing here'}, 404)
    listener = wire.listen(0)
    threading.Thread(target=wire.serve, args=(listener, answer), daemon=True).start()
    return listener.getsockname()[1]
