"""Signing: one file in, one signed file out, now and for the years to come."""

import signing.encoding  # noqa: F401 (mends asn1crypto)
