// Cues: the counterpart of framing.cues.
#pragma once

#include "families.h"
#include "weigh.h"

namespace framing {

constexpr uint32_t FAR = 40;   // words on either side that a candidate's context reaches to
constexpr uint32_t REACH = 4;  // words from a vague quantifier to its noun

struct Candidate {
    uint32_t sentence, first, end;  // tokens of the text
    uint32_t term, value;           // of the cue lexicon
};

// The words of a text as contexts of cues are read from them.
struct Scene {
    const Space &space;
    const Tokens &tokens;
    std::vector<uint32_t> &telling;  // tokens that tell of tense or clause, or bear on a cue

    Scene(const Space &known, const Tokens &seen, std::vector<uint32_t> &room) : space(known), tokens(seen), telling(room) {}
    void read();
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
    uint32_t bearing[2 * FAR], count = 0, left = scene.space.bracket_open, right = scene.space.bracket_close, tense[2] = {0, 0};
    bool closed = false;
    for (auto at = std::lower_bound(scene.telling.begin(), scene.telling.end(), from); at != scene.telling.end() && *at < to; ++at) {
        const uint32_t k = *at, traits = scene.trait(k);
        if (k >= low && k < high) continue;
        if (traits & BEARING) bearing[count++] = scene.word(k);
        if (traits & CLAUSAL) {
            if (k < low) left = scene.word(k);
            else if (!closed) right = scene.word(k);
            closed = closed || k >= high;
        }
        tense[k >= high] |= traits & WAS ? 1 : traits & IS ? 2 : 0;
    }
    for (uint32_t i = 0; i < count; ++i) {
        if (std::find(bearing, bearing + i, bearing[i]) != bearing + i) continue;
        sink.tag(Kind::HAS, 0, bearing[i]);
        sink.tag(Kind::WHAS, term, bearing[i]);
    }
    sink.tag(Kind::CLAUSE_LEFT, 0, left);
    sink.tag(Kind::CLAUSE_OF, term, left);
    sink.tag(Kind::CLAUSE_RIGHT, term, right);
    sink.tenses(term, tense[0], tense[1]);
}

}  // namespace framing
