"""What people and systems do to dossiers, the same from a command, a page and an interface.

Each use case is a function: first who asks (:class:`usecases.caller.Caller`), then the rooms that a
face has opened (:class:`usecases.rooms.Rooms`), then what is wanted. It asks for permission in one
place (:mod:`usecases.dossiers`) and answers with frozen models of :mod:`schemas.views`.

========================  ==========================================================
to look and to find       ``look``, ``find``, ``figures``, ``pictures``, ``trust``
to hand in and follow     ``submission``, ``following``
to decide                 ``review``, ``splitting``, ``retrying``, ``departments``
to let in                 ``accounts``, ``tokens``, ``sign_in``
to sign                   ``route``, ``batch``, ``archive``
to take away              ``fetch``, ``exporting``, ``published``, ``evidence``
========================  ==========================================================

The other modules are the work itself, which ``flows`` sets going: ``steps`` is a dossier's way.
"""
