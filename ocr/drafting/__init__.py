"""Drafting a form's type from its blank.

A page is brought level (:mod:`.sheet`); rules, cells, tables and boxes to tick are found
(:mod:`.ruled`), then dot leaders (:mod:`.leaders`), then runs of print between them, which are read
one by one (:mod:`.runs`). Row by row (:mod:`.rows`) each place gets its label (:mod:`.places`);
tables, places to sign and the form's heading follow. :mod:`.naming` calls everything as the
vocabulary of :mod:`schemas.label_names` does, and :mod:`.drafted` puts it together.
"""
