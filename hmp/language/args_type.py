"""``args_type`` strings, compiled into parameters when a table entry is made.

``"force:-f,device:B,size:o?"`` names keys and type letters; ``?`` after a letter
makes the argument optional, ``.`` (integers only) optional after a literal ``.``.

`compile_args_type` checks the whole string, so that a table entry with a wrong one is
refused when it is made. `read_arguments` then reads a line's arguments with its result.
"""

from __future__ import annotations

from hmp.language.letters import IMPLIED_KEYS, LETTERS, Flag
from hmp.language.scan import ArgumentError, Parameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hmp.language.scan import ArgumentType, Scan


class ArgsTypeError(ValueError):
    """An invalid args_type string; the text says where the error is."""


def compile_args_type(args_type: str) -> tuple[Parameter, ...]:
    """Return the parameters of an args_type. Raises ArgsTypeError."""
    parameters: list[Parameter] = []
    index = 0
    while index < len(args_type):
        part = args_type[index:].partition(",")[0]
        parameters.append(_parameter(args_type, index, part))
        index += len(part) + 1
    if args_type.endswith(","):
        raise ArgsTypeError(f"args_type {args_type!r}: nothing after the last ','")
    _check(args_type, parameters)
    return tuple(parameters)


def _split(part: str) -> tuple[str, str, bool, str, str] | None:
    """Split ``key:T`` into its key, flag, whether that takes a value, letter and mark."""
    key, _, form = part.partition(":")
    # keys are those of QMP, which may have dashes
    if not (key[:1] + key[1:].replace("-", "_")).isidentifier() or not part.isascii():
        return None
    mark = form[-1:] if form[-1:] in ("?", ".") else ""
    form = form.removesuffix(mark)
    if form[:1] == "-" and form[1:2].isalpha() and form[2:] in ("", "s"):
        return key, form[1], form[2:] == "s", "", mark
    if len(form) == 1 and (form.isalpha() or form == "/"):
        return key, "", False, form, mark
    return None


def _parameter(args_type: str, index: int, part: str) -> Parameter:
    """Return the parameter that a part of the args_type describes.

    index: where the part begins.
    """
    split = _split(part)
    if split is None:
        hint = f"; a flag has a key, too, as in 'all:{part}'" if part[:1] == "-" else ""
        raise ArgsTypeError(
            f"args_type {args_type!r}: no 'key:T' with a known type at"
            f" column {index + 1}{hint}"
        )
    key, flag, with_value, letter, mark = split
    rest = args_type[index + len(part) :]
    if flag:
        type_: ArgumentType = Flag(flag, with_value)
    elif letter in LETTERS:
        type_ = LETTERS[letter]
    else:
        known = f"the types are {' '.join(sorted(LETTERS))}; see hmp/language/letters.py"
        raise ArgsTypeError(f"args_type {args_type!r}: unknown type '{letter}'; {known}")
    if (mark and (flag or letter in "O/")) or (mark == "." and letter not in "ilM"):
        raise ArgsTypeError(f"args_type {args_type!r}: '{key}' cannot have '{mark}'")
    if letter == "O" and key not in IMPLIED_KEYS:
        known = ", ".join(IMPLIED_KEYS)
        raise ArgsTypeError(f"args_type {args_type!r}: '{key}:O' must be one of {known}")
    return Parameter(key, type_, mark == "?", mark == ".", rest)


def _check(args_type: str, parameters: list[Parameter]) -> None:
    keys = [parameter.key for parameter in parameters]
    flags = [f"-{each.type.letter}" for each in parameters if each.is_flag]
    for words in (keys, flags):
        for word in words:
            if words.count(word) > 1:
                raise ArgsTypeError(f"args_type {args_type!r}: '{word}' comes twice")
    optional = ""
    for parameter in parameters:
        if optional and not (parameter.optional or parameter.skippable):
            raise ArgsTypeError(
                f"args_type {args_type!r}: '{parameter.key}' must be optional"
                f" since '{optional}' before it is"
            )
        if parameter.optional:
            optional = parameter.key
    # it reads to the end of the line
    if any(parameter.type.letter == "S" for parameter in parameters[:-1]):
        raise ArgsTypeError(f"args_type {args_type!r}: nothing can follow an 'S'")


def read_arguments(parameters: tuple[Parameter, ...], scan: Scan) -> None:
    """Read a line's arguments into scan.args.

    Raises ArgumentError, also for text that is left over.
    """
    for parameter in parameters:
        parameter.type.read(scan, parameter)
    if scan.skip():
        message = f"{scan.name}: extraneous characters at the end of line"
        raise ArgumentError(message, scan.index)


def derive_params(parameters: tuple[Parameter, ...]) -> str:
    """Write the parameters the way help shows them: ``[-f] device [size]``."""
    return " ".join(map(_param, parameters))


def _param(parameter: Parameter) -> str:
    letter = parameter.type.letter
    if isinstance(parameter.type, Flag):
        value = f" {parameter.key}" if parameter.type.takes_value else ""
        return f"[-{letter}{value}]"
    if letter == "/":
        return "/fmt"
    if parameter.dotted:
        return f"[.{parameter.key}]"
    return f"[{parameter.key}]" if parameter.optional else parameter.key
