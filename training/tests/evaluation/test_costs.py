"""The benchmark's reports become cells of the decoders' rows."""

import json
from pathlib import Path

from leap.evaluation.costs import Costs
from leap.evaluation.results import DECODE, Results


def report(adapter: str, milliseconds: float) -> dict:
    """As bench/report/write-report.ts writes it, without what is not read."""
    result = {
        "id": "decoder",
        "steps": [{"multiplyAdds": 60_000 * 512**2}],
        "totalMs": {"median": milliseconds},
    }
    failed = {"id": "taesd", "steps": [], "totalMs": None}
    decoded = {"family": "sdxl", "size": 64, "scale": 1}
    upscaled = {"family": "sdxl", "size": 64, "scale": 2}
    measurements = [
        {"workload": decoded, "results": [result, failed]},
        {"workload": upscaled, "results": [result]},
    ]
    return {"adapter": adapter, "measurements": measurements}


def test_a_column_for_each_report(tmp_path: Path) -> None:
    paths = [tmp_path / "one.json", tmp_path / "two.json"]
    for path, (adapter, ms) in zip(paths, [("wasm 1", 1234.5), ("wasm 2", 700.2)], strict=True):
        path.write_text(json.dumps(report(adapter, ms)))
    costs = Costs(paths)
    assert costs.columns == ["k multiply-adds / pixel", "ms, 512², wasm 1", "ms, 512², wasm 2"]
    assert costs.row("leap decoder", "sdxl") == ["60", "1234", "700"]
    assert costs.row("TAESD", "sdxl") == ["", "", ""]

    results = Results(tmp_path / "results.csv", "", costs)
    results.rows["leap decoder", "sdxl", DECODE, "0"] = [30, 0.9, 0.1, 0.1, 0.8]
    results.rows["LUA", "sdxl", "x2", "0"] = [25, 0.8, 0.2, 0.2, 0.5]
    header, _, decoder, lua = results.table().splitlines()
    assert header.count("|") == decoder.count("|") == lua.count("|")
    assert decoder.endswith("| 1 | 60 | 1234 | 700 |") and lua.endswith("| 1 |  |  |  |")
