"""Outside services that fail: time-outs, few calls at once, back-off, and a circuit breaker.

A service that failed several times in a row is left alone for a while, doubling up to a minute;
then one call tries it, and the others follow when that one succeeds. Whoever calls in between is
told so at once: the document stays where it is and is taken up again later.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from ssl import SSLContext
from typing import TypeVar

import aiohttp

from schemas.errors import ServiceUnavailable
from schemas.page import Frozen
from signing.options import RetryPolicy

_T = TypeVar("_T")

log = logging.getLogger(__name__)


class WrongAnswer(Exception):
    """The service answered, but not with what it was asked for."""


class ServiceState(Frozen):
    """How a service stands, for operators."""

    name: str
    working: bool
    failures: int
    """In a row."""
    rests_for: float
    """Seconds until it is tried again; 0 when it may be called now."""


class Service:
    """One outside service. For one event loop."""

    def __init__(
        self,
        name: str,
        policy: RetryPolicy,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """``name`` is ``time_stamp``, ``revocation`` or ``remote_key``: ``signing.<name>_…``."""
        self.name = name
        self._policy = policy
        self._clock = clock
        self._sleep = sleep
        self._turn = asyncio.Semaphore(policy.together)
        self._failures = 0
        self._rests_until = 0.0
        self._probing = False

    @property
    def state(self) -> ServiceState:
        """How it stands now."""
        rest = max(0.0, self._rests_until - self._clock())
        return ServiceState(
            name=self.name, working=self._failures == 0, failures=self._failures, rests_for=rest
        )

    async def call(self, work: Callable[[], Awaitable[_T]]) -> _T:
        """Do ``work``, several times if need be.

        ``work`` raises :class:`WrongAnswer`, or what ``aiohttp`` and sockets raise, when the
        service failed; every other exception passes and counts for nothing.

        Raises:
            ServiceUnavailable: it failed, or is being left alone.
        """
        for number in range(self._policy.tries):
            if number:
                await self._sleep(self._policy.pause * 2 ** (number - 1))
            async with self._turn:
                if number and self._open:
                    break
                self._enter()
                try:
                    async with asyncio.timeout(self._policy.seconds):
                        done = await work()
                except WrongAnswer as exc:
                    problem: ServiceUnavailable = self._failed("wrong", exc)
                except (TimeoutError, OSError, aiohttp.ClientError) as exc:
                    problem = self._failed("unavailable", exc)
                except BaseException:
                    self._probing = False
                    raise
                else:
                    if self._rests_until:
                        log.warning("%s: answers again", self.name)
                    self._failures, self._rests_until, self._probing = 0, 0.0, False
                    return done
        raise problem

    @property
    def _open(self) -> bool:
        return self._rests_until > self._clock() or (self._rests_until > 0 and self._probing)

    def _enter(self) -> None:
        if self._open:
            rest = self._rests_until - self._clock()
            raise ServiceUnavailable(f"signing.{self.name}_resting", seconds=max(1, round(rest)))
        self._probing = self._rests_until > 0

    def _failed(self, how: str, exc: Exception) -> ServiceUnavailable:
        self._probing = False
        self._failures += 1
        beyond = self._failures - self._policy.failures
        if beyond >= 0:
            rest = min(self._policy.rest, 2.0 * 2.0 ** min(beyond, 30))
            self._rests_until = self._clock() + rest
            log.warning(
                "%s: failed %d times in a row (%s), left alone for %.0f s",
                *(self.name, self._failures, how, rest),
            )
        problem = ServiceUnavailable(f"signing.{self.name}_{how}")
        problem.__cause__ = exc
        return problem


class Web:
    """HTTP with a limit to what is taken in; one session, made on first use in its loop."""

    def __init__(self) -> None:
        """Nothing is opened yet."""
        self._session: aiohttp.ClientSession | None = None

    async def fetch(
        self,
        method: str,
        address: str,
        *,
        limit: int,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        auth: aiohttp.BasicAuth | None = None,
        ssl: SSLContext | bool = True,
    ) -> tuple[bytes, str]:
        """The answer's body and content type.

        Raises:
            WrongAnswer: a status other than 200, or more than ``limit`` bytes.
            aiohttp.ClientError, OSError: no answer.
        """
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))
        async with self._session.request(
            method,
            address,
            data=body,
            headers=headers,
            auth=auth,
            ssl=ssl,
        ) as answer:
            if answer.status != 200:
                raise WrongAnswer(str(answer.status))
            content = await answer.content.read(limit + 1)
            while len(content) <= limit and (more := await answer.content.read(limit + 1)):
                content += more
            if len(content) > limit:
                raise WrongAnswer("too long")
            return content, answer.content_type

    async def close(self) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()
            self._session = None
