"""What takes longer than a request: exports, files sent and read, and how far they are."""

import hashlib
from typing import Annotated, Any, Literal
from urllib.parse import quote

from anyio import to_thread
from fastapi import Path, Query, Request, Response
from fastapi.responses import FileResponse
from pydantic import Field
from starlette.requests import ClientDisconnect

from api.callers import Asking, Caller, Context, Here, everywhere
from api.documents import answered
from api.exporting import QUESTION
from api.importing import IMPORTED
from api.languages import preferred
from api.plans import mapping_of
from api.redrawing import KIND
from api.routing import Router
from api.schemas import Code, JobDocument, JobList, Key, Limit, Line, Plain, Sent, UploadDocument
from api.submitting import job_document, submitted
from gis_core.errors import Conflict, InvalidInput, NotFound
from gis_core.permissions import may
from layers import LAYERS
from layers.asking import Written, asked
from layers.drafts import DRAFTED, draft_of
from layers.drawings import basis_at
from layers.files import files_of
from layers.formats import open_file
from layers.importers import Importer
from layers.jobs import OPEN_STATES, THE_CITY, cancel, job_of, jobs_of, keep_upload, upload_of
from layers.once import once
from layers.writing import FORMATS

router = Router(prefix="/api/v1", tags=["jobs"])
Number = Annotated[int, Path(ge=1, le=2**53)]
FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {kind: {} for kind in (*(one.media_type for one in FORMATS.values()), "application/octet-stream")},
        "description": "The file.",
    }
}
LongLine = Annotated[str, Field(max_length=10_000), Plain]
Cell = Line | float | bool | None
Columns = dict[Code, Line]
SHOWN_ROWS = 1_000


class Export(Sent):
    """Features to write into a file, asked for as at `/ogc/collections/{layer}/items`."""

    layer: Code = Field(description="One of: " + ", ".join(LAYERS), examples=["issues"])
    format: Literal["geojson", "csv", "xlsx", "gpkg"]
    bbox: LongLine | None = Field(None, examples=["108.3,22.8,108.4,22.9"])
    bbox_crs: LongLine | None = None
    crs: LongLine | None = None
    datetime: LongLine | None = Field(None, examples=["2026-06-01/2026-06-30"])
    filter: LongLine | None = Field(None, examples=["status = 'open'"])
    filter_lang: LongLine | None = None
    filter_crs: LongLine | None = None
    sortby: LongLine | None = Field(None, examples=["-reported_at"])


class Import(Sent):
    """How a file that was sent is read; the fields of a plan's `[[load]]` entry."""

    upload: int = Field(ge=1, le=2**53, description="Number of the file.")
    table: Code = Field(description="One of: " + ", ".join(IMPORTED), examples=["facilities"])
    map: Columns = Field({}, description="Our column to theirs.")
    set: dict[Code, Cell] = Field({}, description="Our column to the value of every row.")
    values: dict[Code, dict[Line, Cell]] = Field({}, description="Our column to a translation of what is written.")
    templates: Columns = Field({}, description="Our column to a text with `{THEIRS}` in it.")
    distinct: list[Code] = Field([], description="Our columns of which only the first of each combination is kept.")
    keep: list[Line] = Field([], description="Their columns that are kept beside; `*` for all others.")
    key: Line | None = Field(None, description="Their column that identifies a row.")
    level: Code | None = None
    scheme: Code | None = None
    datum: Code | None = None
    source: Code | None = None
    replace: bool = Field(False, description="Whether rows of the same sources that the file lacks are ended.")
    draft: int | None = Field(None, ge=1, le=2**53, description="Draft that grids, streets and places go into.")
    dry_run: bool = Field(False, description="Do everything and keep nothing; not for drafts.")


