// Cues: the counterpart of framing.cues.
#pragma once

#include "families.h"
#include "weigh.h"

namespace framing {

constexpr uint32_t FAR = 40;   // words on either side that a candidate's context reaches to
constexpr uint32_t MOST_CONTEXT = 512;  // features of a candidate's context but those that its term always has
constexpr uint32_t REACH = 4;  // words from a vague quantifier to its noun

struct Candidate {
    uint32_t sentence, first, end;  // tokens of the text
    uint32_t term, value;           // of the cue lexicon
};

// The tokens of a text that bear on a cue, or tell of its clause or tense, a bit each: a look at forty of them needs no branch.
struct Telling {
    std::vector<uint64_t> bearing, clausal, past, present, framing, capital;

    void read(const Tokens &tokens);
    // The bits of at most 64 tokens.
    static uint64_t among(const std::vector<uint64_t> &row, uint32_t from, uint32_t to) {
        const uint64_t *at = row.data() + (from >> 6), low = at[0] >> (from & 63), high = at[1] << 1 << (63 - (from & 63));
        return (low | high) & ((uint64_t{1} << (to - from)) - 1);
    }
};

// The words of a text as contexts of cues are read from them.
struct Scene {
    const Space &space;
    const Tokens &tokens;
    const Telling &telling;

    Scene(const Space &known, const Tokens &seen, const Telling &read) : space(known), tokens(seen), telling(read) {}
    static constexpr uint32_t UNREAD = ABSENT - 1;  // a shape that was not asked for yet

    uint32_t word(uint32_t token) const { return tokens.plain[tokens.first + token]; }
    uint32_t trait(uint32_t token) const { return tokens.plain_traits[tokens.first + token]; }
};

// A word beside a candidate: how often it stands within five words, and among the three before and the three after.
struct Neighbour {
    uint32_t word, near, before, after;
    bool first_before, first_after;
};

// The different words beside a candidate, a bracket where the sentence ends; words that the space has not are left out.
class Neighbours {
public:
    Neighbours(const Scene &scene, const Candidate &candidate) {
        const Span bound = scene.tokens.view->bounds[candidate.sentence];
        const uint32_t low = candidate.first, high = candidate.end;
        for (uint32_t k = 0; k < 5; ++k) {
            const bool inside = low - bound.start > k;
            if (inside || k < 3) add(inside ? scene.word(low - 1 - k) : scene.space.bracket_open, inside, k < 3, 0, k == 0, false);
        }
        for (uint32_t k = 0; k < 5; ++k) {
            const bool inside = high + k < bound.end;
            if (inside || k < 3) add(inside ? scene.word(high + k) : scene.space.bracket_close, inside, 0, k < 3, false, k == 0);
        }
    }
    const Neighbour *begin() const { return all; }
    const Neighbour *end() const { return all + count; }

private:
    Neighbour all[10];
    uint32_t count = 0;
    uint64_t seen = 0;  // a bit for the words that are here already, and a few others

    void add(uint32_t word, uint32_t near, uint32_t before, uint32_t after, bool first_before, bool first_after) {
        if (word == ABSENT) return;
        const uint64_t bit = uint64_t{1} << (word & 63);
        for (uint32_t i = 0; (seen & bit) && i < count; ++i)
            if (all[i].word == word) {
                all[i].near += near;
                all[i].before += before;
                all[i].after += after;
                all[i].first_before |= first_before;
                all[i].first_after |= first_after;
                return;
            }
        seen |= bit;
        all[count++] = {word, near, before, after, first_before, first_after};
    }
};

// Each role of some bits, as the piece that `names` has for it.
template <class Visit> void each_role(uint64_t bits, const uint32_t *names, Visit visit) {
    for (; bits; bits &= bits - 1) visit(names[__builtin_ctzll(bits)]);
}

// Whether the term may stand in a name or a title, and what stands behind it.
template <class Sink> void emit_title(const Scene &scene, const Candidate &candidate, uint32_t first, uint32_t end, Sink &sink) {
    const Roles &roles = scene.space.roles;
    const std::vector<uint64_t> &row = scene.telling.capital;
    const uint32_t low = candidate.first, high = candidate.end, term = candidate.term;
    const auto capital = [&](uint32_t token) { return static_cast<uint32_t>(row[token >> 6] >> (token & 63) & 1); };
    uint32_t capitals = 0;
    const uint32_t from = low - first > 5 ? low - 5 : first, to = end - high > 5 ? high + 5 : end;
    for (uint32_t token = from; token < to; ++token) capitals += capital(token);
    const uint32_t form = capital(low) << 2 | (low == first ? 2u : 0u) | (10 * capitals > 7 * (to - from) ? 1u : 0u);
    const uint32_t beside = (high < end ? capital(high) << 1 : 0u) | (low > first ? capital(low - 1) : 0u);
    sink.tag(Kind::TITLE, 0, roles.titles[form << 2 | beside]);
    sink.tag(Kind::TITLE, 0, roles.forms[form]);
    sink.tag(Kind::TITLED, term, roles.forms[form]);
    uint64_t then = 0;
    bool named = false;
    for (uint32_t token = high; token < end && token < high + 4 && !(token > high && scene.trait(token) & CLAUSAL); ++token) {
        then |= roles[scene.word(token)] & roles.nouns;
        named |= capital(token);
    }
    each_role(then, roles.pieces, [&](uint32_t piece) { sink.tag(Kind::THEN, term, piece); });
    if (named) sink.tag(Kind::THEN, term, roles.name);
}

// The pieces of a subject or a verb.
struct Pieces {
    uint32_t all[Roles::MOST], count = 0;

