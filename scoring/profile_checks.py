"""What the keys of a profile can't say by themselves: names that must be declared, and what contradicts itself."""

from collections.abc import Iterator, Mapping

from scoring.document import Document, Problem
from scoring.metrics.metric import Metric
from scoring.profile_file import ProfileFile, Variant


def problems_of(document: Document[ProfileFile]) -> list[Problem]:
    """Every such problem of a profile; none when it can be used."""
    found = [*_needs(document), *_scaled(document), *_bands(document)]
    for name, variant in document.model.variants.items():
        found += _without(document, name, variant)
    return found + _ambiguous(document)


def _needs(document: Document[ProfileFile]) -> Iterator[Problem]:
    """Metrics made of what is not declared, or of themselves."""
    metrics: Mapping[str, Metric] = document.model.metrics
    for name, metric in metrics.items():
        for need in metric.needs:
            if need not in metrics:
                message = f"needs {need!r}, which is not declared; declared: {', '.join(sorted(metrics))}"
                yield document.problem(("metrics", name), message)
    for circle in _circles(metrics):
        message = f"metrics need each other in a circle: {' -> '.join((*circle, circle[0]))}"
        yield document.problem(("metrics", circle[0]), message)


def _circles(metrics: Mapping[str, Metric]) -> list[tuple[str, ...]]:
    """Metrics that need each other, each circle once; it begins with that of its metrics which is declared first."""
    order = {name: index for index, name in enumerate(metrics)}
    found: list[tuple[str, ...]] = []
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            circle = path[path.index(name) :]
            first = circle.index(min(circle, key=order.__getitem__))
            found.append(circle[first:] + circle[:first])
        elif name in order and name not in done:
            for need in metrics[name].needs:
                visit(need, (*path, name))
            done.add(name)

    for name in metrics:
        visit(name, ())
    return found


def _scaled(document: Document[ProfileFile]) -> Iterator[Problem]:
    """Dimensions of metrics that are not declared."""
    file = document.model
    groups = [
        (("dimensions",), file.dimensions),
        *((("variants", n, "dimensions"), v.dimensions) for n, v in file.variants.items()),
    ]
    for path, dimensions in groups:
        for name, dimension in dimensions.items():
            for metric in dimension.metrics:
                if metric not in file.metrics:
                    message = f"no such metric; declared: {', '.join(sorted(file.metrics))}"
                    yield document.problem((*path, name, "metrics", metric), message)


def _bands(document: Document[ProfileFile]) -> Iterator[Problem]:
    """Bands that don't cover the scale, or of which one is never reached."""
    file = document.model
    groups = [(("bands",), file.bands), *((("variants", n, "bands"), v.bands) for n, v in file.variants.items())]
    for path, bands in groups:
        if bands and (min(bands.values()) != 0 or max(bands.values()) >= 100 or len(set(bands.values())) < len(bands)):
            yield document.problem(path, "floors must differ, start at 0 and stay below 100")


def _without(document: Document[ProfileFile], name: str, variant: Variant) -> Iterator[Problem]:
    """A variant that leaves out what there is not, what it declares itself, or everything."""
    declared, path = document.model.dimensions, ("variants", name, "without")
    if both := [left_out for left_out in variant.without if left_out in variant.dimensions]:
        yield document.problem(path, f"the variant both declares and leaves out: {', '.join(both)}; do one of them")
    if unknown := [one for one in variant.without if one not in declared and one not in variant.dimensions]:
        message = f"no such dimension: {', '.join(unknown)}; declared: {', '.join(sorted(declared))}"
        yield document.problem(path, message)
    if set(variant.without) >= {*declared, *variant.dimensions}:
        yield document.problem(path, "leaves no dimension")


def _ambiguous(document: Document[ProfileFile]) -> list[Problem]:
    """Two variants of the same precedence for the same account: nobody could say which one holds."""
    found = []
    variants = sorted(document.model.variants.items(), key=lambda item: item[1].when.precedence)
    for i, (name, variant) in enumerate(variants):
        for other, rival in variants[:i]:
            if variant.when.precedence == rival.when.precedence and variant.when.overlaps(rival.when):
                message = f"overlaps with variant {other!r}, which ranks the same"
                found.append(document.problem(("variants", name, "when"), message))
    return found
