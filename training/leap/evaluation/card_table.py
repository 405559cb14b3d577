"""The model card's table: rows that were measured anew, and those of before that still hold."""

Row = list[str]
"""Cells: scale, family, method, then what was measured."""

HEADING = "## Measured"

METHODS = {"lua": "LUA", "decoder": "leap decoder", "encoder": "leap encoder"}
"""What is in the names of the methods that our networks take part in, by an export's parts."""


def read_measured(card: str) -> str:
    """The table of a card; empty if it has none."""
    _, _, rest = card.partition(f"{HEADING}\n")
    return rest.partition("\n## ")[0].strip()


def merge_tables(before: str, now: str, changed: dict[str, set[str]]) -> str:
    """The rows of `now`, and those of `before` that it does not have. changed: families with new
    weights, by the part; rows that these took part in do not hold any more and are left out. The
    last columns, what decoding costs, do not depend on weights: a row without them keeps those of
    before."""
    old = {tuple(row[:3]): row for row in read_rows(before)}
    rows = {
        (scale, family, method): row
        for (scale, family, method), row in old.items()
        if not any(METHODS[part] in method and family in found for part, found in changed.items())
    }
    for row in read_rows(now):
        key = tuple(row[:3])
        rows[key] = row + old.get(key, [])[len(row) :]
    header = max(read_header(before), read_header(now), key=len)
    if not rows:
        return ""
    lines = [write_row(header), "|---" * len(header) + "|"]
    width = len(header)
    lines += [write_row((row + [""] * width)[:width]) for _, row in sorted(rows.items())]
    return "\n".join(lines)


def read_header(table: str) -> Row:
    """Names of the columns; none without a table."""
    return split_cells(table.splitlines()[0]) if table.strip() else []


def read_rows(table: str) -> list[Row]:
    """Without the header."""
    return [split_cells(line) for line in table.splitlines()[2:] if line.startswith("|")]


def split_cells(line: str) -> Row:
    """The cells of a line of a Markdown table."""
    return [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]


def write_row(cells: Row) -> str:
    """A line of a Markdown table."""
    return f"| {' | '.join(cells)} |"
