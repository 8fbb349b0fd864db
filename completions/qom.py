"""QOM paths, and the properties of the object at a path."""

from hmp.authoring import Kind

QOM_PATH = Kind("QOM path")
QOM_PROPERTY = Kind("property of that object")
