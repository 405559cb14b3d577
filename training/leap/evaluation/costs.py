"""What decoding costs, from the JSON reports of `npm run bench -- --decoders FOLDER`."""

import json
from collections.abc import Iterable
from pathlib import Path

METHODS = {"decoder": "leap decoder", "taesd": "TAESD"}
"""A case of the benchmark -> the method's name in our table."""

STRIDE = 8
COUNT = "k multiply-adds / pixel"


class Costs:
    """Cells of the decoders' rows: multiply-adds per pixel, and a report's milliseconds."""

    def __init__(self, reports: Iterable[Path] = ()):
        self.columns: list[str] = []
        self.cells: dict[tuple[str, str, str], str] = {}
        for path in reports:
            self._read(json.loads(path.read_text()))

    def _read(self, report: dict) -> None:
        for measurement in report["measurements"]:
            work = measurement["workload"]
            if work["scale"] != 1:
                continue
            side = work["size"] * STRIDE
            column = f"ms, {side}², {report['adapter']}"
            for name in (COUNT, column):
                if name not in self.columns:
                    self.columns.append(name)
            for result in measurement["results"]:
                method = METHODS.get(result["id"])
                if method is None or not result["totalMs"]:
                    continue
                operations = sum(step["multiplyAdds"] for step in result["steps"])
                key = (method, work["family"])
                self.cells[*key, COUNT] = f"{operations / side**2 / 1e3:.0f}"
                self.cells[*key, column] = f"{result['totalMs']['median']:.0f}"

    def row(self, method: str, family: str) -> list[str]:
        """The method's cells, empty where nothing was measured."""
        return [self.cells.get((method, family, column), "") for column in self.columns]
