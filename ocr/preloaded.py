"""What every worker needs, imported once by the server from which all are forked (:mod:`ocr.pool`).

Imports make hundreds of thousands of objects that stay: the garbage collector looks at none of them
meanwhile, nor in the workers later, so that their memory stays the server's, too. The server has
nothing else to do; a worker turns the collector on for itself.
"""

import gc
import os
from importlib import import_module

NEEDED = ("ocr.pipeline", "ocr.pdfa.compose", "ocr.fields", "ocr.files.inspection")

gc.disable()
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy's own threads only wait for each other
for name in NEEDED:
    import_module(name)
gc.freeze()
