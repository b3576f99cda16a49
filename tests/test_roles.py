"""Roles of words: each form has what its base has, and a cue's context tells who does what."""

from __future__ import annotations

import pytest

from framing.cues import OPEN, candidates, context
from framing.features import TOKEN, view
from framing.lexicon import Lexicon
from framing.roles import FRAMES, NOUNS, ROLES, VERBS

LEXICON = Lexicon({**dict.fromkeys(OPEN, "epistemic"), "told": "attribution", "perhaps": "epistemic"})


def names(text: str, number: int = 0) -> set[str]:
    seen = view(text)
    return set(context(seen, list(candidates(seen, LEXICON))[number]).counts("context"))


@pytest.mark.parametrize(
    ("role", "forms"),
    [
        ("v:leave", {"apply", "park", "keep"}),
        ("p:leave", {"applied", "parked", "kept", "permitted", "photographed"}),
        ("n:ruled", {"visitor", "visitors", "policeman", "policemen", "beneficiaries", "witnesses"}),
        ("n:folk", {"woman", "women"}),
        ("f:rule", {"bylaw", "permits", "ruled"}),
    ],
)
def test_forms_have_the_role_of_their_base(role: str, forms: set[str]) -> None:
    assert forms <= ROLES[role]


def test_every_word_is_a_token_in_lower_case() -> None:
    for role, words in ROLES.items():
        for word in words:
            assert TOKEN.fullmatch(word) and word == word.lower(), (role, word)


def test_lists_hold_each_word_once_and_no_role_is_empty() -> None:
    for lists in (VERBS, NOUNS, FRAMES):
        for name, words in lists.items():
            assert words.split() == sorted(set(words.split())) and words, name
    assert {role[:2] for role in ROLES} == {"v:", "p:", "n:", "f:"} and len(ROLES) <= 64, "the kernel has a bit for each"


def test_permission_and_possibility_differ_in_who_does_what() -> None:
    permitted = names("Under the bylaws tenants may keep six hens.")
    assert {"doer=may ruled", "deed=may leave", "does=may ruled leave", "frame=may rule", "frame=may rule<"} <= permitted
    possible = names("Analysts fear that prices may not rise.")
    assert {"doer=may event", "deed=may befall", "does=may event befall", "frame=may guess<"} <= possible
    assert "frame=may guess>" not in possible and not permitted & {"doer=may event", "deed=may befall"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The fee might have been waived.", {"doer=might paper", "deed=might leave+"}),
        ("She could be anywhere.", {"doer=could she", "deed=could state"}),
        ("Could Ann swim?", {"doer=could start", "deed=could leave", "deed=could able"}),
        ("Ms Lund may zzz.", {"doer=may name", "deed=may none", "does=may name none"}),
        ("Members, who swim, may go.", {"doer=may ruled"}),
        ("Members left because Xu may go.", {"doer=may name"}),
        ("Members left because xyzzy may go.", {"doer=may none"}),
    ],
)
def test_subjects_and_verbs(text: str, wanted: set[str]) -> None:
    assert wanted <= names(text)


def test_what_stands_behind_a_term_and_whether_it_is_a_title() -> None:
    assert {"then=told told", "title=00000", "wtitle=told 000"} <= names("The clerk then slowly told the votes.")
    assert "then=told name" in names("The clerk told Mr Ray.")
    assert {"title=10011", "title=100", "wtitle=perhaps 100"} <= names("The thriller Titled Perhaps Never was a long book to read.")
    assert {"title=11000", "title=110"} <= names("Perhaps the last one of these will be here soon.")
    assert {"title=10111", "title=101"} <= names("Town Council May Leave Fee")


def test_other_terms_have_no_doer() -> None:
    assert not [name for name in names("Tenants told visitors.") if name.startswith(("doer=", "deed=", "does=", "frame="))]
