"""The door to :mod:`ocr.fields.forms.blanks`: blanks of forms, given or learned."""

from ocr.fields.forms.blanks import FEWEST, blank_path, keep_given, keep_learned

__all__ = ["FEWEST", "blank_path", "keep_given", "keep_learned"]
