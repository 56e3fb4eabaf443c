"""Lines of print recognised with Tesseract's own model, run by ONNX Runtime.

Tesseract spends three quarters of its time in its line network, step by step and line by line.
Here the same weights run as one graph for several lines at a time, in a fifth of that time.
Tesseract still says where the lines are: :mod:`ocr.recognition.layout`.
"""

from ocr.recognition.page import LineRecogniser
from ocr.recognition.traineddata import UnfitModel

__all__ = ["LineRecogniser", "UnfitModel"]
