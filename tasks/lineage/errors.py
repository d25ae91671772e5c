"""The one family of errors that a person caused or can mend; the command line prints them without a traceback."""


class UserError(Exception):
    """One sentence: *subject: what was found; what was expected; what to do.*

    Args:
        subject: the thing at fault, with its place (`products.csv row 14`).
        found: what was found there.
        expected: what would have been right.
        todo: what the reader should do now.
    """

    def __init__(self, subject: str, found: str, expected: str, todo: str) -> None:
        self.subject, self.found, self.expected, self.todo = subject, found, expected, todo
        super().__init__(f"{subject}: {found}; expected {expected}; {todo}.")


class InputErrors(UserError):
    """Many faults of one input, told together so that they are mended in one go."""

    def __init__(self, subject: str, faults: list[UserError]) -> None:
        self.faults = faults
        super().__init__(subject, f"{len(faults)} faults found", "none", "mend the rows below and run again")

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *(f"  {fault}" for fault in self.faults)])


class StopRun(UserError):
    """The run cannot go on now, nothing is lost, and the same command resumes it (402, 401, budget reached)."""
