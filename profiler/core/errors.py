"""The one exception family of the functional core. The edge turns it into messages, once."""


class WebprofError(Exception):
    """Something a user can meet. The text names the object, the value and what to do."""


class ProfileError(WebprofError):
    """A profile's columns do not fit together."""


class BatchError(WebprofError):
    """A batch from outside is damaged, of another schema, or over a bound."""


class WireError(WebprofError):
    """A wire message is damaged or of another schema."""


class FormatError(WebprofError):
    """An imported file could not be read. Names the format, the place and what was expected."""
