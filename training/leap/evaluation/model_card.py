"""The model card beside the exported files, written from their own records."""

import csv
from collections import Counter
from pathlib import Path

from leap.evaluation.card_table import HEADING, merge_tables, read_measured
from leap.weights_file import read_record
from leap.whole_files import write_text_whole

PHOTOGRAPHS = "## Photographs"

INTRO = """# Latent Leap weights (leap-s)

- `lua-s.*`: LUA, a trunk for each of the decoder's. Its first blocks began as those of the family's
  decoder; Swin groups and heads for x2 and x4 are added. Each family adds its first convolution and
  the last one of each head.
- `decoder-s.*`: latent to picture. All work at 1/8, 1/4 and 1/2 resolution, out by pixel-shuffle.
  The families of sixteen latent channels share a trunk, the others have one each.
  FLUX.2's first scales and shifts the latent by its own statistics over the whole picture.
- `encoder-s.*`: picture to latent, the decoder's mirror, so that a photograph can be tried. Each of
  the decoder's trunks has one, which was trained through it. FLUX.2's last scales and shifts the
  latent by its own statistics over the whole picture.

Families: `sd15`, `sdxl`, `sd3`, `flux1`, `flux2` (32 channels, unpacked, batch-norm normalised).
A model is the trunk file and a family file together; both are fp16 safetensors, model space,
tensors on 8-byte boundaries (`__pad__.*` tensors are filling). Licence of the weights: Apache-2.0.

Method: LUA (arXiv 2511.10629v2), seen through our own decoder and compared with the photograph; at
last the decoder learns with it (training/README.md). Weights: trained from scratch here. Latents,
the frozen decoder of one step in eight (of an encoder: in four), and pictures that encoders and
all last pairs but FLUX.2's learnt to resemble come from the TAESD family (madebyollin/taesd, MIT),
none of whose weights are in these files. A step of a LUA's phases sees windows of 224 pixels
(FLUX.2's: 192; one step in eight half as many and smaller ones); the record has the last two
phases' number, experiments/journal.md that of all. FLUX.2's is trained with a latent L1 in every
second step in place of TAESD.

## Limits
Trained briefly on few pictures (see the record below): the smaller the run, the softer the result.
Latents are those of TAESD encoders; a full VAE's latents are close, not identical. The residual is
bounded softly (at most 4), whatever comes in; a latent that is itself out of range (saturated)
still breaks where the decoder breaks (training/results.md has numbers of an earlier LUA).
"""


def write_card(
    folder: Path,
    manifest: Path | None,
    table: Path | None,
    batch: int,
    changed: dict[str, set[str]],
) -> None:
    """Writes MODEL_CARD.md into `folder` from the records of the files there. table: what was
    measured now; batch: windows of a step of our LUA; changed: families with new weights, by the
    part (lua, decoder, encoder)."""
    path = folder / "MODEL_CARD.md"
    old = path.read_text() if path.exists() else ""
    before = read_measured(old)
    now = table.read_text() if table else ""
    lines = [INTRO, "## Training record", ""]
    for trunk in sorted(folder.glob("*.trunk*.safetensors")):
        record = read_record(trunk)
        lines += [f"- `{trunk.name}` ({trunk.stat().st_size:,} bytes)"]
        lines += [f"  - config: `{record['config']}`", f"  - training: `{record['training']}`"]
        if trunk.name.startswith("lua-") and (phases := record["training"].get("phases")):
            windows = batch * sum(phase["steps"] for phase in phases.values())
            lines += [f"  - windows seen: {windows:,} ({batch} a step)"]
    if measured := merge_tables(before, now, changed):
        lines += ["", HEADING, "", measured]
    photographs = (
        "\n".join(photo_licences(manifest)) if manifest else read_section(old, PHOTOGRAPHS)
    )
    if photographs:
        lines += ["", PHOTOGRAPHS, "", photographs]
    write_text_whole(path, "\n".join(lines) + "\n")


def read_section(card: str, heading: str) -> str:
    """What stands below a heading; empty where the card has none."""
    _, _, rest = card.partition(f"\n{heading}\n")
    return rest.split("\n## ")[0].strip()


def photo_licences(manifest: Path) -> list[str]:
    """How many training pictures came under which licence."""
    with open(manifest, newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["file"].startswith("train/")]
    counts = Counter(r["licence"].split(" (")[0] for r in rows).most_common()
    intro = f"The {len(rows)} pictures that crops were drawn from; none comes with the weights:"
    return [intro, "", *(f"- {n} x {licence}" for licence, n in counts)]
