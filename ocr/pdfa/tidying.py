"""Pictures of kept pages, made such that the PDF/A check knows them; their data stay untouched."""

from collections.abc import Iterator

import pikepdf

_KEPT_IMAGE_KEYS = {
    "/Type", "/Subtype", "/Width", "/Height", "/ColorSpace", "/BitsPerComponent", "/Filter",
    "/DecodeParms", "/Decode", "/ImageMask", "/Mask", "/SMask", "/Intent", "/Length",
    "/SMaskInData", "/Matte",
}  # fmt: skip


def tidy_pictures(target: pikepdf.Pdf) -> None:
    """Take what does not belong to its pixels from every picture, and part masks from pictures.

    Scanners note resolutions and times in keys of their own, PDF/A knows neither alternates nor
    interpolation; for such a key a page need not be drawn anew.
    """
    for thing in _reached(target):
        for image in (thing, thing.get("/SMask"), thing.get("/Mask")):
            if isinstance(image, pikepdf.Stream) and image.get("/Subtype") == pikepdf.Name.Image:
                for key in set(image.keys()) - _KEPT_IMAGE_KEYS:
                    del image[key]
    _part_soft_masks(target)


def _part_soft_masks(target: pikepdf.Pdf) -> None:
    """Give images soft masks of their own where the mask is also listed as a picture.

    iText, which most signing tools here use, lists every mask among the drawable objects; the
    PDF/A check cannot tell then which rules to hold it to.
    """
    listed: set[tuple[int, int]] = set()
    masked: list[pikepdf.Object] = []
    for thing in _reached(target):
        resources = thing.get("/Resources")
        drawable = resources.get("/XObject") if isinstance(resources, pikepdf.Dictionary) else None
        if isinstance(drawable, pikepdf.Dictionary):
            listed |= {form.objgen for form in drawable.values() if form.is_indirect}
        if isinstance(thing.get("/SMask"), pikepdf.Stream):
            masked.append(thing)
    for image in masked:
        mask = image.SMask
        if mask.objgen in listed:
            own = target.make_stream(mask.read_raw_bytes())
            for key, value in mask.items():
                if key != "/Length":
                    own[key] = value
            image.SMask = own


def _reached(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """The pages, and every form and picture they use, once each."""
    seen: set[tuple[int, int]] = set()
    waiting: list[pikepdf.Object] = [page.obj for page in pdf.pages]
    while waiting:
        thing = waiting.pop()
        if thing.is_indirect:
            if thing.objgen in seen:
                continue
            seen.add(thing.objgen)
        yield thing
        resources = thing.get("/Resources")
        if not isinstance(resources, pikepdf.Dictionary):
            continue
        for kind in ("/XObject", "/Pattern"):
            used = resources.get(kind)
            if isinstance(used, pikepdf.Dictionary):
                waiting += [one for one in used.values() if isinstance(one, pikepdf.Stream)]
        states = resources.get("/ExtGState")
        if isinstance(states, pikepdf.Dictionary):
            masks = [one.get("/SMask") for one in states.values() if _is_dictionary(one)]
            forms = [one.get("/G") for one in masks if isinstance(one, pikepdf.Dictionary)]
            waiting += [one for one in forms if isinstance(one, pikepdf.Stream)]


def _is_dictionary(thing: object) -> bool:
    return isinstance(thing, pikepdf.Dictionary)
