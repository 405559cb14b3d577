"""The numbers that a device computes fastest in: bf16, or fp32 on a CPU without matrix units."""

from functools import cache

import torch


@cache
def fast_dtype(device: str) -> torch.dtype:
    """What networks run in on `device`.

    bf16 pays on a GPU, and on a CPU with AMX. On a Xeon core with avx512_bf16 but no AMX, 3x3
    convolutions reach 87 Gflop/s in bf16 and 175 in fp32 (PyTorch 2.13, channels last).
    """
    if torch.device(device).type != "cpu" or torch.cpu.get_capabilities().get("amx_bf16"):
        return torch.bfloat16
    return torch.float32


def autocast(device: str) -> torch.autocast:
    """Runs what it holds in `fast_dtype(device)`; weights stay fp32."""
    fast = fast_dtype(device) is torch.bfloat16
    return torch.autocast(torch.device(device).type, torch.bfloat16, enabled=fast)
