"""A time-stamp authority and CRLs on a port of this machine, in a process of their own.

``python -m training.benches.authority FOLDER``: makes a development PKI in ``FOLDER/pki`` whose
certificates name this port, prints the address, serves until its standard input ends.
"""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from aiohttp import web
from asn1crypto import tsp

from signing import LocalTimeStamper, Pki
from usecases.context import now

AGENCY = "ỦY BAN NHÂN DÂN PHƯỜNG VÍ DỤ"


async def serve(folder: Path) -> None:
    """Serve until standard input ends."""
    app = web.Application()
    runner = web.AppRunner(app)
    made: list[Pki] = []
    stampers: list[LocalTimeStamper] = []

    async def stamp(request: web.Request) -> web.Response:
        asked = tsp.TimeStampReq.load(await request.read())
        answer = await stampers[0].async_request_tsa_response(asked)
        return web.Response(body=answer.dump(), content_type="application/timestamp-reply")

    async def crl(request: web.Request) -> web.Response:
        root, issuing = made[0].crls(timedelta(hours=12))
        body = root if "root" in request.path.split("/") else issuing
        return web.Response(body=body, content_type="application/pkix-crl")

    app.router.add_post("/tsa", stamp)
    app.router.add_get("/{path:.*}", crl)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    made.append(Pki.ensure(folder / "pki", AGENCY, now, crl_address=address))
    stampers.append(LocalTimeStamper(made[0]))
    print(address, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
