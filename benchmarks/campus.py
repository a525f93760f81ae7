"""A seeded generator of university data in the manner of LUBM, with axioms of every common kind.

All nodes are IRIs, so that closures of several engines compare exactly. Sizes are chosen by the
number of universities: 1 gives about 11 thousand triples, 10 about 111, 100 about 1.1 million.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

NS = "http://campus.example/"
ONTOLOGY = """
@prefix : <http://campus.example/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .

:Organization a owl:Class . :Person a owl:Class ; owl:disjointWith :Organization .
:University rdfs:subClassOf :Organization . :Department rdfs:subClassOf :Organization .
:Group rdfs:subClassOf :Organization .
:Employee rdfs:subClassOf :Person . :Faculty rdfs:subClassOf :Employee .
:Professor rdfs:subClassOf :Faculty . :Lecturer rdfs:subClassOf :Faculty .
:Student rdfs:subClassOf :Person . :Graduate rdfs:subClassOf :Student .
:Undergraduate rdfs:subClassOf :Student .
:Work a owl:Class . :Course rdfs:subClassOf :Work . :Publication rdfs:subClassOf :Work .
:Course owl:disjointWith :Publication .

:partOf a owl:TransitiveProperty ; rdfs:domain :Organization ; rdfs:range :Organization .
:partOf owl:inverseOf :hasPart .
:memberOf rdfs:domain :Person ; rdfs:range :Organization ; owl:inverseOf :hasMember .
:worksFor rdfs:subPropertyOf :memberOf . :headOf rdfs:subPropertyOf :worksFor .
:memberOf owl:propertyChainAxiom :c1 .
:c1 rdf:first :memberOf ; rdf:rest :c1b . :c1b rdf:first :partOf ; rdf:rest rdf:nil .
:teaches rdfs:domain :Faculty ; rdfs:range :Course ; owl:inverseOf :taughtBy .
:takes rdfs:domain :Student ; rdfs:range :Course .
:learnsFrom owl:propertyChainAxiom :c2 .
:c2 rdf:first :takes ; rdf:rest :c2b . :c2b rdf:first :taughtBy ; rdf:rest rdf:nil .
:advisor rdfs:domain :Student ; rdfs:range :Professor ; owl:inverseOf :advises .
:author rdfs:domain :Publication ; rdfs:range :Person .
:degreeFrom rdfs:range :University ; owl:inverseOf :hasAlumnus .

:r1 a owl:Restriction ; owl:onProperty :headOf ; owl:someValuesFrom :Department . :r1 rdfs:subClassOf :Chair .
:Chair rdfs:subClassOf :Professor .
:TeachingAssistant owl:intersectionOf :i1 .
:i1 rdf:first :Graduate ; rdf:rest :i1b . :i1b rdf:first :Faculty ; rdf:rest rdf:nil .
:r2 a owl:Restriction ; owl:onProperty :offers ; owl:allValuesFrom :Course . :Department rdfs:subClassOf :r2 .
:r3 a owl:Restriction ; owl:onProperty :status ; owl:hasValue :active . :Employee rdfs:subClassOf :r3 .
"""


def ontology() -> str:
    """The axioms, in Turtle."""
    return ONTOLOGY


def data(universities: int, seed: int = 7) -> Iterator[str]:
    """The lines of the data, in N-Triples."""
    draw = random.Random(seed)
    a = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"

    def line(subject: str, predicate: str, object: str) -> str:
        verb = a if predicate == "a" else NS + predicate
        return f"<{NS}{subject}> <{verb}> <{NS}{object}> .\n"

    for u in range(universities):
        university = f"u{u}"
        yield line(university, "a", "University")
        for d in range(18):
            yield from _department(line, draw, universities, university, d)


def _department(
    line: Callable[[str, str, str], str], draw: random.Random, universities: int, university: str, number: int
) -> Iterator[str]:
    """The lines about one department, its groups, courses, faculty and students."""
    department = f"{university}/d{number}"
    yield line(department, "a", "Department")
    yield line(department, "partOf", university)
    for g in range(4):
        yield line(f"{department}/g{g}", "a", "Group")
        yield line(f"{department}/g{g}", "partOf", department)
    courses = [f"{department}/c{c}" for c in range(16)]
    for course in courses:
        yield line(department, "offers", course)
    faculty = [f"{department}/f{f}" for f in range(12)]
    yield line(faculty[0], "headOf", department)
    for n, person in enumerate(faculty):
        yield line(person, "a", "Professor" if n < 8 else "Lecturer")
        yield line(person, "worksFor", department)
        yield line(person, "degreeFrom", f"u{draw.randrange(universities)}")
        yield f'<{NS}{person}> <{NS}name> "{person}" .\n'
        for course in draw.sample(courses, 2):
            yield line(person, "teaches", course)
        for p in range(3):
            publication = f"{person}/p{p}"
            yield line(publication, "author", person)
            yield f'<{NS}{publication}> <{NS}name> "{publication}" .\n'
    for s in range(70):
        student = f"{department}/s{s}"
        yield line(student, "a", "Graduate" if s % 5 == 0 else "Undergraduate")
        yield line(student, "memberOf", department)
        yield f'<{NS}{student}> <{NS}name> "{student}" .\n'
        for course in draw.sample(courses, 3):
            yield line(student, "takes", course)
        if s % 5 == 0:
            yield line(student, "advisor", draw.choice(faculty[:8]))
            yield line(student, "degreeFrom", f"u{draw.randrange(universities)}")
