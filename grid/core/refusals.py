"""The two ways a question or an entry is turned down; errors.py gives them their pages."""


class Missing(Exception):
    """Not there, or outside the reader's scope: which of the two is not told."""


class Refused(Exception):
    """A sentence for the person who asked, and the field it is about."""

    def __init__(self, sentence: str, about: str = "") -> None:
        super().__init__(sentence)
        self.sentence, self.field = sentence, about
