"""The live board: pages for leaders on a phone, a desk and a wall."""

from api.board.reader import Reader
from api.board.router import create_router

__all__ = ["Reader", "create_router"]
