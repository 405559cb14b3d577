"""Shifted-window attention against a plain loop over positions, in float64."""

import numpy as np
import torch

from leap.networks.swin import SwinBlock, relative_index, shift_mask

WINDOW, HEADS, WIDTH, SIDE = 4, 2, 8, 8


def attend(block: SwinBlock, x: np.ndarray) -> np.ndarray:
    """The block's attention branch on normalised input [H,W,E], one query at a time.

    After the cyclic shift a window may only look at positions that were its neighbours before.
    """
    state = {k: v.double().numpy() for k, v in block.attn.state_dict().items()}
    shift, d = block.shift, WIDTH // HEADS
    rolled = np.roll(x, (-shift, -shift), (0, 1))
    qkv = rolled @ state["qkv.weight"].T + state["qkv.bias"]

    def region(i: int) -> int:
        """Which of the pieces that a shift brings together a row (or column) comes from."""
        return 0 if i < SIDE - WINDOW else 1 if i < SIDE - shift else 2

    out = np.zeros_like(x)
    for y in range(SIDE):
        for x_ in range(SIDE):
            y0, x0 = y // WINDOW * WINDOW, x_ // WINDOW * WINDOW
            for head in range(HEADS):
                cut = slice(head * d, head * d + d)
                scores, values = [], []
                for v in range(y0, y0 + WINDOW):
                    for u in range(x0, x0 + WINDOW):
                        query = qkv[y, x_, :WIDTH][cut]
                        key = qkv[v, u, WIDTH : 2 * WIDTH][cut]
                        row = (y - v + WINDOW - 1) * (2 * WINDOW - 1) + x_ - u + WINDOW - 1
                        score = query @ key / np.sqrt(d)
                        score += state["relative_position_bias_table"][row, head]
                        if shift and (region(y), region(x_)) != (region(v), region(u)):
                            score -= 100
                        scores.append(score)
                        values.append(qkv[v, u, 2 * WIDTH :][cut])
                weights = np.exp(np.array(scores) - max(scores))
                out[y, x_, cut] = weights / weights.sum() @ np.array(values)
    out = out @ state["proj.weight"].T + state["proj.bias"]
    return np.roll(out, (shift, shift), (0, 1))


def compare(shift: int) -> None:
    torch.manual_seed(shift)
    block = SwinBlock(WIDTH, HEADS, WINDOW, shift, 2).double()
    torch.nn.init.normal_(block.attn.relative_position_bias_table)
    x = torch.randn(1, SIDE, SIDE, WIDTH, dtype=torch.float64)
    mask = shift_mask(SIDE, SIDE, WINDOW, WINDOW // 2).double()
    normalised = block.norm1(x)[0].detach().numpy()
    branch = x + torch.from_numpy(attend(block, normalised))
    expected = branch + block.mlp(block.norm2(branch))
    torch.testing.assert_close(block(x, mask), expected, rtol=1e-9, atol=1e-9)


def test_plain_window() -> None:
    compare(0)


def test_shifted_window() -> None:
    compare(WINDOW // 2)


def test_relative_index_counts_rows_of_the_table() -> None:
    index = relative_index(3)
    assert index.shape == (9, 9)
    assert index[0, 0] == 12 and index[0, 8] == 0 and index[8, 0] == 24
