"""Where the font of drawn papers is: Tinos, metric-compatible with Times New Roman."""

import subprocess
from functools import cache
from pathlib import Path
from typing import Literal

from schemas.errors import MissingDependency

Face = Literal["Regular", "Bold", "Italic", "BoldItalic"]

FONT_FOLDERS = ("/usr/share/fonts/truetype/croscore", "/usr/share/fonts/croscore")


@cache
def font_file(face: Face) -> Path:
    """The font file of Tinos, metric-compatible with Times New Roman and whole in Vietnamese.

    Raises:
        MissingDependency: ``fields.no_sample_font``.
    """
    for folder in FONT_FOLDERS:
        path = Path(folder) / f"Tinos-{face}.ttf"
        if path.is_file():
            return path
    style = face.replace("BoldItalic", "Bold Italic")
    command = ["fc-match", "--format=%{family}|%{file}", f"Tinos:style={style}"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise MissingDependency("fields.no_sample_font") from error
    family, _, name = answer.stdout.partition("|")
    if family.startswith("Tinos") and Path(name).is_file():
        return Path(name)
    raise MissingDependency("fields.no_sample_font")
