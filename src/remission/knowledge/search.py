"""Finding a claim by somebody who cannot spell it: SQLite full text over stems, synonyms, prefixes and near spellings.

Both languages are indexed apart. A word of the query is looked for as its stem and as what the word list says is the same; when
nobody wrote it that way, as its nearest spellings and as the beginning of a longer word. Neighbouring words that are known as one
thing are looked for together. Claims that answer more of the query come first, telling words weighing more than common ones.
Every hit says why it was found. No language model.
"""

from __future__ import annotations

import math
import re
import sqlite3
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path

import msgspec

from remission.knowledge.model import LANGS, Frozen, Lang
from remission.knowledge.shelf import Shelf

_SCHEMA = """
CREATE VIRTUAL TABLE page_en USING fts5(id UNINDEXED, title, also, told, detail, tokenize = "unicode61 remove_diacritics 2");
CREATE VIRTUAL TABLE page_es USING fts5(id UNINDEXED, title, also, told, detail, tokenize = "unicode61 remove_diacritics 2");
INSERT INTO page_en(page_en, rank) VALUES ('rank', 'bm25(0, 6.0, 5.0, 3.0, 1.0)');
INSERT INTO page_es(page_es, rank) VALUES ('rank', 'bm25(0, 6.0, 5.0, 3.0, 1.0)');
CREATE TABLE stem (stem TEXT, lang TEXT, pages INT, PRIMARY KEY (stem, lang)) WITHOUT ROWID;
CREATE VIRTUAL TABLE spelling USING fts5(word, lang UNINDEXED, tokenize = "trigram");
CREATE TABLE same (lang TEXT, phrase TEXT, other TEXT);
CREATE TABLE plain (lang TEXT, word TEXT, everywhere INT);
"""
_LONGEST_QUERY = 200  # letters
_LONGEST_PHRASE = 7  # words
_PREFIX_FROM = 4  # letters
_NEAR_ENOUGH, _AS_NEAR = 0.7, 0.06  # how alike a known word must be, and how much less alike than the nearest it may be
_CANDIDATES = 80  # pages that the full text offers for the weighing below

# How much a word of the query weighs (1 when nothing is said).
_RAREST = 3  # pages: what is rarer still tells no more
_OF_A_NUMBER, _IN_A_PHRASE = 0.5, 0.5

# What a page's score is made of, chosen on the queries of cases/search/ and the same queries with typing errors.
_ANSWERED, _IN_TITLE, _TOLD = 10.0, 3.0, 2.5  # the share of the query that it answers; in its title and names; in the claim itself
_RANKED = 6.0  # its full-text rank
_MEANT = 2.0  # its whole title was said
_A_CLAIM = 5.2  # a claim answers, a word of the glossary only explains
_STEP_BACK = 4.0  # for each better page of the same topic
_WORD = re.compile(r"[^\W_]+")


class Hit(Frozen, frozen=True):
    """A claim (`topic/claim`) or glossary entry (`glossary/term`), and which words of the query led to it."""

    id: str
    why: tuple[str, ...]
    score: float


class _Asked(Frozen, frozen=True):
    """One word of the query, and every stem or phrase of stems that would answer it."""

    word: str
    answers: tuple[str, ...]
    prefix: str = ""
    weight: float = 1.0
    needles: tuple[str, ...] = ()  # what stands in a page that answers


