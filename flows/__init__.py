"""Prefect flows, the watcher of the inbox, and nightly schedules; the steps are use cases.

``digitise`` is the engine alone; ``steps`` is what happens to a dossier, plainly; ``dossier`` shows
the steps to Prefect; ``inbox``, ``intake`` and ``outlet`` are the folder's two ends; ``watch`` runs
them all. Only ``dossier`` and ``watch`` import Prefect.
"""
