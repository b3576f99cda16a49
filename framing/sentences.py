"""Sentences, quotations and voice of English news text, each in one pass and linear time.

Rules of `split`. A *stop* is a run of ``. ! ? …``; to it belong the closing quotes, brackets, ``*`` and footnote marks ``[1]`` behind
it. *Next* is the first character behind blanks, opening quotes, brackets and dashes; the *token* is the run of word characters, dots and
``&`` before the stop (within the sentence, 24 characters at the most). The first rule that applies decides.

====  ===================================================================================  ===========
rule  where                                                                                sentence
====  ===================================================================================  ===========
 1    a blank line, with or without a stop; a line break before a bullet or ``1.`` ``a)``  ends
 2    a line break without a stop: `_line_ends`                                            if a heading
 3    a stop with no blank behind it (``ended.The next``): `_glued_ends`                   goes on
 4    the stop leads the sentence; next is the end or one of ``, ; : ) ] } ” ’ % & / + =`` goes on
 5    a dash behind a quotation; next is lower case behind a quotation or bracket          goes on
 6    ``! ?``: next is lower case in the same line; a quotation before ``Name asked``      goes on
 7    an ellipsis before lower case, a digit or the token again (``I ... I``)              goes on
 8    a full stop after ``1 IV a`` that leads the sentence or follows a colon              goes on
 9    the token is in `NEVER`                                                              goes on
10    it is in `SOMETIMES` or an acronym or initial (``U.S.`` ``J.``) and the next word is goes on
      not in `STARTERS` (a closing quotation or a heading's end ends it too)
11    ``a.m. p.m.`` before a day, month or time zone                                       goes on
12    it is in `BEFORE_NUMBER` and next is a digit or lower case                           goes on
13    next is lower case in the same line (not ``iPhone``, ``al-Shabab``) and the token is goes on
      no plain word (four lower case letters or more)
14    all else                                                                             ends
====  ===================================================================================  ===========

Rules of `quoted`. A mark outside a quotation opens one behind a blank, bracket or dash, never behind a word; inside one, a mark that can
only open is passed over, any other closes. Across a line break only a mark that can only close closes; across a blank line, or further
than 2000 characters, none does. A single mark behind ``s`` or ``in`` and before another word may be an apostrophe: it closes only if no
surer one follows.

Every look behind and ahead is bounded (24, 64, 100, 202 or 300 characters, or a run that no later candidate sees again).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from framing.patterns import pattern
from framing.types import Voice

Span: TypeAlias = tuple[int, int]
"""Start and end of a piece of text: `text[start:end]`."""
_Place: TypeAlias = tuple[int, int, int, int]
"""A stop: its start, its end, the end of its closing marks, the next character that is not blank."""


def _words(*lists: str) -> frozenset[str]:
    """The words of some lists."""
    return frozenset(" ".join(lists).split())


_TITLES = """Mr Mrs Ms Mx Dr Prof Rev Hon Sen Sens Rep Reps Gov Govs Gen Lt Col Maj Capt Sgt Cpl Pvt Adm Cmdr Cdr Brig Pres Supt Det Insp
Amb Atty Messrs Mme Mlle Fr Pfc Spc Ptl Sts Ald Asst Dist Fmr"""

NEVER = _words(_TITLES, _TITLES.upper(), "vs v e.g i.e cf viz ca approx incl E.g I.e")
"""Abbreviations that never end a sentence."""

SOMETIMES = _words(
    """Jr Sr Inc Corp Co Cos Ltd LLC Bros St ST Ste Mt MT Ft FT Ave Blvd Rd Hwy Pkwy Sq Dept Univ Assn Natl Intl Govt govt dept Ph.D PhD
    Ed.D M.Sc B.Sc Esq al est Est misc Ala Ariz Ark Calif Colo Conn Del Fla Ga Ill Ind Kan Ky La Md Mass Mich Minn Miss Mo Mont Neb Nev
    Okla Ore Pa Tenn Tex Va Vt Wash Wis Wyo Ont Que Dem GmbH Plc plc Pty"""
)
"""Abbreviations that end a sentence if a word of `STARTERS` follows."""

BEFORE_NUMBER = _words(
    """No Nos no nos Art Sec Fig Figs Vol Ch p pp para Jan Feb Mar Apr Jun Jul Aug Sept Sep Oct Nov Dec Mon Tue Tues Wed Thu Thur Thurs
    Fri Sat Sun c b d r Rt Pt Op etc"""
)
"""Abbreviations that end a sentence unless a digit (or lower case) follows."""

STARTERS = _words(
    """A After All Also Although An And Another Are As At Because Before Both But By Despite Did Do Does Don During Each Earlier Even
    Every Few Finally For From Have He Her Here His How However I If In Is It Its Last Later Many Meanwhile Most My Neither Nevertheless
    No Nobody None Nor Not Nothing Now On Once One Only Other Others Our Perhaps She Since So Some Soon Still Such That The Their Then
    There Therefore These They This Those Though Thus Today Two Under Unless Until We Were What When Where Whether Which While Who Why
    With Yesterday Yet You Your"""
)
"""Words that open a sentence where a name might have stood."""

_CLOCK = _words(
    """Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August September October
    November December Jan Feb Aug Sept Oct Nov Dec Mon Tues Wed Thurs Fri Sat Sun EST EDT ET CST CDT CT MST MDT MT PST PDT PT GMT UTC
    BST CET Eastern Central Mountain Pacific"""
)
_SHOUTS = _words("Yahoo Jeopardy Yum")
_DOMAINS = _words("Com Org Net Gov Edu Co Io Js Tv Uk Us Eu com org net gov edu co io tv uk")

_CANDIDATE = pattern(r"[.!?…\n](?:(?<!\n)[.!?…]*(?: \.(?!\w))*((?:[\"'”’»)\]}*]|“(?!\S))*(?:\[\d{1,3}\])*))?\s*")
_OPENERS = pattern(r"[\"'“‘«(\[{*_–—\-¿¡]*(?:[^\S\n]+[\"'“‘«(\[{*_–—\-¿¡]+)*[^\S\n]*")
_BLANKS = pattern(r"\s*")
_WORD_BEFORE = pattern(r"(?<![\w.&])(?<!\w['’])[\w.&]+\Z")
_WORD = pattern(r"\w{1,16}(?!\w)")
_LINE_MARK = pattern(r"[-•*–·▪‣●◦]\s|—\s(?![a-z])|\d{1,3}[.)]\s|[a-z]\)\s")
_ENUMERATION = pattern(r"\d{1,3}|[IVXLC]{1,5}|[A-Za-z]")
_ACRONYM = pattern(r"[^\W\d_](?:\.[^\W\d_])*")
_BRAND = pattern(r"[a-z]{1,3}-?[A-Z]")
_SPEAKER = pattern(
    r"(?:[A-Z][\w’'-]{0,20}\.?\s){1,4}(?:said|says|asked|asks|wrote|writes|tweeted|added|replied|shouted|told|yelled|wondered|recalled|cried)\b"
)
_DATE_LINE = pattern(r"[A-Z][a-z]+day, [A-Z]|By [A-Z]|[A-Z][a-z]{2,8}\.? \d{1,2}, \d{4}")
_ADDRESS = pattern(r"@|//|www\.|\.[^\s/]*/")
_PLAIN_WORD = pattern(r"(?<![\w'’])[a-z]\w{3}")

_LONGEST = 2000
"""Characters of the longest quotation within a line: a mark further off closes another one."""
_MARKS = pattern('["“”]')
_SINGLES = pattern(r"['‘’](?!(?<=\w.)\w)")
_ELISION = pattern(r"(?:\d\ds?|em|til|tis|twas|cause|n|bout|cos)\b")
_PARAGRAPH = pattern(r"\n[^\S\n]*\n")
_PARAGRAPH_OR_STOP = pattern(r"[.!?…][\"'’)\]]*[^\S\n]*\n|\n[^\S\n]*\n")
_GAPS = pattern(r"\W+")
_BEFORE_OPENING = frozenset("([{—–-/“‘\"'")


def split(text: str) -> list[Span]:
    """The sentences of a text.

    Parameters
    ----------
    text : str
        Any string; line breaks are `\\n`, other blanks (U+2028, no-break space) are blanks.

    Returns
    -------
    list of (int, int)
        Start and end of each sentence: in order, without blanks at the ends, together covering all that is not blank.
    """
    spans = []
    start = _skip(text, 0)
    for match in _CANDIDATE.finditer(text, start):
        after = match.end()
        if after == len(text):
            break
        end = _end(text, match, start)
        if end > start:
            spans.append((start, end))
            start = after if end <= after else _skip(text, end)
    end = start + len(text[start:].rstrip())
    if end > start:
        spans.append((start, end))
    return spans


def quoted(text: str) -> list[Span]:
    """The spans inside quotation marks, without the marks; of nested ones the outer.

    Parameters
    ----------
    text : str
        Any string, as for `split`.

    Returns
    -------
    list of (int, int)
        In order and apart. A mark that is never closed counts to the end of its paragraph (the straight one: of its line; the single
        one only where it opens a paragraph, else it is an apostrophe), 2000 characters at the most.
    """
    double = _double(text)
    single = _single(text)
    if not single:
        return double
    spans: list[Span] = []
    for span in sorted(double + _not_crossing(single, double)):
        if not spans or span[0] >= spans[-1][1]:
            spans.append(span)
    return spans


def voices(text: str, spans: Iterable[Span], quotations: Sequence[Span]) -> list[Voice]:
    """Whose words each span holds: `quoted` if over half of its word characters stand inside quotation marks.

    Parameters
    ----------
    text : str
        The text of the spans.
    spans : iterable of (int, int)
        Sentences, say from `split`.
    quotations : sequence of (int, int)
        What `quoted` found in the text.

    Returns
    -------
    list of {"author", "quoted"}
        One for each span.
    """
    ends = [end for _, end in quotations]
    return ["quoted" if _mostly(text, span, quotations, bisect_right(ends, span[0])) else "author" for span in spans]


def voices_at(positions: Iterable[int], quotations: Sequence[Span]) -> list[Voice]:
    """Whose words stand at each position (a cue's first character): `quoted` inside a quotation, else `author`."""
    starts = [start for start, _ in quotations]
    inside = ((position, bisect_right(starts, position) - 1) for position in positions)
    return ["quoted" if index >= 0 and position < quotations[index][1] else "author" for position, index in inside]


def meets(span: Span, quotations: Sequence[Span]) -> bool:
    """Whether one of the characters from the first to the last of a span, or what is between, stands inside a quotation."""
    index = bisect_right(quotations, span[0], key=_end_of)
    return index < len(quotations) and quotations[index][0] <= span[1]


def _end_of(span: Span) -> int:
    return span[1]


def _mostly(text: str, span: Span, quotations: Sequence[Span], index: int) -> bool:
    """Whether the quotations from `index` on hold over half of the word characters of a span."""
    start, end = span
    inside = 0
    while index < len(quotations) and quotations[index][0] < end:
        inside += _word_characters(text[max(start, quotations[index][0]) : min(end, quotations[index][1])])
        index += 1
    return inside > 0 and 2 * inside > _word_characters(text[start:end])


def _word_characters(text: str) -> int:
    """How many `\\w` there are."""
    return len(_GAPS.sub("", text))


def _skip(text: str, position: int) -> int:
    """The first place from here on that is not blank."""
    match = _BLANKS.match(text, position)
    assert match is not None
    return match.end()


def _trim(text: str, start: int, end: int) -> Span:
    """A span without the blanks at its ends."""
    piece = text[start:end]
    return end - len(piece.lstrip()), start + len(piece.rstrip())


# Sentences: each function answers for one candidate place


def _end(text: str, match: re.Match[str], start: int) -> int:
    """Where the sentence ends at this candidate, or -1 if it goes on."""
    stop, stop_end, after = match.start(), match.start(1), match.end()
    if stop_end < 0:
        return _trim(text, start, stop)[1] if _line_ends(text, stop, after) else -1
    end = match.end(1)
    if end == after:
        return end if _glued_ends(text, stop, stop_end, end, start) else -1
    breaks = text.count("\n", end, after)
    if breaks and (breaks > 1 or _LINE_MARK.match(text, after)):
        return end
    if text[after] in '"”' and _closes_apart(text, after, start):
        end = after + 1
        after = _skip(text, end)
        if after == len(text):
            return -1
    return end if _stop_ends(text, (stop, stop_end, end, after), start, breaks > 0) else -1


def _closes_apart(text: str, mark: int, start: int) -> bool:
    """A closing mark that stands apart from its stop, as in tokenised text: `We lost . "`."""
    if not text[mark + 1 : mark + 2].strip():
        return text[mark] == "”" or text.count('"', max(start, mark - 300), mark) % 2 == 1
    return False


def _stop_ends(text: str, place: _Place, start: int, new_line: bool) -> bool:
    """Rules 4 to 14: whether a stop with blanks behind it ends the sentence."""
    stop, stop_end, end, after = place
    opened = after if text[after].isalnum() else _first(text, after)
    first = text[opened : opened + 1]
    quote = stop_end < end and text[end - 1] not in ")]}*"
    if stop == start or first in "\n,;:)]}”’%&/+=" or (quote and text[after] in "-–—"):  # "" is in every string
        return False
    lower = first.islower() and not _BRAND.match(text, opened)
    if lower and stop_end < end and text[end - 1] not in "]}*":
        return False
    if text[stop] != "." or stop_end - stop > 1:
        return _shout_or_ellipsis_ends(text, place, start, opened, lower, new_line)
    return _full_stop_ends(text, place, start, opened, lower, new_line)


def _first(text: str, after: int) -> int:
    """The first place behind opening quotes, brackets and dashes."""
    match = _OPENERS.match(text, after)
    assert match is not None
    return match.end()


def _shout_or_ellipsis_ends(text: str, place: _Place, start: int, opened: int, lower: bool, new_line: bool) -> bool:
    """Rules 6 and 7."""
    stop, stop_end, end, _ = place
    marks = text[stop:stop_end]
    if stop_end < end and _SPEAKER.match(text, opened) and not _starter(text, opened):
        return False
    if "!" in marks or "?" in marks:
        return (not lower or new_line) and (_token(text, stop, start) not in _SHOUTS or _starter(text, opened))
    if lower or text[opened].isdigit() or stop - start <= 1:
        return False
    word = _WORD.match(text, opened)
    return word is None or word.group() != _token(text, stop - (text[stop - 1] == " "), start)


def _full_stop_ends(text: str, place: _Place, start: int, opened: int, lower: bool, new_line: bool) -> bool:
    """Rules 8 to 14."""
    stop = place[0]
    token = _token(text, stop, start)
    begin = stop - len(token)
    if _ENUMERATION.fullmatch(token) and not new_line and (begin == start or text[max(begin - 2, 0) : begin] == ": "):
        return False
    last = token.rpartition(".")[2]
    if token in NEVER or (last in NEVER and last[0].isupper()):
        return place[1] < place[2] and _abbreviation_ends(text, place, opened, False)
    if token in ("a.m", "p.m", "A.M", "P.M"):
        return not lower and _word(text, opened) not in _CLOCK
    if token in SOMETIMES or (_ACRONYM.fullmatch(token) and (len(token) > 1 or token.isupper())):
        return _abbreviation_ends(text, place, opened, new_line)
    if token in BEFORE_NUMBER:
        return not lower and not text[opened].isdigit()
    return not lower or new_line or (len(token) >= 4 and all(map(str.islower, token)) and _word(text, opened) not in _DOMAINS)


def _abbreviation_ends(text: str, place: _Place, opened: int, new_line: bool) -> bool:
    """Rule 10, also behind a closing quote or where the line ends."""
    _, stop_end, end, after = place
    if text[after] in "-–—" or text[opened].islower():
        return False
    if stop_end < end and text[end - 1] in "\"”’'":
        return text[opened].isupper() and not _SPEAKER.match(text, opened)
    return _starter(text, opened) or (new_line and _line_ends(text, end, after))


def _token(text: str, stop: int, start: int) -> str:
    """The word (with its inner dots) that ends at a stop; empty if it is longer than any abbreviation."""
    match = _WORD_BEFORE.search(text, max(start, stop - 24), stop)
    return match.group() if match else ""


def _word(text: str, position: int) -> str:
    """The word that begins here; empty if there is none or it is long."""
    match = _WORD.match(text, position)
    return match.group() if match else ""


def _starter(text: str, position: int) -> bool:
    """Whether a word of `STARTERS` begins here, not an initial (`A.`)."""
    word = _word(text, position)
    return word in STARTERS and (len(word) > 1 or text[position + 1 : position + 2] != ".")


def _glued_ends(text: str, stop: int, stop_end: int, end: int, start: int) -> bool:
    """Rule 3: with no blank, a sentence ends only before a capitalised word (or an opening mark) and outside addresses and file names."""
    before, first = text[stop - 1], text[end]
    if stop == start or not (before.islower() or before.isdigit() or before in ")%”’"):
        return False
    if first == "“" or (first == "(" and text[end + 1 : end + 2].isupper()):
        return True
    if not first.isupper() or not (text[end + 1 : end + 2].islower() or text[end + 1 : end + 2] == " "):
        return False
    word = _word(text, end)
    tail = text[end + len(word) : end + len(word) + 2]
    if not word or word in _DOMAINS or tail[:1] in ("@", "/", "_") or (tail[:1] == "." and tail[1:].isalnum()):
        return False
    token = _token(text, stop, start)
    if token in NEVER or token in _SHOUTS or (token in SOMETIMES and word not in STARTERS) or _ENUMERATION.fullmatch(token):
        return False
    piece = text[max(start, stop - 64) : stop].split()
    return not (piece and _ADDRESS.search(piece[-1]))


def _line_ends(text: str, at: int, after: int) -> bool:
    """Whether a line break without a stop ends a sentence (rules 1 and 2).

    A wrapped line goes on: before a lower case letter, after a comma or dash, or where the line is as long as wrapped lines are, is no
    title (has a plain word) and had no room for the next word.
    """
    if text.count("\n", at, after) > 1 or _LINE_MARK.match(text, after):
        return True
    if text[after].islower() and not _BRAND.match(text, after):
        return False
    before = text[max(at - 202, 0) : at].rsplit("\n", 2)
    line = before[-1].strip()
    if len(line) > 100 or (len(before) > 1 and len(before[-2]) > 100) or line[-1:] == ":":
        return True
    if line[-1:] in (",", ";", "-", "–", "—", "&"):
        return False
    return len(line) < 24 or not _PLAIN_WORD.search(line) or _had_room(line, text[after : after + 101].partition("\n")[0].rstrip())


def _had_room(line: str, following: str) -> bool:
    """Whether a line break was meant: the next line is longer than any wrapped one, itself a heading, or its first word had fitted."""
    if len(following) > 100:
        return True
    if following[-1] not in '.!?…"”’' and (10 * len(following) < 7 * len(line) or _DATE_LINE.match(following)):
        return True
    return len(line) + 1 + len(following.split(None, 1)[0]) <= len(following)


# Quotations


def _double(text: str) -> list[Span]:
    """Spans inside double marks, curly and straight."""
    spans: list[Span] = []
    opened = previous = -1
    for match in _MARKS.finditer(text):
        mark = match.start()
        if opened >= 0 and (mark - opened > _LONGEST or _breaks_off(text, previous, mark)):
            _add(spans, text, opened, _unclosed(text, opened, mark))
            opened = -1
        if opened < 0:
            opened = mark if _opens(text, mark) else -1
        elif not _plainly_opens(text, mark):
            _add(spans, text, opened, mark)
            opened = -1
        elif not text[opened + 1].strip():  # a mark between two blanks was no quotation: this one is
            opened = mark
        previous = mark
    if opened >= 0:
        _add(spans, text, opened, _unclosed(text, opened, len(text)))
    return spans


def _add(spans: list[Span], text: str, opened: int, end: int) -> None:
    """Keep what stands behind an opening mark, unless it is blank."""
    span = _trim(text, opened + 1, end)
    if span[0] < span[1]:
        spans.append(span)


def _breaks_off(text: str, previous: int, mark: int) -> bool:
    """Whether the quotation ended between two marks: at a blank line, or at a line break if the second does not close."""
    if text.find("\n", previous, mark) < 0:
        return False
    return _PARAGRAPH.search(text, previous, mark) is not None or not _plainly_closes(text, mark)


def _unclosed(text: str, opened: int, limit: int) -> int:
    """Where a quotation without a closing mark ends: its line; for a curly mark its paragraph or the first line that ends in a stop."""
    limit = min(limit, opened + _LONGEST)
    if text[opened] == '"':
        end = text.find("\n", opened, limit)
        return end if end >= 0 else limit
    match = _PARAGRAPH_OR_STOP.search(text, opened, limit)
    return match.end() if match else limit


def _opens(text: str, mark: int) -> bool:
    """Whether a mark outside a quotation may open one: not behind a word, nor `”`, nor at a line's end."""
    before, after = text[mark - 1 : mark] if mark else "", text[mark + 1 : mark + 2]
    if text[mark] == "”" or after == "\n":
        return False
    if text[mark] == "“":
        return _is_left(before) or bool(after.strip())
    return _is_left(before) or (not _is_word(before) and _is_word(after))


def _plainly_opens(text: str, mark: int) -> bool:
    """Whether a mark inside a quotation can only be an opening one."""
    before, after = text[mark - 1 : mark] if mark else "", text[mark + 1 : mark + 2]
    if text[mark] == "“":
        return _is_left(before) or bool(after.strip())
    return text[mark] == '"' and _is_left(before) and bool(after.strip()) and after not in ".,;:!?)]—–"


def _plainly_closes(text: str, mark: int) -> bool:
    """Whether a mark can only be a closing one."""
    if text[mark] == '"':
        return bool(text[mark - 1].strip()) and not _is_word(text[mark + 1 : mark + 2])
    return text[mark] == "”"


def _is_left(character: str) -> bool:
    """Whether an opening mark may follow this character: a blank, an opening bracket or mark, a dash, or the text's begin."""
    return not character.strip() or character in _BEFORE_OPENING


def _is_word(character: str) -> bool:
    """Whether this is one `\\w`."""
    return character == "_" or character.isalnum()


def _single(text: str) -> list[Span]:
    """Spans inside single marks; what does not pair is an apostrophe."""
    spans: list[Span] = []
    opened = doubtful = previous = -1
    for match in _SINGLES.finditer(text):
        mark = match.start()
        opens = _single_opens(text, mark)
        if opened >= 0 and (opens or mark - opened > _LONGEST or _PARAGRAPH_OR_STOP.search(text, previous, mark)):
            _give_up(spans, text, opened, doubtful, mark)
            opened = doubtful = -1
        if opens:
            opened = mark
        elif opened >= 0 and text[mark] != "‘" and text[mark - 1].strip():
            if not _possessive(text, mark):
                _add(spans, text, opened, mark)
                opened = doubtful = -1
            elif doubtful < 0:
                doubtful = mark
        previous = mark
    if opened >= 0:
        _give_up(spans, text, opened, doubtful, len(text))
    return spans


def _give_up(spans: list[Span], text: str, opened: int, doubtful: int, limit: int) -> None:
    """No sure closing mark came: take the doubtful one, or the paragraph that a curly mark opened."""
    if doubtful >= 0:
        _add(spans, text, opened, doubtful)
    elif text[opened] == "‘" and (opened == 0 or text[opened - 1] == "\n"):
        _add(spans, text, opened, _unclosed(text, opened, limit))


def _single_opens(text: str, mark: int) -> bool:
    """Whether a single mark opens a quotation: `‘` or a straight one, behind a blank or bracket, before a word, no elision (`'90s`)."""
    if text[mark] == "’" or not text[mark + 1 : mark + 2].strip():
        return False
    return (mark == 0 or _is_left(text[mark - 1])) and not _ELISION.match(text, mark + 1) and text[mark + 1] not in ".,;:!?)]\"”'’"


def _possessive(text: str, mark: int) -> bool:
    """Whether a closing mark may be an apostrophe: `the Smiths' house`, `comin' home`."""
    follows = text[mark + 1 : mark + 3]
    if not (follows[:1] == " " and follows[1:].isalnum()):
        return False
    return text[mark - 1] in "sS" or text[max(mark - 2, 0) : mark] == "in"


def _not_crossing(single: list[Span], double: list[Span]) -> list[Span]:
    """The single-marked spans that lie within, around or beside the double-marked ones."""
    starts = [start for start, _ in double]
    ends = [end for _, end in double]
    kept = []
    for start, end in single:
        first, last = bisect_right(ends, start), bisect_left(starts, end) - 1
        if first > last or (starts[first] >= start and ends[last] <= end) or (starts[first] < start and end <= ends[first]):
            kept.append((start, end))
    return kept
