"""Words of lower rooms that a page says in its own language."""

from typing import Any, Self


class Phrase(str):
    """English words with values filled in, which keep what they were made of: `template` and `values`, some of them
    phrases themselves. Everywhere but on a page it is the text that it is."""

    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, **values: Any) -> Self:
        made = super().__new__(cls, template.format(**values))
        made.template, made.values = template, values
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        return (self.template,), self.values

    def counts(self) -> dict[str, int]:
        """The whole numbers that it tells, by their names in it and in the phrases it is made of."""
        own = {name: value for name, value in self.values.items() if isinstance(value, int)}
        inner = [value.counts() for value in self.values.values() if isinstance(value, Phrase)]
        return {name: value for each in (*inner, own) for name, value in each.items()}