def build_index(shelf: Shelf, path: Path) -> Path:
    """Writes the index of a shelf, replacing what was there."""
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as db:
        db.executescript(_SCHEMA)
        for lang in LANGS:
            pages = list(_pages(shelf, lang))
            stemmed = [(page[0], *(_stemmed(text, lang) for text in page[1:])) for page in pages]
            db.executemany(f"INSERT INTO page_{lang} VALUES (?, ?, ?, ?, ?)", stemmed)  # noqa: S608 - one of two languages
            db.execute(f"INSERT INTO page_{lang}(page_{lang}) VALUES ('optimize')")  # noqa: S608
            texts = [text for page in pages for text in page[1:]]
            texts += [phrase for group in shelf.synonyms.in_(lang) for phrase in group]
            words = sorted({word for text in texts for word in words_of(text)})
            seen = Counter(word for page in stemmed for word in set(" ".join(page[1:]).split()))
            db.executemany("INSERT INTO stem VALUES (?, ?, ?)", [(word, lang, pages) for word, pages in seen.items()])
            db.executemany("INSERT INTO spelling VALUES (?, ?)", [(word, lang) for word in words if len(word) > 3])
            db.executemany("INSERT INTO same VALUES (?, ?, ?)", list(_same(shelf, lang)))
            plain = shelf.plain_words
            db.executemany("INSERT INTO plain VALUES (?, ?, 0)", [(lang, word) for word in plain.of_a_question.in_(lang)])
            db.executemany("INSERT INTO plain VALUES (?, ?, 1)", [(lang, stem(word, lang)) for word in plain.everywhere.in_(lang)])
        db.commit()
        db.execute("VACUUM")
    db.close()
    return path


def _pages(shelf: Shelf, lang: Lang) -> Iterator[tuple[str, str, str, str, str]]:
    """Id, title, other names, what is told to a family, and the detail for professionals."""
    for topic, claim in shelf.claims():
        child = claim.child.in_(lang) if claim.child else ""
        also = " ".join(topic.also.in_(lang))
        told = f"{claim.family.in_(lang)} {child} {claim.id.replace('-', ' ') if lang == 'en' else ''}"
        yield f"{topic.id}/{claim.id}", topic.title.in_(lang), also, told, claim.professional.in_(lang)
    for entry in shelf.glossary.values():
        short = entry.short.in_(lang) if entry.short else ""
        also = " ".join(entry.also.in_(lang))
        yield f"glossary/{entry.id}", f"{entry.term.in_(lang)} {short}", also, entry.means.in_(lang), ""


def _same(shelf: Shelf, lang: Lang) -> Iterator[tuple[str, str, str]]:
    """What means the same; and every name of several words, which is known as one thing when it is asked for as such."""
    for group in shelf.synonyms.in_(lang):
        phrases = list(dict.fromkeys(_stemmed(phrase, lang) for phrase in group))
        yield from ((lang, one, other) for one in phrases for other in phrases if one and other and one != other)
    names = [name for topic in shelf.topics.values() for name in (topic.title.in_(lang), *topic.also.in_(lang))]
    names += [name for entry in shelf.glossary.values() for name in entry.names(lang)]
    yield from ((lang, name, name) for name in dict.fromkeys(_stemmed(name, lang) for name in names) if " " in name)