@router.post("/exports", status_code=202, summary="Export features", responses={202: {"model": JobDocument}})
def export(request: Request, context: Here, asking: Asking, said: Export, key: Key = None) -> Response:
    """Have features in one's area written into a file, as a job: GeoJSON, CSV, XLSX or GeoPackage. In CSV a text that a
    spreadsheet would take for a formula begins with an apostrophe.
    """
    files_of(context.stores.address)
    if said.layer not in LAYERS:
        raise NotFound("layer_missing", value=said.layer, expected=", ".join(LAYERS))
    question = {name: value for name in QUESTION if (value := getattr(said, name)) is not None}
    with context.stores.read(asking.sight("export")) as store:
        # What cannot be asked is refused now, not by the job.
        asked(Written(**question), said.layer, store.city, postgis=store.is_postgis)
    return submitted(request, context, asking, "export", {"layer": said.layer, "format": said.format, **question}, key)


@router.post(
    "/uploads", status_code=201, summary="Send a file", responses={201: {"model": UploadDocument}},
    openapi_extra={"requestBody": {"required": True, "content": {
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}},
)  # fmt: skip
async def upload(
    request: Request,
    context: Here,
    asking: Asking,
    name: Annotated[Line, Query(min_length=1, description="What the file is called.")],
    key: Key = None,
) -> Response:
    """Send a file to be read by an import: GeoJSON, GeoPackage, zipped Shapefile, GeoParquet, CSV or XLSX, known by
    its content; the body is the file. It is kept for seven days.
    """
    # The one handler beside the stream that waits for its client: a file comes for minutes, and goes to the disk as it
    # comes.
    everywhere(asking, "load")
    files = files_of(context.stores.address)
    path = await to_thread.run_sync(files.coming)
    try:
        with path.open("wb") as file:
            async for block in request.stream():
                await to_thread.run_sync(file.write, block)
        return await to_thread.run_sync(_kept, context, asking, path, name, key)
    except ClientDisconnect:
        return Response(status_code=400)
    finally:
        path.unlink(missing_ok=True)


def _kept(context: Context, asking: Caller, path: Any, name: str, key: str | None) -> Response:
    files, now = files_of(context.stores.address), context.now()
    opened = open_file(path)
    columns = list(next(iter(opened.chunks(SHOWN_ROWS))).frame)
    kept = files.keep(path)

    def keep() -> int:
        return keep_upload(accounts.session, asking.user.name, name, kept.digest, kept.size_bytes, now)

    with context.stores.people(writes=True) as accounts:
        request = hashlib.sha256(f"{name}\n{kept.digest}".encode()).hexdigest()
        number = once(accounts.session, asking.user.name, key, request, now, keep)
        accounts.note(asking.user.name, "upload", now, subject=f"upload {number}", address=asking.address)
    document = {"id": number, "name": name, "bytes": kept.size_bytes, "sha256": kept.digest, "columns": columns}
    return answered(document, 201)


@router.post("/imports", status_code=202, summary="Read a file", responses={202: {"model": JobDocument}})
def import_(request: Request, context: Here, asking: Asking, said: Import, key: Key = None) -> Response:
    """Read a file that was sent into a table, as a job. Grids, streets and places go into a draft; issues are assigned
    and stored in chunks; other tables become one revision. What is rejected is told in the job's file.
    """
    everywhere(asking, "load")
    if said.table not in IMPORTED:
        raise InvalidInput("parameter_invalid", field="table", value=said.table, expected=", ".join(IMPORTED))
    if (said.draft is None) == (said.table in DRAFTED) or (said.draft is not None and said.dry_run):
        expected = "the number of a draft, and no dry_run" if said.table in DRAFTED else "none"
        raise InvalidInput("parameter_invalid", field="draft", value=said.draft, expected=expected)
    document = said.model_dump()
    with context.stores.people() as accounts:
        sent = upload_of(accounts.session, said.upload, asking.user.name)
    with context.stores.read() as store:
        if said.draft is not None:
            draft_of(store, said.draft)
        document["source"] = said.source or sent["name"].rsplit(".", 1)[0]
        Importer(said.table, mapping_of(document), store.city, "", sent["name"])
    document["lang"] = preferred(request) or store.city.locale
    return submitted(request, context, asking, "import", document, key)


@router.post("/strips", status_code=202, summary="Draw strips", responses={202: {"model": JobDocument}})
def strips(request: Request, context: Here, asking: Asking, key: Key = None) -> Response:
    """Have all front-of-door strips drawn and kept, as a job of the city's; where one is open already, that one. A city
    that keeps strips has them drawn again by itself once shops, streets, walls, its ground or its rules change.
    """
    everywhere(asking, "load")
    files_of(context.stores.address)
    with context.stores.read() as store:
        basis = basis_at(store, context.now())
    # A request that comes again is the same one, whatever has changed in between.
    return submitted(request, context, asking, KIND, {}, key, THE_CITY, basis=basis)


@router.get("/jobs", summary="One's jobs, newest first", responses={200: {"model": JobList}})
def jobs(
    request: Request,
    context: Here,
    asking: Asking,
    before: Annotated[int | None, Query(ge=1, le=2**53, description="`next` of the page before.")] = None,
    limit: Limit = 100,
) -> Response:
    """The jobs that one has asked for in the last seven days, and the city's own for those who may load everywhere."""
    asking.sight("export")
    with context.stores.people() as accounts:
        found = jobs_of(accounts.session, _owners(asking), before=before, limit=limit)
    last = found[-1]["id"] if len(found) == limit else None
    return answered({"jobs": [job_document(one, request) for one in found], "next": last})


@router.get("/jobs/{number}", summary="How far a job is", responses={200: {"model": JobDocument}})
def job(request: Request, context: Here, asking: Asking, number: Number) -> Response:
    """A job of one's own, or of the city's for those who may load everywhere."""
    asking.sight("export")
    with context.stores.people() as accounts:
        found = job_of(accounts.session, number, _owners(asking))
    if found["state"] in OPEN_STATES:
        context.workshop.wake()
    return answered(job_document(found, request))


@router.delete("/jobs/{number}", status_code=204, summary="Stop a job")
def stop(context: Here, asking: Asking, number: Number) -> Response:
    """Have a job stopped; twice changes nothing. What an import of issues has stored by then stays."""
    asking.sight("export")
    with context.stores.people(writes=True) as accounts:
        job_of(accounts.session, number, _owners(asking))
        if cancel(accounts.session, number, now := context.now()):
            accounts.note(asking.user.name, "job_stopped", now, subject=f"job {number}", address=asking.address)
    return Response(status_code=204)


@router.get("/jobs/{number}/file", summary="The file a job made", response_class=FileResponse, responses=FILES)
def job_file(context: Here, asking: Asking, number: Number) -> Response:
    """An export, or what an import rejected. An export is given only while one may see what it shows."""
    now = context.now()
    sight = asking.sight("export")
    with context.stores.people(writes=True) as accounts:
        found = job_of(accounts.session, number, _owners(asking))
        if found["file"] is None:
            raise NotFound("job_without_file", value=number)
        if found["kind"] == "export" and sight.key != found["result"]["sight"]:
            raise Conflict("export_outdated", value=number)
        accounts.note(asking.user.name, "downloaded", now, subject=f"job {number}", address=asking.address)
    path = files_of(context.stores.address).path(found["file"])
    ending = found["file_name"].rsplit(".", 1)[-1]
    kind = FORMATS[ending].media_type if ending in FORMATS else "application/octet-stream"
    named = f"attachment; filename*=UTF-8''{quote(found['file_name'], safe='')}"
    return FileResponse(path, media_type=kind, headers={"Content-Disposition": named, "ETag": f'"{found["file"]}"'})


def _owners(asking: Caller) -> list[str]:
    """Whose jobs they see."""
    loads = may(asking.user.grants, "load") and asking.sight("load").everything
    return [asking.user.name, *([THE_CITY] if loads else [])]
