"""How figures are shown: as rich tables in the terminal, and as Markdown in the guide."""

from rich.console import Console
from rich.table import Table

from tests.benchmarks.figures import Cell, FiguresTable, Section, Spread, Target


def show(console: Console, section: Section) -> None:
    """Print a section: its tables, its targets, its notes."""
    for table in section.tables:
        drawn = Table(title=table.title)
        for n, column in enumerate(table.columns):
            drawn.add_column(column.heading, justify="right" if n else "left")
        for row in table.rows:
            drawn.add_row(*cells(table, row))
        console.print(drawn)
    for note in section.notes:
        console.print(note, style="dim")
    for target in section.targets:
        colour = "green" if target.met else "red"
        console.print(f"{told(target)} [bold {colour}]{verdict(target)}[/]")


def markdown(section: Section) -> str:
    """A section as Markdown: its tables, its targets, its notes, and what it was taken on."""
    parts = [_markdown_table(table) for table in section.tables]
    if section.targets:
        parts.append("\n".join(f"- {told(target)} **{verdict(target)}**" for target in section.targets))
    parts += section.notes
    asked = ", ".join(f"{name} {_asked(value)}" for name, value in section.asked.items())
    parts.append(f"*Taken {section.taken} in {section.seconds:,.0f} s ({asked}; load before: {_load(section)}).*")
    return "\n\n".join(parts)


def told(target: Target) -> str:
    """A target in words, with what was found."""
    side = "at most" if target.at_most else "at least"
    return f"{target.what}: {side} {target.wanted:,g}, found {text(target.found, target.digits)}:"


def verdict(target: Target) -> str:
    """`met` or `missed`."""
    return "met" if target.met else "missed"


def cells(table: FiguresTable, row: tuple[Cell, ...]) -> list[str]:
    """A row as text."""
    return [text(cell, column.digits) for cell, column in zip(row, table.columns, strict=True)]


def text(cell: Cell, digits: int) -> str:
    """A figure as text, with its range where there were several rounds."""
    if cell is None:
        return "–"
    if isinstance(cell, str):
        return cell
    if isinstance(cell, Spread):
        middle = f"{cell.median:,.{digits}f}"
        if cell.least == cell.most:
            return middle
        return f"{middle} ({cell.least:,.{digits}f}–{cell.most:,.{digits}f})"
    return f"{cell:,.{digits}f}"


def _markdown_table(table: FiguresTable) -> str:
    lines = [
        f"**{table.title}**\n",
        "| " + " | ".join(column.heading for column in table.columns) + " |",
        "|---" + "|---:" * (len(table.columns) - 1) + "|",
    ]
    lines += ("| " + " | ".join(cells(table, row)) + " |" for row in table.rows)
    return "\n".join(lines)


def _asked(value: object) -> str:
    if isinstance(value, list | tuple):
        return " ".join(_asked(each) for each in value)
    return f"{value:,}" if isinstance(value, int) else str(value)


def _load(section: Section) -> object:
    return section.machine.get("loadBefore", "not known")