class SearchIndex:
    """An index opened for reading."""

    def __init__(self, path: Path):
        # One connection for all threads of a server: SQLite takes turns by itself, and nothing is ever written here.
        self._db = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        (self._pages,) = self._db.execute("SELECT count(*) FROM page_en").fetchone()
        self._stop: dict[str, set[str]] = defaultdict(set)
        self._everywhere: dict[str, set[str]] = defaultdict(set)
        for lang, word, everywhere in self._db.execute("SELECT lang, word, everywhere FROM plain"):
            (self._everywhere if everywhere else self._stop)[lang].add(word)
        self._pages_of = {(lang, stem): int(pages) for lang, stem, pages in self._db.execute("SELECT lang, stem, pages FROM stem")}
        self._same: dict[tuple[str, str], list[str]] = defaultdict(list)
        for lang, phrase, other in self._db.execute("SELECT lang, phrase, other FROM same"):
            self._same[lang, phrase].append(other)

    def search(self, query: str, lang: Lang, limit: int = 10) -> list[Hit]:
        """The claims and glossary entries that answer the query best; none when no word of it is known."""
        asked, everything = self._asked(query[:_LONGEST_QUERY], lang)
        found = self._pages_for(asked, lang)
        if not found:  # what tells most is on no page: then what every page is about
            asked, found = everything, self._pages_for(everything, lang)
        said = {stem(word, lang) for word in words_of(query)} | self._everywhere[lang]
        said |= {stem(word, lang) for word in self._stop[lang]}
        return _spread(sorted((_hit(row, asked, said) for row in found), key=lambda hit: -hit.score))[:limit]

    def _pages_for(self, asked: list[_Asked], lang: Lang) -> list[tuple[str, str, str, str, str, float]]:
        """The pages that answer any part, the best by full text first."""
        if not asked:
            return []
        return self._db.execute(
            f"SELECT id, title, also, told, detail, rank FROM page_{lang} WHERE page_{lang} MATCH ? ORDER BY rank LIMIT ?",  # noqa: S608
            (" OR ".join(_match(part) for part in asked), _CANDIDATES),
        ).fetchall()

    def _asked(self, query: str, lang: Lang) -> tuple[list[_Asked], list[_Asked]]:
        """What the query asks for: the parts that tell pages apart, and all of them."""
        words = words_of(query)
        spelt = [self._spelt(word, lang) for word in words]
        phrases = list(self._phrases([near[0] if near else word for word, near in zip(words, spelt, strict=True)], lang))
        covered = {place for _, places, _ in phrases for place in places}
        asked = [
            self._one(word, near, _IN_A_PHRASE if place in covered else 1.0, lang)
            for place, (word, near) in enumerate(zip(words, spelt, strict=True))
            if word not in self._stop[lang] or set(words) <= self._stop[lang]
        ]
        asked += [_Asked(phrase, others) for phrase, _, others in phrases]
        known = [part for part in asked if part.answers or part.prefix]
        everything = [self._weighed(part, lang) for part in known]
        return [part for part in everything if not set(part.answers) & self._everywhere[lang]] or everything, everything

    def _weighed(self, part: _Asked, lang: Lang) -> _Asked:
        """A part with its weight: what few pages answer tells more than what many do."""
        pages = sum(min(self._pages_with(stem, lang) for stem in answer.split()) for answer in part.answers)
        pages = max(pages, _RAREST)
        needles = (*(f" {answer} " for answer in part.answers), *([f" {part.prefix}"] if part.prefix else []))
        telling = part.weight * (_OF_A_NUMBER if part.word.isdigit() else 1.0)
        return msgspec.structs.replace(part, weight=telling * math.log(1 + self._pages / (pages + 1)), needles=needles)

    def _pages_with(self, stem: str, lang: Lang) -> int:
        return self._pages_of.get((lang, stem), 0)

    def _spelt(self, word: str, lang: Lang) -> tuple[str, ...]:
        """The word itself where somebody wrote it so, otherwise the known words spelt most like it."""
        stemmed = stem(word, lang)
        known = word in self._stop[lang] or self._pages_with(stemmed, lang) or self._others(stemmed, lang)
        return (word,) if known else tuple(self._near(word, lang))

    def _one(self, word: str, spelt: tuple[str, ...], weight: float, lang: Lang) -> _Asked:
        stems = [stem(other, lang) for other in spelt]
        same = self._others(stems[0], lang) if stems else ()
        longer = word if len(word) >= _PREFIX_FROM and spelt != (word,) else ""
        return _Asked(word, tuple(dict.fromkeys((*stems, *same))), longer, weight)

    def _phrases(self, words: list[str], lang: Lang) -> Iterator[tuple[str, range, tuple[str, ...]]]:
        """Neighbouring words that the word list knows as one thing ("red spots" is petechiae), and their places."""
        for length in range(_LONGEST_PHRASE, 1, -1):
            for start in range(len(words) - length + 1):
                phrase = words[start : start + length]
                others = self._others(" ".join(stem(word, lang) for word in phrase), lang)
                if others:
                    yield " ".join(phrase), range(start, start + length), others

    def _others(self, phrase: str, lang: Lang) -> tuple[str, ...]:
        return tuple(self._same.get((lang, phrase), ()))

    def _near(self, word: str, lang: Lang) -> list[str]:
        """The known words spelt most like this one."""
        if len(word) < 4:
            return []
        pieces = " OR ".join(f'"{word[start : start + 3]}"' for start in range(len(word) - 2))
        rows = self._db.execute(
            "SELECT word FROM spelling WHERE spelling MATCH ? AND lang = ? ORDER BY rank LIMIT 60", (pieces, lang)
        )
        heard = SequenceMatcher(b=_heard(word, lang))
        scored = sorted(((_likeness(heard, _heard(other, lang)), other) for (other,) in rows), reverse=True)
        best = scored[0][0] if scored else 0.0
        return [other for ratio, other in scored[:3] if ratio >= max(_NEAR_ENOUGH, best - _AS_NEAR)]


