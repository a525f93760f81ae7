"""What shapes allow at a property, in the terms of someone who fills it in."""

from __future__ import annotations

from dataclasses import dataclass, field

from clustergraph.terms import SH, Literal, NamedNode, Term
from clustergraph.validation.shapes import CoreConstraint, Shape, ShapeConstraint, Shapes

# What all of several shapes ask for is a demand; what one of them does only says what may stand there.
_DEMANDING = {SH.AndConstraintComponent, SH.NodeConstraintComponent}


@dataclass
class Facets:
    """What the shapes say of one property; filled by `read`, one shape after the other."""

    property: NamedNode
    names: list[Literal] = field(default_factory=list)
    required: bool = False
    single: bool = False
    datatypes: list[NamedNode] = field(default_factory=list)
    classes: list[NamedNode] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    choices: list[Term] = field(default_factory=list)
    iris: bool = False

    def read(self, shape: Shape, shapes: Shapes) -> None:
        """Take the constraints of a shape into account, those of shapes that it refers to as well."""
        for constraint in shape.constraints:
            if isinstance(constraint, CoreConstraint):
                self._note(constraint)
            elif (
                isinstance(constraint, ShapeConstraint) and constraint.component != SH.NotConstraintComponent
            ):
                before = self.required, self.single
                for inner in constraint.shapes:
                    if shapes[inner].path is None:
                        self.read(shapes[inner], shapes)
                if constraint.component not in _DEMANDING:
                    self.required, self.single = before

    def _note(self, constraint: CoreConstraint) -> None:
        arguments = constraint.arguments
        iris = [term for term in arguments if isinstance(term, NamedNode)]
        match constraint.component.value.removeprefix(str(SH)).removesuffix("ConstraintComponent"):
            case "MinCount":
                self.required = self.required or str(arguments[0]) != str(Literal(0))
            case "MaxCount":
                self.single = isinstance(arguments[0], Literal) and arguments[0].value == "1"
            case "Datatype":
                self.datatypes += iris
            case "Class":
                self.classes += iris
            case "In":
                self.choices += arguments
            case "LanguageIn":
                self.languages += [a.value for a in arguments if isinstance(a, Literal)]
            case "NodeKind":
                self.iris = self.iris or SH.IRI in arguments
