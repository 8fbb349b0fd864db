"""The fourth stage: checks documentation against the definitions.

Takes the entities of `hmp.qapi.linking` with their comments. Guarantees that only
existing parts are described and, in the current edition, that all of them are.
It is the last check; a schema that passes it is good.
"""

from __future__ import annotations

from hmp.qapi.entities import (
    AlternateType,
    Command,
    Declared,
    Entity,
    EnumType,
    Event,
    Feature,
    ObjectType,
)
from hmp.qapi.error import Place, QAPIError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hmp.qapi.doc import Doc, Section
    from hmp.qapi.edition import Edition
    from hmp.qapi.pragmas import Pragmas


def described_parts(entity: Entity) -> tuple[str, Sequence[Declared]]:
    """Return the parts that an entity's documentation describes, and the word for one.

    Members that come from a named type are described there.
    """
    if isinstance(entity, EnumType):
        return "value", entity.values
    if isinstance(entity, AlternateType):
        return "branch", entity.branches
    if isinstance(entity, ObjectType):
        # a union's own members are those of the base that it declares in place
        if entity.base is not None and entity.base.implicit:
            return "member", entity.base.members
        return "member", entity.local_members
    if isinstance(entity, Command | Event) and entity.arguments.implicit:
        return "argument", entity.arguments.members
    return "argument", ()


def described_features(entity: Entity) -> list[Feature]:
    """Return the features that an entity's documentation describes: its members' too."""
    features = list(entity.features)
    for part in described_parts(entity)[1]:
        features += part.features
    return features


def check_docs(entities: Iterable[Entity], pragmas: Pragmas, edition: Edition) -> None:
    """Check the documentation of `entities`.

    Raises QAPIError for the first that doesn't fit.
    """
    for entity in entities:
        if entity.doc is not None:
            assert entity.place is not None
            exempt = entity.name in pragmas.documentation_exceptions
            _check(entity, entity.doc, entity.place, edition, exempt)


def _check(entity: Entity, doc: Doc, place: Place, edition: Edition, exempt: bool) -> None:
    strict = edition.strict_docs
    word, parts = described_parts(entity)
    names = [part.name for part in parts]
    features = [feature.name for feature in described_features(entity)]
    if strict and not exempt:
        _require(names, doc.members, word, place)
    _require(features, doc.features, "feature", place)
    _reject_unknown(names, doc.members, "member", doc, strict)
    _reject_unknown(features, doc.features, "feature", doc, strict)


def _require(
    names: list[str], described: dict[str, Section], word: str, place: Place
) -> None:
    for name in names:
        if name not in described:
            raise QAPIError(
                place, f"the {word} '{name}' has no documentation; add '@{name}: ...'"
            )


def _reject_unknown(
    names: list[str], described: dict[str, Section], word: str, doc: Doc, strict: bool
) -> None:
    unknown = [section for name, section in described.items() if name not in names]
    if unknown:
        listed = ", ".join(f"'{section.name}'" for section in unknown)
        raise QAPIError(
            _place(unknown[0], doc, strict),
            f"the documentation describes what isn't there: {word} {listed}",
        )


def _place(section: Section, doc: Doc, strict: bool) -> Place:
    return doc.place.at(section.line) if strict else doc.place
