"""The modes by name. A mode is a function that changes the honest agent before it serves."""

MODES = {}


def mode(name, *arguments):
    """Adds a mode. The function gets the agent and these arguments, so that one function can make many modes."""
    def add(change):
        if name in MODES:
            raise KeyError(name)
        MODES[name] = lambda agent: change(agent, *arguments)
        return change
    return add


def modes(prefix, cases):
    """Adds the mode `<prefix>-<case>` for each case; the function gets the agent and the value of the case."""
    def add(change):
        for case, value in cases.items():
            mode(f'{prefix}-{case}', value)(change)
        return change
    return add


@mode('good')
def good(agent):
    """Changes nothing."""
