"""A thread that runs blocking calls one after the other.

For libraries whose calls neither Ctrl-C nor a time limit can end: whoever waits for such
a call can stop waiting, and the program can end while it still runs.
"""

from __future__ import annotations

from queue import SimpleQueue
from threading import Lock, Thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Task:
    """A call that waits for its turn, runs, or has run.

    value, error: what it returned or raised. cancelled: whether nothing waits for
    it any more, so that it shall not begin. on_done: called in the worker's thread when
    it has run; `done` is released before.
    """

    __slots__ = ("call", "cancelled", "done", "error", "on_done", "value")

    def __init__(self, call: Callable[[], Any], on_done: Callable[[], object]) -> None:
        # Not a threading.Event: it consists of several locks, and Ctrl-C in its Python code
        # may leave one of them held.
        self.done = Lock()
        self.done.acquire()
        self.call = call
        self.on_done = on_done
        self.cancelled = False
        self.value: Any = None
        self.error: BaseException | None = None

    def run(self) -> None:
        """Run the call, unless it was cancelled."""
        if self.cancelled:
            # whoever waits nevertheless, as when `abandon` comes at this moment, must not
            # wait for ever
            self.error = RuntimeError("the call was cancelled")
            self.done.release()
            return
        try:
            self.value = self.call()
        # whatever it was, the caller gets it; this thread has the next task to run
        except BaseException as error:
            self.error = error
        self.done.release()
        self.on_done()

    def wait(self, seconds: float | None = None) -> Any:
        """Wait for the call and return its value, or raise its error.

        seconds: for the calls before it and for itself; None: no limit. Raises
        TimeoutError. After that, and after Ctrl-C, a call that has begun continues, and
        its value is dropped; one that has not is dropped itself.
        """
        try:
            if not self.done.acquire(timeout=-1 if seconds is None else max(seconds, 0)):
                raise TimeoutError
        except BaseException:
            self.cancelled = True
            raise
        return self.result()

    def result(self) -> Any:
        """Return the value, or raise the error."""
        if self.error is not None:
            raise self.error
        return self.value


class Worker:
    """Runs calls in order, in a thread that the end of the program does not wait for.

    current: the task that runs. A long call may look there whether it is cancelled.
    """

    def __init__(self, name: str) -> None:
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self.current: Task | None = None
        Thread(target=self._work, name=name, daemon=True).start()

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            self.current = task
            task.run()
            self.current = None

    def submit(
        self, call: Callable[[], Any], on_done: Callable[[], object] = lambda: None
    ) -> Task:
        """Have a call run after all earlier ones, and return its task."""
        task = Task(call, on_done)
        self._tasks.put(task)
        return task

    def run(self, call: Callable[[], Any], seconds: float | None = None) -> Any:
        """Have a call run, and wait for it; see `Task.wait`."""
        return self.submit(call).wait(seconds)

    def end(self, call: Callable[[], Any] = lambda: None, seconds: float = 0.0) -> None:
        """Run a last call, and end the thread; wait some seconds at most for both."""
        last = self.submit(call)
        self._tasks.put(None)
        last.done.acquire(timeout=seconds)  # not `wait`, which would drop it after that
