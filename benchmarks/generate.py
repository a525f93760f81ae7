"""A folder of our layout with the shape of our data, at any size: input of all other benchmarks.

    python benchmarks/generate.py FOLDER --triples 1000000 --seed 1

Programs with stages that succeed each other, areas that take part in them, and for each participation
statements in several source graphs, some of which contradict each other. Settings, ontology and
saved queries are ours. Data is written as it is drawn, so that memory does not grow with the size; the
same seed gives the same bytes.
"""

from __future__ import annotations

import argparse
import random
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).parent.parent
SOURCES = 5
FIELDS = ("life-sciences", "it", "environment", "nanotech-materials", "energy", "manufacturing")
MINISTRIES = ("mext", "meti", "maff", "mhlw", "mic")
RANKS = ("normal", "normal", "normal", "preferred", "deprecated")
YEARS = range(1996, 2016)
PREFECTURES = 47
# A file holds about as much as a person would look at, and never more than this.
FILE_TRIPLES = 50_000
KINDS = (
    "amount-kind", "area", "basis", "currency", "document", "field", "fiscal-year", "indicator",
    "organization", "participation", "prefecture", "program", "rank", "source", "statement", "status",
    "unit",
)  # fmt: skip
PREFIXES = "".join(
    f"@prefix {prefix}: <{iri}> .\n"
    for prefix, iri in sorted(
        {
            "cg": "https://w3id.org/clustergraph/ont#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
            "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
            **{kind: f"https://w3id.org/clustergraph/id/{kind}/" for kind in KINDS},
        }.items()
    )
)


