"""The shipped files become training states that the networks take."""

from pathlib import Path

import pytest

from leap.families import channels_of
from leap.networks.leap_decoder import DecoderConfig, FamilyDecoder
from leap.networks.leap_encoder import EncoderConfig, FamilyEncoder
from leap.networks.lua import FamilyLua
from leap.train_lua import SMALL
from restore import gather

MODELS = Path(__file__).resolve().parents[2] / "public" / "models"
NETWORKS = {
    "lua": lambda: FamilyLua(SMALL, channels_of()),
    "decoder": lambda: FamilyDecoder(DecoderConfig(), channels_of()),
    "encoder": lambda: FamilyEncoder(EncoderConfig(), channels_of()),
}


@pytest.mark.parametrize("kind", list(NETWORKS))
def test_shipped_files_restore(kind: str) -> None:
    NETWORKS[kind]().load_state_dict(gather(kind, MODELS))
