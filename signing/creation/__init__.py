"""Signing: one file in, one signed file out, now and for the years to come."""