    void add(uint32_t piece) { all[count++] = piece; }
    void add(const Roles &roles, uint64_t bits) {
        each_role(bits, roles.pieces, [this](uint32_t piece) { add(piece); });
    }
    const uint32_t *begin() const { return all; }
    const uint32_t *end() const { return all + count; }
};

// The roles of the verb behind a modal; those of a participle after "be" or "have".
inline Pieces deed(const Scene &scene, uint32_t high, uint32_t end) {
    const Roles &roles = scene.space.roles;
    Pieces found;
    bool helped = false;
    for (uint32_t token = high; token < end && token < high + 6 && !found.count; ++token) {
        const uint64_t bits = roles[scene.word(token)];
        if (scene.trait(token) & AUXILIARY) helped = true;
        else if (helped) found.add(roles, bits & roles.participles);
        else if (token < high + 4) found.add(roles, bits & roles.verbs);
    }
    if (!found.count) found.add(helped ? roles.state : roles.none);
    return found;
}

// The roles of the subject before a modal: of the nearest noun that has any, up to a name or another clause.
inline Pieces doer(const Scene &scene, uint32_t first, uint32_t low) {
    const Roles &roles = scene.space.roles;
    Pieces found;
    if (low == first) found.add(roles.start);
    else if (scene.trait(low - 1) & PRONOUN) found.add(scene.space.pieces.find(scene.tokens.word(low - 1)));
    for (uint32_t token = low; token > first && token + 12 > low && !found.count; --token) {
        const uint32_t one = token - 1;
        found.add(roles, roles[scene.word(one)] & roles.nouns);
        if (found.count || scene.trait(one) & STOPPING) break;
        if (one > first && scene.telling.capital[one >> 6] >> (one & 63) & 1) found.add(roles.name);
    }
    if (!found.count) found.add(roles.none);
    return found;
}

// Who does what, and the words that set a frame.
template <class Sink> void emit_doer(const Scene &scene, const Candidate &candidate, uint32_t first, uint32_t end, Sink &sink) {
    const Roles &roles = scene.space.roles;
    const uint32_t low = candidate.first, high = candidate.end, term = candidate.term;
    const Pieces doers = doer(scene, first, low), deeds = deed(scene, high, end);
    for (const uint32_t piece : deeds) sink.tag(Kind::DEED, term, piece);
    for (const uint32_t piece : doers) sink.tag(Kind::DOER, term, piece);
    for (const uint32_t one : doers)
        for (const uint32_t other : deeds) sink.tag(Kind::DOES, term, one, other);
    const auto framed = [&](uint32_t from, uint32_t to) {
        uint64_t bits = 0;
        for (uint64_t row = Telling::among(scene.telling.framing, from, to); row; row &= row - 1)
            bits |= roles[scene.word(from + static_cast<uint32_t>(__builtin_ctzll(row)))];
        return bits & roles.frames;
    };
    const uint64_t left = framed(low - first > FAR ? low - FAR : first, low), right = framed(high, end - high > FAR ? high + FAR : end);
    const auto emit = [&](uint32_t piece) { sink.tag(Kind::FRAME, term, piece); };
    each_role(left | right, roles.pieces, emit);
    each_role(left, roles.left, emit);
    each_role(right, roles.right, emit);
}

// Every feature of a candidate's context but those that its term always has. Sink: `tag(kind, term, b, c)`,
// `neighbour(term, neighbour)`, `tenses(term, before, after)`, `numbers(term, two, one)`, `shape(token)`, `ending(token)`.
template <class Sink> void emit_context(const Scene &scene, const Candidate &candidate, Sink &sink) {
    const Space &space = scene.space;
    const Span bound = scene.tokens.view->bounds[candidate.sentence];
    const uint32_t first = bound.start, end = bound.end, low = candidate.first, high = candidate.end, term = candidate.term;
    const uint32_t p1 = low > first ? scene.word(low - 1) : space.bracket_open, p2 = low > first + 1 ? scene.word(low - 2) : space.bracket_open;
    const uint32_t n1 = high < end ? scene.word(high) : space.bracket_close, n2 = high + 1 < end ? scene.word(high + 1) : space.bracket_close;
    for (const Neighbour &neighbour : Neighbours(scene, candidate)) sink.neighbour(term, neighbour);
    sink.tag(Kind::SHAPE, term, sink.shape(low), space.places[low != first]);
    sink.tag(Kind::P2, 0, p2);
    sink.tag(Kind::N2, 0, n2);
    sink.tag(Kind::P2P1, 0, p2, p1);
    sink.tag(Kind::N1N2, 0, n1, n2);
    sink.tag(Kind::P1WN1, term, p1, n1);
    sink.tag(Kind::WN1N2, term, n1, n2);
    sink.tag(Kind::P2P1W, term, p2, p1);
    sink.tag(Kind::SKIP, 0, p1, n1);
    const uint32_t n1s = high < end ? sink.ending(high) : space.about[space.bracket_close].ending;
    const uint32_t p1s = low > first ? sink.ending(low - 1) : space.about[space.bracket_open].ending;
    sink.tag(Kind::N1S, 0, n1s);
    sink.tag(Kind::P1S, 0, p1s);
    sink.tag(Kind::WN1S, term, n1s);
    sink.tag(Kind::P1SW, term, p1s);
    sink.tag(Kind::N1SHAPE, 0, high < end ? sink.shape(high) : space.blank);
    sink.tag(Kind::P1SHAPE, 0, low > first ? sink.shape(low - 1) : space.blank);
    emit_title(scene, candidate, first, end, sink);
    if (high == low + 1 && scene.trait(low) & OPEN_MODAL) emit_doer(scene, candidate, first, end, sink);
    emit_far(scene, candidate, low - first > FAR ? low - FAR : first, end - high > FAR ? high + FAR : end, sink);
    uint32_t digits = 0;
    const uint32_t count = std::min(2u, end - high);
    for (uint32_t k = 0; k < count; ++k) digits |= (scene.trait(high + k) & NUMERIC ? 1u : 0u) << k;
    constexpr uint32_t patterns[3][4] = {{0, 0, 0, 0}, {2, 1, 0, 0}, {6, 4, 5, 3}};  // of Space::numerals
    sink.numbers(term, patterns[count][digits], count ? patterns[1][digits & 1] : 0);
}

// Words that bear on it, the clause words on either side, and the tenses of the sentence.
template <class Sink> void emit_far(const Scene &scene, const Candidate &candidate, uint32_t from, uint32_t to, Sink &sink) {
    const uint32_t low = candidate.first, high = candidate.end, term = candidate.term;
    const Telling &telling = scene.telling;
    const auto before = [&](const std::vector<uint64_t> &row) { return Telling::among(row, from, low); };
    const auto after = [&](const std::vector<uint64_t> &row) { return Telling::among(row, high, to); };
    uint32_t bearing[2 * FAR], count = 0;
    const auto bear = [&](uint64_t bits, uint32_t start) {
        for (; bits; bits &= bits - 1) {
            const uint32_t word = scene.word(start + static_cast<uint32_t>(__builtin_ctzll(bits)));
            bearing[count] = word;
            count += std::find(bearing, bearing + count, word) == bearing + count;
        }
    };
    bear(before(telling.bearing), from);
    bear(after(telling.bearing), high);
    for (uint32_t i = 0; i < count; ++i) {
        sink.tag(Kind::HAS, 0, bearing[i]);
        sink.tag(Kind::WHAS, term, bearing[i]);
    }
    const uint64_t lefts = before(telling.clausal), rights = after(telling.clausal);
    const uint32_t left = lefts ? scene.word(from + 63 - static_cast<uint32_t>(__builtin_clzll(lefts))) : scene.space.bracket_open;
    const uint32_t right = rights ? scene.word(high + static_cast<uint32_t>(__builtin_ctzll(rights))) : scene.space.bracket_close;
    sink.tag(Kind::CLAUSE_LEFT, 0, left);
    sink.tag(Kind::CLAUSE_OF, term, left);
    sink.tag(Kind::CLAUSE_RIGHT, term, right);
    sink.tenses(term, (before(telling.past) != 0) | (before(telling.present) != 0) << 1, (after(telling.past) != 0) | (after(telling.present) != 0) << 1);
}

}  // namespace framing
