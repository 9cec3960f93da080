"""The processes of clients."""

import os
import subprocess
import sys

import pytest

from bench.clients import _let_go_first


@pytest.mark.skipif(not hasattr(os, "sched_setscheduler"), reason="the system has no such policies")
def test_who_is_let_go_first_is_said_to_be_and_nobody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    command = [sys.executable, "-c", "input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        went = _let_go_first(process.pid)
        assert went == (os.sched_getscheduler(process.pid) == os.SCHED_RR)
        monkeypatch.setattr(os, "sched_setscheduler", refuse)
        assert not _let_go_first(process.pid)
        process.communicate(b"\n")
