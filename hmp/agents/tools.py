"""The tools: each a description, a schema of its arguments, and a function.

Nothing here depends on the protocol; `hmp.agents.mcp_server` offers the tools by it.
"""

from __future__ import annotations

import asyncio
import os
import tempfile

from hmp.agents.answers import Answer, answer_of, failure
from hmp.agents.permission import TOOLS, RefusedError, within
from hmp.display.picture import read_ppm, shrunk
from hmp.display.png import png
from hmp.display.screenshot import read_picture
from hmp.frontends.in_thread import in_thread
from hmp.language.words import WORD_LIMIT, as_argument
from hmp.library.results import EventTimeoutError
from hmp.monitor.entry import CHANGE, DESTRUCTIVE, READ
from hmp.monitor.errors import CommandError, ConfigError
from hmp.qmp.errors import MachineGoneError, QMPError
from hmp.qmp.secrets import mask_reply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from hmp.agents.agent_machines import AgentMachines, OpenMachine
    from hmp.monitor.entry import Effect

    Arguments = dict[str, Any]
    Work = Callable[[AgentMachines, Arguments], Awaitable[Answer]]

_LIMIT = 60.0
"""Seconds that a line may take, unless the call says otherwise."""
# seconds; an agent that wants to wait for longer can call again
_LONGEST = 3600.0
_WIDEST, _HIGHEST = 1600, 1200
"""The most pixels of an image; larger screens are scaled down."""

_MACHINE = {"type": "string", "description": "the machine, as list_machines calls it"}
_LINE = {"type": "string", "description": "a line of QEMU's human monitor"}
_SECONDS = {
    "type": "number",
    "description": f"time limit in seconds, by default {_LIMIT:g}",
}


