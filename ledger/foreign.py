"""What libraries and the system say is wrong with a file or a value, in words that the reader's language has as well.

They speak English only. What they are known to say stands here to be translated; anything else is passed on as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from ledger.language import N_, Said

FOUND: Mapping[str, str] = {
    "model_type": N_("a mapping of keys to values is wanted"), "dict_type": N_("a mapping of keys to values is wanted"),
    "mapping_type": N_("a mapping of keys to values is wanted"), "invalid_key": N_("keys are text"),
    "model_attributes_type": N_("a mapping of keys to values is wanted"),
    "list_type": N_("a list is wanted"), "tuple_type": N_("a list is wanted"), "set_type": N_("a list is wanted"),
    "frozen_set_type": N_("a list is wanted"), "string_type": N_("text is wanted"),
    "int_type": N_("a whole number is wanted"), "int_parsing": N_("a whole number is wanted"),
    "int_from_float": N_("a whole number is wanted"), "int_parsing_size": N_("the number is too large"),
    "float_type": N_("a number is wanted"), "float_parsing": N_("a number is wanted"),
    "decimal_type": N_("a number is wanted"), "decimal_parsing": N_("a number is wanted"),
    "finite_number": N_("a finite number is wanted"), "bool_type": N_("true or false is wanted"),
    "bool_parsing": N_("true or false is wanted"), "missing": N_("it is missing"),
    "extra_forbidden": N_("it has no meaning here"), "none_required": N_("nothing may stand here"),
    "greater_than": N_("it is to be greater than {gt}"), "less_than": N_("it is to be less than {lt}"),
    "greater_than_equal": N_("it is to be {ge} or more"), "less_than_equal": N_("it is to be {le} or less"),
    "too_short": N_("at least {min_length} items are wanted"), "too_long": N_("at most {max_length} items are taken"),
    "string_too_short": N_("at least {min_length} characters are wanted"),
    "string_too_long": N_("at most {max_length} characters are taken"),
    "string_pattern_mismatch": N_("it does not have the form {pattern}"),
    "literal_error": N_("one of {expected} is wanted"), "enum": N_("one of {expected} is wanted"),
    "date_type": N_("a date is wanted"), "date_parsing": N_("a date is wanted"),
    "date_from_datetime_parsing": N_("a date is wanted"), "date_from_datetime_inexact": N_("a date is wanted"),
    "datetime_type": N_("a date with its time is wanted"), "datetime_parsing": N_("a date with its time is wanted"),
    "datetime_from_date_parsing": N_("a date with its time is wanted"),
    "timezone_aware": N_("a time with its zone is wanted"), "bytes_type": N_("a file is wanted"),
}
"""By the type of what Pydantic finds; its own words are for programmers."""

SAID: tuple[str, ...] = (
    # YAML
    N_("could not find expected ':'"), N_("mapping values are not allowed here"),
    N_("mapping keys are not allowed here"), N_("sequence entries are not allowed here"),
    N_("but found another document"), N_("found unexpected end of stream"),
    N_("found unexpected document separator"), N_("found unexpected ':'"),
    N_("found character {found} that cannot start any token"), N_("found unknown escape character {found}"),
    N_("expected {wanted} or {other}, but got {found}"), N_("expected {wanted}, but got {found}"),
    N_("expected {wanted}, but found {found}"),
    # CSV
    N_("unexpected end of data"), N_("line contains NUL"), N_("field larger than field limit ({limit})"),
    N_("{found} expected after {after}"),
    N_("new-line character seen in unquoted field - do you need to open the file with newline=''?"),
    # XML
    N_("syntax error"), N_("no element found"), N_("not well-formed (invalid token)"), N_("unclosed token"),
    N_("partial character"), N_("mismatched tag"), N_("duplicate attribute"), N_("junk after document element"),
    N_("undefined entity"), N_("unknown encoding"), N_("unclosed CDATA section"), N_("unbound prefix"),
    N_("encoding specified in XML declaration is incorrect"), N_("XML declaration not well-formed"),
    N_("XML or text declaration not at start of entity"),
    N_("{fault}: line {line}, column {column}"),
    # JSON
    N_("Expecting value: line {line} column {column} (char {place})"),
    N_("Extra data: line {line} column {column} (char {place})"),
    N_("Expecting {wanted} delimiter: line {line} column {column} (char {place})"),
    N_("Expecting property name enclosed in double quotes: line {line} column {column} (char {place})"),
    N_("Unterminated string starting at: line {line} column {column} (char {place})"),
    N_("EOF while parsing a value"), N_("EOF while parsing a list"), N_("EOF while parsing an object"),
    N_("EOF while parsing a string"), N_("expected value"), N_("expected `,` or `}`"), N_("expected `,` or `]`"),
    N_("expected `:`"), N_("key must be a string"), N_("trailing characters"), N_("trailing comma"),
    N_("invalid number"), N_("recursion limit exceeded"), N_("expected ident"), N_("invalid escape"),
    # archives
    N_("File is not a zip file"), N_("Bad magic number for central directory"), N_("Truncated file header"),
    N_("Bad magic number for file header"), N_("Bad CRC-32 for file {file}"),
    # the system
    N_("No such file or directory"), N_("Is a directory"), N_("Not a directory"), N_("Permission denied"),
    N_("No space left on device"), N_("Read-only file system"), N_("File name too long"), N_("File exists"),
    N_("Input/output error"), N_("Too many open files"), N_("Disk quota exceeded"), N_("Address already in use"),
    N_("Cannot assign requested address"), N_("Name or service not known"),
    N_("attempt to write a readonly database"), N_("unable to open database file"), N_("file is not a database"),
    N_("database or disk is full"),
)
"""What else is known to be said, a slot for what stands in it."""
_SLOT = re.compile(r"\{(\w+)\}")


def finding(one: Mapping[str, Any]) -> str:
    """What Pydantic found wrong with a value, as one of its `errors()` says it."""
    text = FOUND.get(one["type"])
    if text is None:
        return foreign(one["msg"][:1].lower() + one["msg"][1:])
    context = one.get("ctx") or {}
    return Said(text, **{name: context[name] for name in _SLOT.findall(text)})


def foreign(text: str) -> str:
    """What a library or the system said, to be said in the reader's language where it is known."""
    for template, pattern in _patterns():
        if found := pattern.fullmatch(text):
            return Said(template, **{name: foreign(part) for name, part in found.groupdict().items()})
    return text


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((one, re.compile("".join(f"(?P<{piece}>.+?)" if i % 2 else re.escape(piece)
                                          for i, piece in enumerate(_SLOT.split(one))), re.DOTALL)) for one in SAID)
