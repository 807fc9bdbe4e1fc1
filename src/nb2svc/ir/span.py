"""Where something stands in the notebook."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A piece of one code cell, as its author sees it.

    `cell` counts code cells from 1, lines count from 1 in the cell's source, columns from 0 in characters
    (not in UTF-8 bytes, as `ast` counts them); the end is exclusive.
    """

    cell: int
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"cell {self.cell}, line {self.line}"

    def contains(self, other: "Span") -> bool:
        """Whether `other` lies within this span (equal spans do)."""
        return (
            self.cell == other.cell
            and (self.line, self.column) <= (other.line, other.column)
            and (other.end_line, other.end_column) <= (self.end_line, self.end_column)
        )