class Tool:
    """A tool.

    effect: the worst that it can do. work: takes the arguments, checked. grace: seconds
    beyond the time limit, for a tool that looks at the limit itself.
    """

    def __init__(
        self,
        name: str,
        effect: Effect,
        about: str,
        work: Work,
        properties: dict[str, dict[str, Any]],
        required: tuple[str, ...] = (),
        grace: float = 0,
    ) -> None:
        self.name = name
        self.effect: Effect = effect
        self.about = about
        self.work = work
        self.properties = properties
        self.required = required
        self.grace = grace

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the arguments."""
        return {
            "type": "object",
            "properties": self.properties,
            "required": list(self.required),
            "additionalProperties": False,
        }

    async def call(self, machines: AgentMachines, arguments: Arguments) -> Answer:
        """Run the tool; every failure that the caller can cause is an answer."""
        try:
            if not within(self.effect, machines.settings.allowed):
                what = f"the tool {self.name}"
                raise RefusedError(machines.permission.refusal(what, self.effect))
            self._check(arguments)
            limit = _limit(arguments) + self.grace
            async with asyncio.timeout(limit) as bound:
                return await self.work(machines, arguments)
        except TimeoutError as error:
            # a TimeoutError of the tool itself, not of this limit
            if not bound.expired():
                return failure(str(error))
            return failure(
                f"no result within {limit:g} s; the machine may still be working on it"
            )
        except MachineGoneError as error:
            return failure(f"the machine cannot be reached: {error}")
        except (RefusedError, ConfigError, ValueError) as error:
            return failure(str(error))
        except QMPError as error:
            return failure(error.desc, error_class=error.error_class)
        except CommandError as error:
            return failure(error.desc)

    def _check(self, arguments: Arguments) -> None:
        """Raise ValueError for arguments that do not match the schema."""
        for name in self.required:
            if name not in arguments:
                raise ValueError(f"the argument '{name}' is missing")
        for name, value in arguments.items():
            if name not in self.properties:
                raise ValueError(f"'{name}' is not an argument of {self.name}")
            kind = self.properties[name]["type"]
            # true is an int in Python
            if not isinstance(value, _TYPES[kind]) or isinstance(value, bool):
                raise ValueError(f"the argument '{name}' must be of type {kind}")


_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "object": (dict,),
}


async def _list(machines: AgentMachines, arguments: Arguments) -> Answer:
    found = await in_thread(machines.listed)
    return Answer({"machines": [mask_reply(machine) for machine in found]})


def _running(effect: Effect) -> Work:
    """Return the work of the tool that runs the lines of an effect."""

    async def run(machines: AgentMachines, arguments: Arguments) -> Answer:
        machine = await machines.opened(arguments.get("machine"))
        return await _line(machine, arguments["line"], effect)

    return run


async def _line(machine: OpenMachine, line: str, effect: Effect) -> Answer:
    return answer_of(await machine.run(line, effect))


def _limit(arguments: Arguments) -> float:
    """Return the time limit of a call. Raises ValueError."""
    limit = float(arguments.get("timeout", _LIMIT))
    if not 0 < limit <= _LONGEST:
        raise ValueError(f"the timeout must be between 0 and {_LONGEST:g} seconds")
    return limit


async def _explain(machines: AgentMachines, arguments: Arguments) -> Answer:
    machine = await machines.opened(arguments.get("machine"))
    return await _line(machine, f"explain {arguments['line']}", READ)


async def _help(machines: AgentMachines, arguments: Arguments) -> Answer:
    machine = await machines.opened(arguments.get("machine"))
    if words := arguments.get("search"):
        return await _line(machine, f"help -s {words}", READ)
    answer = await _line(machine, f"help {arguments.get('command', '')}".strip(), READ)
    topic = answer.structure.get("value")
    if topic and "commands" not in topic:
        return Answer(answer.structure)  # QEMU's own text is one line only
    return answer


async def _schema(machines: AgentMachines, arguments: Arguments) -> Answer:
    machine = await machines.opened(arguments.get("machine"))
    name = arguments.get("command")
    if name is None:
        schema = await machine.monitor.qmp.schema()
        return Answer({"commands": schema.commands()})
    text = await machine.monitor.qmp.describe(name)
    if not text:
        raise ValueError(f"this machine has no QMP command '{name}'")
    return Answer({"command": name, "text": text}, text)


async def _screen(machines: AgentMachines, arguments: Arguments) -> Answer:
    machine = await machines.opened(arguments.get("machine"))
    with tempfile.TemporaryDirectory(prefix="hmp-") as folder:
        path = os.path.join(folder, "screen")
        async with machine.lock:
            # the connection itself: this only reads the machine, and writes our own file
            await machine.monitor.connection.execute(
                "screendump",
                filename=path,
                device=arguments.get("device"),
                head=arguments.get("head"),
            )
        picture = read_ppm(await in_thread(read_picture, path))
    image = await in_thread(lambda: png(shrunk(picture, _WIDEST, _HIGHEST)))
    structure = {"width": picture.width, "height": picture.height}
    return Answer(structure, f"{picture.width}x{picture.height} pixels", image)


async def _type(machines: AgentMachines, arguments: Arguments) -> Answer:
    machine = await machines.opened(arguments.get("machine"))
    text = as_argument(arguments["text"], quoted=True)
    if text is None:
        most = f"at most {WORD_LIMIT} bytes, and no invisible characters but line ends"
        raise ValueError(f"the text must have {most}")
    answer = await _line(machine, f"type {text}", CHANGE)
    if answer.failed:
        return answer
    keys = answer.structure["value"]["keys"]
    return Answer({"keys": keys}, f"{keys} keys pressed")


async def _wait(machines: AgentMachines, arguments: Arguments) -> Answer:
    machine = await machines.opened(arguments.get("machine"))
    limit = _limit(arguments)
    name = arguments.get("event")
    if name is not None:
        data = arguments.get("data", {})
        # they would become parameters of the method itself
        if not {"self", "event", "timeout"}.isdisjoint(data):
            raise ValueError("data may name members of the event's data only")
        event = await machine.machine.wait(name, timeout=limit, **data)
        return Answer(mask_reply(event))
    async for event in machine.machine.events(limit):
        return Answer(mask_reply(event))
    raise EventTimeoutError(f"no event within {limit:g} s")


_RUN = {"machine": _MACHINE, "line": _LINE, "timeout": _SECONDS}
_LANGUAGE = (
    "The line is one of QEMU's human monitor, such as 'info block' or 'info registers';"
    " 'qmp NAME key=value' runs a QMP command. The tool help lists all commands."
)

ALL = (
    Tool(
        "list_machines",
        READ,
        "List the machines that the other tools can use, and how to reach them.",
        _list,
        {},
    ),
    Tool(
        TOOLS[READ],
        READ,
        f"Run a line that only reads. {_LANGUAGE}",
        _running(READ),
        _RUN,
        ("line",),
    ),
    Tool(
        TOOLS[CHANGE],
        CHANGE,
        "Run a line that changes the machine, such as 'stop', 'cont' or 'device_add ...',"
        f" but destroys nothing. {_LANGUAGE}",
        _running(CHANGE),
        _RUN,
        ("line",),
    ),
    Tool(
        TOOLS[DESTRUCTIVE],
        DESTRUCTIVE,
        "Run any line, even one that may destroy data, or end or reset the guest, such as"
        f" 'quit' or 'system_reset'. {_LANGUAGE}",
        _running(DESTRUCTIVE),
        _RUN,
        ("line",),
    ),
    Tool(
        "explain",
        READ,
        "Show the QMP messages that a line would send, without changing anything.",
        _explain,
        {"machine": _MACHINE, "line": _LINE},
        ("line",),
    ),
    Tool(
        "help",
        READ,
        "Explain a command of the monitor with its arguments, list all commands, or search"
        " for those that fit some words.",
        _help,
        {
            "machine": _MACHINE,
            "command": {
                "type": "string",
                "description": "such as 'device_add', 'info' or 'info block'",
            },
            "search": {"type": "string", "description": "words to search for"},
        },
    ),
    Tool(
        "schema",
        READ,
        "Describe the arguments and the result of a QMP command of this machine, or list"
        " all QMP commands.",
        _schema,
        {
            "machine": _MACHINE,
            "command": {"type": "string", "description": "such as 'blockdev-add'"},
        },
    ),
    Tool(
        "screen",
        READ,
        "Look at the guest's screen: returns an image.",
        _screen,
        {
            "machine": _MACHINE,
            "device": {"type": "string", "description": "id of a display device"},
            "head": {"type": "integer", "description": "head of that device"},
        },
    ),
    Tool(
        "type",
        CHANGE,
        "Type a text into the guest, as on a US keyboard. <enter>, <ctrl-alt-f1> and such"
        " press keys; <lt> is a '<'.",
        _type,
        {"machine": _MACHINE, "text": {"type": "string"}, "timeout": _SECONDS},
        ("text",),
    ),
    Tool(
        "wait",
        READ,
        "Wait for an event of the machine and return it: the next one of a name, such as"
        " SHUTDOWN, since the last line that may have caused it; without a name any that"
        " was not returned yet.",
        _wait,
        {
            "machine": _MACHINE,
            "event": {"type": "string", "description": "the event's name in QMP"},
            "data": {"type": "object", "description": "members that its data must have"},
            "timeout": _SECONDS,
        },
        grace=_LIMIT,
    ),
)
BY_NAME = {tool.name: tool for tool in ALL}
