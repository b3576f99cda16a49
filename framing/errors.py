"""Every error a user can meet. All are `FramingError`: they say what was wrong, what was got, what to do."""

from __future__ import annotations


class FramingError(Exception):
    """Base of every error that framing raises on purpose."""


class InputError(FramingError, ValueError):
    """An argument or a text that cannot be used."""


class StyleError(InputError):
    """A house style that cannot be used."""


class TextTooLong(InputError):
    """A text over the limit of `framing.text.MAX_CHARACTERS` characters; in a table its row's reason is `too_long`."""

    reason = "too_long"


class MissingExtra(FramingError, ImportError):
    """A part that needs packages which are not installed; the message holds the pip command."""


class ReadError(FramingError):
    """A file or row that gives no text.

    Parameters
    ----------
    reason : str
        A word of the quarantine list (`undecodable`, `empty`, `binary`, `no_text`, ...).
    message : str
        What was wrong and what to do.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason

    def __reduce__(self) -> tuple[type[ReadError], tuple[str, str]]:
        return type(self), (self.reason, str(self))


class ModelNotFound(FramingError, LookupError):
    """No model under that name or path."""


class ModelFormatError(FramingError, ValueError):
    """A file that is not a model of a format this version reads."""


class ModelIntegrityError(FramingError, ValueError):
    """A model file whose bytes or golden scores are not those that were written."""


class TrainingError(FramingError, ValueError):
    """Training data from which no model can be made."""


class OutputError(FramingError, OSError):
    """A destination that cannot be written."""


class LockedError(OutputError):
    """Another job writes to this destination."""


class ResumeMismatch(OutputError):
    """A destination begun with another model or other options."""
