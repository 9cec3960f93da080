"""Short texts that stand at once: what looks like a secret, or like orders, is sent back.

A suggestion waits for somebody to look at it; a note or a reason has nothing to wait in, so
whoever wrote it is told what to change.
"""

from kb.errors import FieldError, Invalid
from kb.executor import Executor
from kb.screening.findings import Finding
from kb.screening.screen import findings_in


async def require_fit(executor: Executor, **texts: str) -> None:
    """Do nothing where the fields' texts can stand as they are.

    Raises:
        Invalid: they hold what looks like a secret, or like instructions to an agent.
    """
    found = await executor.cpu(_findings, texts)
    if found:
        faults = tuple(FieldError(one.field, one.message) for one in found)
        raise Invalid("; ".join(f"The {one.field} {one.message}" for one in faults), faults)


def _findings(texts: dict[str, str]) -> list[Finding]:
    return [one for field, text in texts.items() for one in findings_in(field, text)]
