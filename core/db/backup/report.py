"""What a backup, a restore or a drill did, as the command prints it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class TableLine:
    """One table: its rows now, the rows it should have, and whether counts and checksums agree."""

    name: str
    rows: int
    expected: int
    same: bool


@dataclass
class Report:
    """The outcome; `ok` is true when nothing differs and every control was noticed."""

    action: str
    file: str
    ok: bool = True
    made_at: str = ""
    bytes: int = 0
    sha256: str = ""
    seconds: float = 0.0
    tables: list[TableLine] = field(default_factory=list)
    uploads: int = 0
    #: What is not as it was in the backup, one line each.
    differences: list[str] = field(default_factory=list)
    #: Planted differences and whether the comparison noticed them; a blind comparison proves nothing.
    controls: dict[str, bool] = field(default_factory=dict)
    #: What modules proved beyond equality (replay, trial balance, root), and their findings.
    proofs: dict[str, list[str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def judge(self) -> Report:
        """Settle `ok`."""
        same = not self.differences and all(line.same for line in self.tables)
        self.ok = same and all(self.controls.values()) and not any(self.proofs.values())
        return self
