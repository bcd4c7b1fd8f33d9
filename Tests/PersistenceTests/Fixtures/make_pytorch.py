#!/usr/bin/env python3
"""Writes files of torch.save, and small.safetensors with the same tensors.

    python make_pytorch.py

Made with torch 2.15.0 and safetensors 0.8.0; equal versions give equal values. The files are:

- small.bin: the state dict of nested modules, and tensors that are views of others;
- protocol3.bin, protocol4.bin, protocol5.bin: the same with other protocols of pickle;
- old-names.bin: the same as PyTorch 1.6 wrote archives, without the file `byteorder`;
- small.safetensors: the same values, each tensor by itself;
- legacy.bin: the format before PyTorch 1.6;
- module.bin: a whole module instead of its state dict;
- training.bin: the state dict inside a dictionary with other things;
- system.bin: a pickle that would run a command if it were executed.
"""

import io
import os
import pathlib
import zipfile

import torch
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent
torch.manual_seed(1)


class Layer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.dense = torch.nn.Linear(3, 5)
        self.LayerNorm = torch.nn.LayerNorm(5)
        self.register_buffer("position_ids", torch.arange(6).expand((1, -1)))


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.words = torch.nn.Embedding(7, 3)
        self.layers = torch.nn.ModuleList([Layer(), Layer()])
        self.decoder = torch.nn.Linear(3, 7)
        self.decoder.weight = self.words.weight


def tensors():
    """The model's tensors with others, which are views in every way."""
    state = Model().state_dict()
    table = torch.randn(4, 6)
    cube = torch.randn(2, 3, 4)
    state["half"] = torch.randn(3, 2).half()
    state["bfloat"] = torch.randn(3, 2).bfloat16()
    state["double"] = torch.randn(3, 2).double()
    state["transposed"] = table.t()
    state["rows"] = table[1:3]
    state["columns"] = table[:, 2:5]
    state["every.other"] = table[::2, 1::3]
    state["permuted"] = cube.permute(2, 0, 1)
    state["permuted.half"] = cube.half().permute(1, 2, 0)
    state["permuted.double"] = cube.double().permute(2, 1, 0)
    state["expanded"] = torch.randn(1, 3).expand(4, 3)
    state["one.axis"] = table.t()[2:3]
    state["scalar"] = torch.tensor(1.5)
    state["empty"] = torch.zeros(0, 3)
    state["parameter"] = torch.nn.Parameter(torch.randn(2, 2))
    state["parameter.transposed"] = torch.nn.Parameter(torch.randn(2, 3)).t()
    state["largest"] = torch.tensor([3.4e38, -1e-45, 65504.0])
    for name, dtype in [
        ("bytes", torch.uint8), ("chars", torch.int8), ("shorts", torch.int16), ("ints", torch.int32)
    ]:
        state[name] = torch.arange(3).to(dtype)
    state["flags"] = torch.tensor([True, False])
    return state


class Command:
    def __reduce__(self):
        return os.system, ("touch /tmp/executed-by-a-pickle",)


state = tensors()
torch.save(state, HERE / "small.bin")
for protocol in [3, 4, 5]:
    torch.save(state, HERE / f"protocol{protocol}.bin", pickle_protocol=protocol)
save_file({k: v.detach().clone().contiguous() for k, v in state.items()}, HERE / "small.safetensors")

written = io.BytesIO()
torch.save(state, written)
with zipfile.ZipFile(written) as new, zipfile.ZipFile(HERE / "old-names.bin", "w") as old:
    for name in new.namelist():
        kept = name.removeprefix("archive/")
        if kept in ["data.pkl", "version"] or kept.startswith("data/"):
            # A fixed time, for equal files.
            old.writestr(zipfile.ZipInfo("pytorch_model/" + kept), new.read(name))

torch.save(torch.nn.Linear(2, 1).state_dict(), HERE / "legacy.bin",
           _use_new_zipfile_serialization=False)
torch.save(torch.nn.Linear(2, 1), HERE / "module.bin")
torch.save({"epoch": 3, "state_dict": torch.nn.Linear(2, 1).state_dict()}, HERE / "training.bin")
torch.save({"weight": torch.zeros(1), "x": Command()}, HERE / "system.bin")
