"""Results made from fields by templates: a decision of Decree 30/2020, CT07, an office's own.

Born digital, PDF/A-2b, fonts embedded, with room for the picture of a signature and for a seal in
its actual size; what comes out is signed with the profiles ``leader`` and ``agency``.
"""

from usecases.results.drawing import draw, draw_file
from usecases.results.template import Template, known_templates, shipped_templates

__all__ = ["Template", "draw", "draw_file", "known_templates", "shipped_templates"]
