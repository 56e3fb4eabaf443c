"""DER as asn1crypto writes it, in a time that grows with what is written.

Two faults of asn1crypto 1.5.1 made every signature by the keys of about one office in ten some
three hundred times slower, by the luck of a length (wbond/asn1crypto#249, #256; #302 is about the
first):

- A length whose last byte is 80 (hexadecimal; 128, 384, 640 bytes …) is taken for the indefinite
  form of BER, and everything below is encoded anew. What really has that form has a trailer.
- A value that was built or changed encodes its contents up to three times for each level, so the
  work grows by that factor with every level of a CMS.

The methods that encode are compiled once more without them; one that upstream has mended stays.
"""

import inspect
import textwrap
from typing import Any

from asn1crypto import core

_FAULTS = (
    (r"self._header is not None and self._header[-1:] == b'\x80'", "self._trailer != b''"),
    ("self.tag, self.contents)", "self.tag, contents)"),
    ("tag, header + self.contents)", "tag, header + contents)"),
)
"""Text of the methods, and what it ought to be."""

_KINDS: tuple[Any, ...] = (
    core.Asn1Value,
    core.Choice,
    core.Primitive,
    core.Sequence,
    core.SequenceOf,
)

_NAME = "<asn1crypto, mended>"

for _kind in _KINDS:
    _source = _mended = textwrap.dedent(inspect.getsource(_kind.dump))
    for _wrong, _right in _FAULTS:
        _mended = _mended.replace(_wrong, _right)
    if _mended != _source:
        _made: dict[str, Any] = {}
        exec(compile(_mended, _NAME, "exec"), vars(core), _made)  # noqa: S102 (asn1crypto's own text)
        _kind.dump = _made["dump"]
