"""Keys and certificates: where they are, what they rest on, and whether they may be used now."""

import signing.encoding  # noqa: F401 (mends asn1crypto)
