"""Signs one file in a process that does nothing else; prints its peak memory in kB.

``python -m training.benches.signing_once KEYS SOURCE OUT``
"""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from signing import Pki, Signer, SignerRole, SigningOptions


def main(keys: Path, source: Path, out: Path) -> None:
    """Sign at B-LTA, then tell."""
    signer = Signer(Pki(keys, lambda: datetime.now(UTC)), SigningOptions())
    signer.sign(source, out, role=SignerRole.seal)
    signer.close()
    # not ru_maxrss: Linux hands that of the parent down
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text("ascii"))
    print(peak[1] if peak else 0)


if __name__ == "__main__":
    main(*(Path(one) for one in sys.argv[1:]))
