"""The line reader taught by lines whose text is known: see ``docs/learning.md``.

What is taught is a small network behind the line model (:mod:`ocr.recognition.adapter`); the model
itself stays as it is. It is fitted with numpy alone, on the processor, in minutes.
"""
