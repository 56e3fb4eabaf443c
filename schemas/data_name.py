"""What data of an office are called. Apart from :mod:`schemas.data_file`, which reads YAML."""

from typing import Annotated

from pydantic import StringConstraints

NAME = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"

DataName = Annotated[str, StringConstraints(pattern=f"^{NAME}$", max_length=60)]
"""What a file of data is called without its ending: ``sao-y``."""
