"""Photographs of papers: told from scans, laid flat, their light evened.

A photograph becomes a page as a scan shows it right after it was opened, so that every later step
sees an upright, flat, evenly lit sheet: :mod:`ocr.photographs.outline` finds the sheet,
:mod:`ocr.photographs.recognised` says whether the picture is a photograph at all,
:mod:`ocr.photographs.flat` makes the page, :mod:`ocr.photographs.usable` says what is wrong with
it.
"""
