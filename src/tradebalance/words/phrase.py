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
