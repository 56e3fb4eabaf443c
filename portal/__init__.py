"""The pages and the programming interface for people and systems; they hold no logic.

A page is a module in :mod:`portal.pages`, an answer for systems one in :mod:`portal.api`; both are
found by themselves. Every route says whom it lets in (:mod:`portal.rules`), calls one use case, and
shows its view.
"""
