"""What a parser in Python needs of a recipe: the name of its first item, and how bodies are read."""
from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import Any

from thresh.records import BadResult, check_item


@dataclass(frozen=True)
class RecipeSketch:
    item: str = "page"
    body_as: str = "auto"
    body_charset: str = ""


def sketch(text: bytes) -> RecipeSketch:
    """Of a recipe's TOML. What is not there, or cannot be read, is as by default."""
    try:
        recipe: dict[str, Any] = tomllib.loads(text.decode())
    except (ValueError, RecursionError):
        return RecipeSketch()
    items, body = recipe.get("items"), recipe.get("body")
    name = items[0].get("name") if isinstance(items, list) and items and isinstance(items[0], dict) else None
    body = body if isinstance(body, dict) else {}
    try:
        item = check_item(name or recipe.get("name"))
    except BadResult:
        item = "page"
    return RecipeSketch(item, _text(body.get("as")) or "auto", _text(body.get("charset")))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
