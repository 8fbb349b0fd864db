from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from hmp.completion.cache import WordCache
from hmp.terminal.completer import LineCompleter
from tests.terminal.fakes import idle_monitor

COMPLETER = LineCompleter(idle_monitor())
EVENT = CompleteEvent(completion_requested=True)


def completions(text: str) -> dict[str, str]:
    """Return what Tab offers behind a text, with its description."""
    found = COMPLETER.get_completions(Document(text), EVENT)
    return {item.text: item.display_meta_text for item in found}


def test_completions_replace_the_word_and_are_described() -> None:
    """A candidate stands in the place of what was typed, with its help beside it."""
    (first, *_) = COMPLETER.get_completions(Document("info statu"), EVENT)

    assert (first.text, first.start_position) == ("status", -5)
    assert completions("system_po") == {
        "system_powerdown": "press the power button; the guest decides what to do"
    }


def test_only_the_text_before_the_cursor_counts() -> None:
    """What stands behind the cursor changes nothing."""
    found = COMPLETER.get_completions(Document("info statuXX", 10), EVENT)

    assert next(iter(found)).text == "status"


@given(st.text("einfo xpsthl_/4$\"'-\\\té ", max_size=30))
def test_any_text_can_be_completed(text: str) -> None:
    """Nothing that is typed breaks completion."""
    completions(text)


def test_what_has_a_price_is_asked_for_by_tab_alone() -> None:
    """QEMU loads all its modules to list its models; typing alone never makes it."""
    word_cache = WordCache()
    completer = LineCompleter(idle_monitor(), word_cache)

    def wanted(text: str, requested: bool) -> list[str]:
        event = CompleteEvent(completion_requested=requested)
        list(completer.get_completions(Document(text), event))
        return [context for _, context in word_cache.take_wanted()]

    assert wanted("device_add virt", False) == []
    assert wanted("object_add mem", False) == []
    assert wanted("device_add e1000,bus=", False) == []
    assert wanted("device_add virt", True) == [""]
    assert wanted("device_add e1000,", False) == ["e1000"]


def test_commands_that_the_machine_lacks_are_left_out() -> None:
    """By all of their names, also after info."""
    word_cache = WordCache()
    word_cache.lacking = frozenset({"eject", "info block"})
    completer = LineCompleter(idle_monitor(), word_cache)

    def found(text: str) -> list[str]:
        return [c.text for c in completer.get_completions(Document(text), EVENT)]

    assert "eject" not in found("e")
    assert "expire_password" in found("e")
    assert "block" not in found("info bl")
    assert "blockstats" in found("info bl")


def test_commands_that_the_door_does_not_carry_are_dimmed() -> None:
    """They come last, and say why; Tab prefers the others."""
    word_cache = WordCache()
    word_cache.lacking = frozenset({"wait", "watchdog_action", "wavcapture"})
    word_cache.unfit = {"wait": "'wait' needs events", "info exports": "it needs QMP"}
    completer = LineCompleter(idle_monitor(), word_cache)

    def found(text: str) -> dict[str, tuple[str, str]]:
        offered = completer.get_completions(Document(text), EVENT)
        return {c.text: (c.style, c.display_meta_text) for c in offered}

    assert list(found("w")) == ["watch", "wait"]
    assert found("w")["wait"] == ("class:unfit", "not here: 'wait' needs events")
    assert found("w")["watch"][0] == ""
    assert found("info exp")["exports"] == ("class:unfit", "not here: it needs QMP")
    buffer = Buffer(document=Document("wa"))
    completer.complete(buffer)
    assert buffer.text == "watch "
