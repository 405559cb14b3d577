"""What the model card says was measured."""

from leap.evaluation.card_table import merge_tables, read_measured

BEFORE = """| | family | method | PSNR dB |
|---|---|---|---|
| pair x2 | flux1 | LUA, leap decoder | 27.16 |
| pair x2 | flux1 | TAESD, bicubic | 26.99 |
| pair x2 | sdxl | LUA, leap decoder | 25.28 |"""

NOW = """| | family | method | PSNR dB | pictures |
|---|---|---|---|---|
| pair x2 | flux1 | leap decoder, bicubic | 27.20 | 18 |
| pair x2 | sd3 | TAESD, bicubic | 27.90 | 18 |"""


def test_rows_of_weights_that_are_gone_leave_with_them():
    merged = merge_tables(BEFORE, NOW, {"lua": {"flux1"}})
    assert merged.splitlines() == [
        "|  | family | method | PSNR dB | pictures |",
        "|---|---|---|---|---|",
        "| pair x2 | flux1 | TAESD, bicubic | 26.99 |  |",
        "| pair x2 | flux1 | leap decoder, bicubic | 27.20 | 18 |",
        "| pair x2 | sd3 | TAESD, bicubic | 27.90 | 18 |",
        "| pair x2 | sdxl | LUA, leap decoder | 25.28 |  |",
    ]


def test_a_row_that_was_measured_anew_takes_the_place_of_the_old_one():
    now = BEFORE.replace("25.28", "25.31")
    assert "25.28" not in merge_tables(BEFORE, now, {})
    assert "| 25.31 |" in merge_tables(BEFORE, now, {})


def test_nothing_measured_is_no_table():
    assert merge_tables("", "", {"lua": {"flux1"}}) == ""


def test_the_table_of_a_card_ends_with_its_section():
    card = f"# Weights\n\n## Measured\n\n{BEFORE}\n\n## Photographs\n\n| a | b |\n"
    assert read_measured(card) == BEFORE
    assert read_measured("# Weights\n") == ""


def test_what_decoding_costs_stays():
    header = "| | family | method | PSNR dB |"
    line = "|---" * 5 + "|"
    before = f"{header} k |\n{line}\n| decode | sd3 | leap | 30 | 60 |"
    merged = merge_tables(
        before, f"{header}\n{line}\n| decode | sd3 | leap | 31 |", {"decoder": {"sd3"}}
    )
    assert merged.splitlines()[-1] == "| decode | sd3 | leap | 31 | 60 |"


def test_rows_of_a_part_that_was_not_exported_stay():
    before = BEFORE + "\n| encode | flux1 | leap encoder, TAESD | 26.14 |"
    merged = merge_tables(before, NOW, {"lua": {"flux1"}, "decoder": {"flux1"}})
    assert "leap encoder" in merged
    assert "27.16" not in merged
    assert "leap encoder" not in merge_tables(before, NOW, {"encoder": {"flux1"}})
