"""What is said of a file from anywhere: PDF or container, honest or hostile."""

import signing.encoding  # noqa: F401 (mends asn1crypto)