class Writer:
    """The files of a folder, each graph and topic a series of them; counts the triples written."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.triples = 0
        self._open: dict[tuple[str, str], tuple[TextIO, int, int]] = {}
        self._stack = ExitStack()

    def write(self, graph: str, topic: str, subject: str, *said: str) -> None:
        """Write a subject and what is said of it, each a predicate and one object."""
        out, number, size = self._open.get((graph, topic), (None, 0, FILE_TRIPLES))
        if out is None or size >= FILE_TRIPLES:
            if out is not None:
                out.close()
            number, size = number + 1, 0
            path = self.root / "data" / graph / f"{topic}-{number}.ttl"
            path.parent.mkdir(parents=True, exist_ok=True)
            out = self._stack.enter_context(path.open("w", encoding="utf-8", newline="\n"))
            out.write(PREFIXES)
        out.write(f"\n{subject}\n    " + " ;\n    ".join(said) + " .\n")
        self._open[graph, topic] = (out, number, size + len(said))
        self.triples += len(said)

    def close(self) -> None:
        self._stack.close()


def labels(english: str, japanese: str) -> tuple[str, str]:
    return f'rdfs:label "{english}"@en', f'rdfs:label "{japanese}"@ja'


def source(draw: random.Random) -> str:
    return f"source-{draw.randrange(SOURCES) + 1}"


def background(out: Writer) -> None:
    for year in YEARS:
        out.write(
            "background",
            "fiscal-years",
            f"fiscal-year:{year}",
            "a cg:FiscalYear",
            *labels(f"FY{year}", f"{year}年度"),
        )
    for number in range(PREFECTURES):
        name = labels(f"Prefecture {number}", f"第{number}県")
        out.write("background", "prefectures", f"prefecture:p{number}", "a cg:Prefecture", *name)
    for ministry in MINISTRIES:
        name = labels(ministry.upper(), f"{ministry}省")
        out.write("background", "bodies", f"organization:{ministry}", "a cg:Ministry", *name)
    for number in range(SOURCES):
        name = labels(f"Source {number + 1}", f"出典{number + 1}")
        out.write("background", "sources", f"source:source-{number + 1}", "a cg:SourceDocument", *name)


def program(out: Writer, draw: random.Random, number: int) -> None:
    """A program with two stages, the second of which has two components."""
    graph, name = source(draw), f"program:p{number}"
    start = draw.choice(YEARS[:10])
    out.write(
        graph, "programs", name, "a cg:FundingProgram", *labels(f"Program {number}", f"事業{number}"),
        f"cg:implementedBy organization:{draw.choice(MINISTRIES)}",
        f"cg:startFiscalYear fiscal-year:{start}", f"cg:endFiscalYear fiscal-year:{start + 9}",
    )  # fmt: skip
    for stage in (1, 2):
        out.write(
            graph, "programs", f"{name}-stage-{stage}", "a cg:ProgramStage",
            *labels(f"Program {number}, stage {stage}", f"事業{number}（第{stage}期）"), f"cg:stageOf {name}",
            f"cg:startFiscalYear fiscal-year:{start + 5 * (stage - 1)}",
        )  # fmt: skip
    for part in ("main", "extra"):
        out.write(
            graph, "programs", f"{name}-{part}", "a cg:ProgramComponent",
            *labels(f"Program {number}, {part} part", f"事業{number}（{part}）"),
            f"cg:componentOf {name}-stage-2",
        )  # fmt: skip
    out.write("interpretation", "succession", f"{name}-stage-2", f"cg:directlySucceeds {name}-stage-1")
    # Chains of four programs: succession is transitive, and real chains are short.
    if number % 4:
        out.write("interpretation", "succession", name, f"cg:directlySucceeds program:p{number - 1}")


def area(out: Writer, draw: random.Random, number: int, programs: int) -> None:
    name = f"area:a{number}"
    about = ("a cg:ClusterArea", *labels(f"Area {number}", f"地域{number}"))
    # Sources that name an area repeat its type and label: the merge of the graphs holds them once.
    for graph in sorted({source(draw), source(draw)}):
        out.write(graph, "areas", name, *about)
    out.write(
        "background",
        "area-prefectures",
        name,
        f"cg:withinPrefecture prefecture:p{draw.randrange(PREFECTURES)}",
    )
    for _ in range(draw.randint(1, 3)):
        participation(out, draw, number, draw.randrange(programs))


def participation(out: Writer, draw: random.Random, area: int, program: int) -> None:
    stage = draw.randint(1, 2)
    name = f"a{area}-p{program}-stage-{stage}-{out.triples}"
    graph, start = source(draw), draw.choice(YEARS[:15])
    line = draw.randint(1, 600)
    out.write(
        graph, "participations", f"participation:{name}", "a cg:ClusterParticipation",
        *labels(f"Area {area} in program {program} stage {stage}", f"地域{area}：事業{program}第{stage}期"),
        f"cg:participationOf area:a{area}", f"cg:inProgram program:p{program}-stage-{stage}",
        f"cg:startFiscalYear fiscal-year:{start}",
        f"cg:endFiscalYear fiscal-year:{start + draw.randint(1, 5)}",
        f"cg:participationStatus status:{draw.choice(('active', 'ended', 'ended'))}",
        *(f"cg:participationField field:{field}" for field in draw.sample(FIELDS, draw.randint(1, 3))),
        f'cg:locator "l. {line}"', f"cg:lineFrom {line}", f"cg:lineTo {line}",
    )  # fmt: skip
    for offset in range(draw.randint(2, 5)):
        statement(out, draw, f"participation:{name}", min(start + offset, YEARS[-1]))


def statement(out: Writer, draw: random.Random, about: str, year: int) -> None:
    """A yearly amount, which in one of twenty cases a second source states otherwise."""
    name = f"statement:s{out.triples}"
    amount = draw.randint(100, 5000)
    graphs = draw.sample(range(1, SOURCES + 1), 2 if draw.random() < 0.05 else 1)
    for place, number in enumerate(graphs):
        line, value = draw.randint(1, 600), (amount + 7 * place) * 100_000
        out.write(
            f"source-{number}", "statements", f"{name}-{number}", "a cg:MonetaryStatement",
            *labels(f"Budget FY{year}: {value} yen", f"{year}年度予算：{value}円"),
            f"cg:about {about}", "cg:indicator indicator:funding-per-cluster",
            f'cg:value "{value}"^^xsd:decimal',
            "cg:currency currency:jpy", "cg:amountKind amount-kind:budgeted",
            f"cg:forFiscalYear fiscal-year:{year}", f"cg:rank rank:{draw.choice(RANKS)}",
            "cg:basis basis:stated",
            f"cg:statedIn source:source-{number}", f'cg:sourceForm "{value // 1_000_000} million yen"',
            f'cg:locator "l. {line}"', f"cg:lineFrom {line}", f"cg:lineTo {line}",
        )  # fmt: skip
    if len(graphs) == 2:
        first, second = (f"{name}-{number}" for number in graphs)
        out.write("interpretation", "contradictions", first, f"cg:inconsistentWith {second}")


def generate(folder: Path, *, triples: int, seed: int = 1) -> int:
    """Write a folder of about so many triples of data; returns how many, ontology not counted."""
    folder.mkdir(parents=True)
    for part in ("clustergraph.toml", "ontology", "queries"):
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part)
        elif (ROOT / part).exists():
            shutil.copy(ROOT / part, folder / part)
    draw = random.Random(seed)
    out = Writer(folder)
    background(out)
    programs = max(1, triples // 5_000)
    for number in range(programs):
        program(out, draw, number)
    number = 0
    while out.triples < triples:
        area(out, draw, number, programs)
        number += 1
    out.close()
    return out.triples


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--triples", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(f"{generate(given.folder, triples=given.triples, seed=given.seed)} triples in {given.folder}")


if __name__ == "__main__":
    main()
