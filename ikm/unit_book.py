"""The book of one unit: its responses' entries and their pages, and a book per index that they count in."""

from collections.abc import Iterable, Iterator

from ikm.entry import Counts, counted, is_content
from ikm.index_book import MINUTES_PER_HOUR, Bucket, IndexBook, Span
from ikm.page import ENTRIES_PER_PAGE, Page, PageHeader, PageKey, encode_entry, encode_page

SMALL_PAGES_ALLOWED = 8
"""Pages of a unit that are not full; every assignment of its partition leaves one behind."""

Place = tuple[str, int, str]
"""(index, hour, service): which bucket of a unit."""


class UnitBook:
    """The responses of one unit and what they come to."""

    __slots__ = ("dirty", "entries", "ever", "foreign", "indices", "name", "open", "open_n", "pages", "unsaved")

    def __init__(self, name: str) -> None:
        self.name = name
        self.entries: dict[bytes, bytes] = {}
        self.ever: dict[bytes, tuple[int, frozenset[Place]]] = {}
        self.indices: dict[str, IndexBook] = {}
        self.dirty: set[Place] = set()
        self.unsaved: list[bytes] = []
        self.open: list[bytes] = []
        self.open_n = 0
        self.pages: dict[PageKey, int] = {}
        self.foreign: set[bytes] = set()

    def derive(self, spans: list[tuple[int, Span]], minute_floor: int) -> None:
        """Build what the indices come to from the entries.

        Args:
            spans: step and span of each window.
            minute_floor: minutes before it are not kept one by one.
        """
        indices = self.indices
        for body in self.entries.values():
            if is_content(body):
                minute, service, cards = counted(body)
                for code, card in cards:
                    book = indices.get(code)
                    if book is None:
                        book = indices[code] = IndexBook(code)
                    book.count(minute, service, card, minute_floor, edge=0)
        for _, places in self.ever.values():
            for code, _, _ in places:
                self.index(code)
        for book in indices.values():
            book.resum(spans)

    def index(self, code: str) -> IndexBook:
        """The book of an index, begun when it is first asked for."""
        book = self.indices.get(code)
        if book is None:
            book = self.indices[code] = IndexBook(code)
        return book

    def take_buckets(self) -> list[Bucket]:
        """The buckets touched since the last call, in time order."""
        places, self.dirty = sorted(self.dirty), set()
        return [self.index(code).bucket(hour, service) for code, hour, service in places]

    def buckets(self) -> Iterator[Bucket]:
        """All buckets that were ever touched since the book was loaded, or hold a response."""
        for book in self.indices.values():
            yield from book.buckets()

    def places(self, id_hash: bytes, body: bytes) -> Iterable[Place]:
        """Every bucket in which an entry of that id was ever written; `body` is its current one."""
        known = self.ever.get(id_hash)
        if known is not None:
            return known[1]
        return places_of(counted(body)) if is_content(body) else ()

    def remember(self, id_hash: bytes, position: int, *bodies: bytes) -> None:
        """Note where entries of an id stand, and below which position the last of them came."""
        before, places = self.ever.get(id_hash, (0, frozenset()))
        now = {place for body in bodies if is_content(body) for place in places_of(counted(body))}
        self.ever[id_hash] = (max(before, position), places | now)

    def save(self, writer: str, header: PageHeader) -> list[Page]:
        """The pages that carry what is unsaved: the open one, and new ones after it."""
        if not self.unsaved:
            return []
        entries, self.unsaved = self.open + self.unsaved, []
        pages: list[Page] = []
        for at in range(0, len(entries), ENTRIES_PER_PAGE):
            self.open = entries[at : at + ENTRIES_PER_PAGE]
            key = PageKey(self.name, writer, self.open_n)
            self.pages[key] = len(self.open)
            pages.append((key.encode(), encode_page(header, self.open)))
            if len(self.open) == ENTRIES_PER_PAGE:
                self.open, self.open_n = [], self.open_n + 1
        return pages

    def rewrite(self, writer: str, header: PageHeader) -> list[Page]:
        """Fresh pages with the current entries only, and the deletion of all others."""
        old = [*(key.encode() for key in self.pages), *self.foreign]
        self.foreign.clear()
        self.ever.clear()
        self.pages.clear()
        self.open, self.open_n = [], self.open_n + 1
        self.unsaved = [encode_entry(id_hash, body) for id_hash, body in self.entries.items()]
        pages = self.save(writer, header)
        return pages + [(key, None) for key in old]

    def is_untidy(self, committed: int) -> bool:
        """Whether `rewrite` would make it smaller, and every successor lies below the committed offset."""
        small = sum(count < ENTRIES_PER_PAGE for count in self.pages.values())
        if self.unsaved or not (self.ever or self.foreign or small > SMALL_PAGES_ALLOWED):
            return False
        return all(position <= committed for position, _ in self.ever.values())


def places_of(counts: Counts) -> list[Place]:
    """The buckets that a response counts in."""
    minute, service, cards = counts
    return [(code, minute // MINUTES_PER_HOUR, service) for code, _ in cards]
