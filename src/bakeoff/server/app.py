"""Which address shows what. No part of a request is ever a path: pages are a fixed list, models have their places."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from bakeoff.comparison import Comparison
from bakeoff.errors import BakeoffError, DataError, WorkerError
from bakeoff.server import pages
from bakeoff.server.asking import read_question
from bakeoff.server.browsing import browse
from bakeoff.server.desk import Desk
from bakeoff.server.guards import Guard, Names, Refusal, read_body
from bakeoff.server.voting import Booth, Electorate
from bakeoff.server.watching import Snapshot, Watch
from bakeoff.spec import Study

MOST_STREAMS = 24
"""Pages that watch at the same time."""

NO_STUDY = "This server was started without a study: bakeoff serve STUDY, for instance bakeoff serve quickstart."

_SENTENCES = {404: "there is no such page here", 405: "this address is not asked in this way"}


def make_app(
    study: Study | None, folder: Path, *, names: Names, run_command: str, is_stopping: Callable[[], bool]
) -> ASGIApp:
    """The whole site.

    Args:
        study: What is watched and asked; None to browse the store only.
        folder: The store's; it may come into being later.
        names: Under which this server may be asked.
        run_command: What trains the study into this store, to be typed.
        is_stopping: Whether it is about to end, so that nobody waits for news any more.
    """
    site = _StudySite(study, folder, run_command, is_stopping) if study else _StoreSite(folder)
    app = Starlette(
        routes=[*site.routes(), *_assets()],
        lifespan=site.lifespan,
        exception_handlers={Refusal: _tell_refusal, BakeoffError: _tell_error, HTTPException: _tell_status},
    )
    return Guard(app, names)


class _StoreSite:
    """What there is without a study."""

    def __init__(self, folder: Path, study: Study | None = None) -> None:
        self.folder = folder
        self.study = study

    def routes(self) -> list[Route]:
        return [Route("/", self.store), Route("/store", self.store), Route("/draw", self.draw)]

    @contextlib.asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        yield

    async def store(self, request: Request) -> Response:
        try:
            found, problem = await asyncio.to_thread(browse, self.folder, self.study), ""
        except BakeoffError as error:
            found, problem = (), _sentence(error)
        return HTMLResponse(pages.store_page(self.study, str(self.folder), found, problem))

    async def draw(self, request: Request) -> Response:
        return HTMLResponse(pages.draw_page(None, None, NO_STUDY))


class _StudySite(_StoreSite):
    """A study: its progress, its standing, its report, and its networks."""

    def __init__(self, study: Study, folder: Path, run_command: str, is_stopping: Callable[[], bool]) -> None:
        super().__init__(folder, study)
        self.run_command = run_command
        self.asked = study
        self.watch = Watch(study, folder)
        self.booth = Booth(study, folder)
        self.desk = Desk(study, folder)
        self.is_stopping = is_stopping
        self.streams = 0

    def routes(self) -> list[Route]:
        return [
            Route("/", self.standing),
            Route("/store", self.store),
            Route("/report", self.report),
            Route("/draw", self.draw),
            Route("/events", self.events),
            Route("/judge", self.judge, methods=["POST"]),
            Route("/predict", self.predict, methods=["POST"]),
        ]

    @contextlib.asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        warming = [asyncio.create_task(each.warm_up()) for each in (self.booth, self.desk)]
        try:
            yield
        finally:
            for task in warming:
                task.cancel()
            await asyncio.gather(*warming, return_exceptions=True)
            await asyncio.gather(self.booth.close(), self.desk.close())

    async def standing(self, request: Request) -> Response:
        snapshot = await self.watch.latest()
        comparison, problem = self.desk.comparison, ""
        if snapshot.judged and snapshot.is_settled:
            comparison, problem = await self._judge(snapshot)
        page = pages.study_page(
            self.asked,
            snapshot,
            comparison,
            judged=self.desk.judged,
            problem=problem,
            run_command=self.run_command,
        )
        return HTMLResponse(page)

    async def judge(self, request: Request) -> Response:
        """Look at the test set although runs are going on."""
        snapshot = await self.watch.latest()
        if snapshot.judged:
            await self.desk.judge(snapshot.judged)
        return RedirectResponse("/", 303)

    async def report(self, request: Request) -> Response:
        """On what was judged last; before that, the way to where judging can be asked for."""
        snapshot = await self.watch.latest()
        if snapshot.is_settled:
            await self.desk.judge(snapshot.judged)
        page = await self.desk.page()
        if not page:
            return RedirectResponse("/#standing", 303)
        return HTMLResponse(page, headers={"Content-Security-Policy": pages.report_policy(page)})

    async def draw(self, request: Request) -> Response:
        electorate: Electorate | None = None
        problem = ""
        try:
            electorate = await self.booth.electorate(fresh=True)
        except BakeoffError as error:
            problem = _sentence(error)
        return HTMLResponse(pages.draw_page(self.study, electorate, problem))

    async def predict(self, request: Request) -> Response:
        body = await read_body(request)
        question = read_question(request.headers.get("content-type", ""), request.query_params, body)
        return JSONResponse(await self.booth.judge(question))

    async def events(self, request: Request) -> Response:
        if request.method == "HEAD":
            return Response(media_type="text/event-stream")
        if self.streams >= MOST_STREAMS:
            raise Refusal(503, f"{MOST_STREAMS} pages are watching already: close one of them")
        return StreamingResponse(self._stream(), media_type="text/event-stream")

    async def _stream(self) -> AsyncIterator[str]:
        self.streams += 1
        try:
            async for event in self.watch.stream(self.is_stopping):
                yield event
        finally:
            self.streams -= 1

    async def _judge(self, snapshot: Snapshot) -> tuple[Comparison | None, str]:
        try:
            return await self.desk.judge(snapshot.judged), ""
        except BakeoffError as error:
            return None, _sentence(error)


def _assets() -> list[Route]:
    """This package's own style and scripts, read once."""
    files = {
        "/serve.css": (pages.read_style(), "text/css"),
        "/watch.js": (pages.read_asset("watch.js"), "text/javascript"),
        "/draw.js": (pages.read_asset("draw.js"), "text/javascript"),
    }
    return [Route(address, _asset(content, kind)) for address, (content, kind) in files.items()]


def _asset(content: str, kind: str) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        return Response(content, media_type=kind)

    return answer


async def _tell_refusal(request: Request, error: Exception) -> Response:
    return error.response() if isinstance(error, Refusal) else Response(status_code=500)


async def _tell_error(request: Request, error: Exception) -> Response:
    """What a user can mend: a picture, a store without these runs, a process that died."""
    status = 422 if isinstance(error, DataError) else 503 if isinstance(error, WorkerError) else 409
    return Refusal(status, str(error)).response()


async def _tell_status(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return Refusal(status, _SENTENCES.get(status, "this cannot be answered")).response()


def _sentence(error: BakeoffError) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
