"""ONNX Runtime without its telemetry.

Its wheels (seen in 1.32) write a database of events into the user's cache folder and send it to
their maker, from the import on; ``disable_telemetry_events`` comes too late for that. The variable
is what the library asks before it begins. Nothing else imports it.
"""

import os
from typing import Any


def onnx_runtime() -> Any:
    """The package, silent; ``ImportError`` without it."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime  # noqa: PLC0415 - waits for the first line

    return onnxruntime