_SOUNDS_ES = (("h", ""), ("v", "b"), ("z", "s"), ("ll", "y"), ("qu", "c"), ("k", "c"), ("x", "s"), ("nb", "mb"), ("np", "mp"))


@lru_cache(maxsize=20_000)
def _heard(word: str, lang: Lang) -> str:
    """A word as it sounds where spelling goes by ear: in Spanish b and v, s and z and soft c, y and ll are one."""
    if lang == "en":
        return word
    sounded = re.sub(r"g(?=[ei])", "j", re.sub(r"c(?=[ei])", "s", word))
    for letters, sound in _SOUNDS_ES:
        sounded = sounded.replace(letters, sound)
    return sounded


def _likeness(matcher: SequenceMatcher[str], other: str) -> float:
    """How alike two words are, from 0 to 1; 0 as soon as it is clear that they are not near enough."""
    matcher.set_seq1(other)
    if min(matcher.real_quick_ratio(), matcher.quick_ratio()) < _NEAR_ENOUGH:
        return 0.0
    return matcher.ratio()


def _match(part: _Asked) -> str:
    answers = [f'"{answer}"' for answer in part.answers]
    return " OR ".join(answers + ([f'"{part.prefix}" *'] if part.prefix else []))


def _hit(row: tuple[str, str, str, str, str, float], asked: list[_Asked], said: set[str]) -> Hit:
    """How much of the query a page answers, weighed with the full-text rank (which is negative, lower being better).

    A page whose whole title was said (`said`: the words asked for, and those that tell nothing) is what was meant.
    """
    page_id, title, also, told, detail, rank = row
    text = f" {title} | {also} | {told} | {detail} "
    answered = [part for part in asked if _answers(part, text)]
    in_title = [part for part in answered if _answers(part, f" {title} | {also} ")]
    itself = [part for part in answered if _answers(part, f" {told} ")]  # what the claim says, not what its topic is called
    share = _ANSWERED * _sum(answered) + _IN_TITLE * _sum(in_title) + _TOLD * _sum(itself)
    meant = _MEANT if title and said.issuperset(title.split()) else 0.0
    score = share / _sum(asked) + meant + (0.0 if page_id.startswith("glossary/") else _A_CLAIM) + _RANKED * math.log1p(-rank / 8)
    return Hit(page_id, tuple(part.word for part in answered), score)


def _sum(parts: list[_Asked]) -> float:
    return sum(part.weight for part in parts)


def _spread(hits: list[Hit]) -> list[Hit]:
    """The best of each topic first: further claims of a topic step back, so that one topic does not fill all that is seen."""
    seen: Counter[str] = Counter()
    spread = []
    for hit in hits:
        topic = hit.id.partition("/")[0]
        spread.append((hit.score - _STEP_BACK * seen[topic], hit))
        seen[topic] += topic != "glossary"
    return [hit for _, hit in sorted(spread, key=lambda pair: -pair[0])]


def _answers(part: _Asked, text: str) -> bool:
    return any(needle in text for needle in part.needles)


def words_of(text: str) -> list[str]:
    """The words of a text, lower-case and without accents."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("’", "").replace("'", ""))
    return _WORD.findall("".join(letter for letter in plain if not unicodedata.combining(letter)))


def _stemmed(text: str, lang: Lang) -> str:
    return " ".join(stem(word, lang) for word in words_of(text))


@lru_cache(maxsize=20_000)
def stem(word: str, lang: Lang) -> str:
    """The stem of a word without accents, by Snowball."""
    return str(_stemmer(lang).stemWord(word))


@lru_cache(maxsize=2)
def _stemmer(lang: Lang):  # type: ignore[no-untyped-def]
    import snowballstemmer  # type: ignore[import-untyped]

    return snowballstemmer.stemmer("spanish" if lang == "es" else "english")
