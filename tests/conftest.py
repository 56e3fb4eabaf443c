"""Property tests: the same examples in every run, so that a red run says what a change did.

``make test ARGS="-m hypothesis --hypothesis-profile=explore"`` looks at others.
"""

from hypothesis import settings

settings.register_profile("same", derandomize=True)
settings.register_profile("explore", derandomize=False, max_examples=1000, deadline=None)
settings.load_profile("same")
