"""The attacks. Importing this package adds all modes."""
from . import (answers, bodies, cards, cheats, daemons, exits, files, floods, heads, injections, leaks, overlaps,
               redirects, schemas, streams, traps, worlds)
