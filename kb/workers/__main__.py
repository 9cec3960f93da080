"""The process that worker processes are forked from: `python -m kb.workers MODULE…`.

It imports the modules once, for all of them, and has no other thread, so that a fork is safe and
costs milliseconds. It ends when the server wants no more of them, or is gone.
"""

import gc
import os
import signal
import socket
import sys
from importlib import import_module

from kb.garbage import look_through_the_oldest_rarely
from kb.workers.forking import NICENESS
from kb.workers.process import work


def main(control: socket.socket, modules: list[str]) -> None:
    """Fork a worker for each socket that is sent, until no more can be."""
    gc.disable()  # what a collection frees here would be pages that each worker copies
    for module in modules:
        import_module(module)
    look_through_the_oldest_rarely()
    # They end with the server: who stops that by the keyboard or by its group stops us, too.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system forgets the workers that end
    while True:
        request, sockets, *_ = socket.recv_fds(control, 1, 1)
        if not request:
            return
        channel = socket.socket(fileno=sockets[0])
        if os.fork() == 0:
            control.close()
            _be_worker(channel)
        channel.close()


def _be_worker(channel: socket.socket) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.nice(NICENESS)
    gc.enable()
    try:
        work(channel)
    finally:
        os._exit(0)


if __name__ == "__main__":
    _control = socket.socket(fileno=os.dup(0))
    os.dup2(1, 0)  # nothing that is imported is to read what is sent to us
    main(_control, sys.argv[1:])
