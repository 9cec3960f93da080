"""Which page numbers a pagination shows (pure)."""

NEAR = 2
"""Pages shown on each side of the current one."""


def page_numbers(page: int, pages: int) -> list[int | None]:
    """Return the numbers to link to: the ends, and those near `page`; None stands for a gap."""
    shown = {1, pages, *range(page - NEAR, page + NEAR + 1)}
    numbers: list[int | None] = []
    previous = 0
    for number in sorted(shown & set(range(1, pages + 1))):
        if number - previous == 2:  # noqa: PLR2004 (a gap of one number is that number)
            numbers.append(number - 1)
        elif number - previous > 1:
            numbers.append(None)
        numbers.append(number)
        previous = number
    return numbers
