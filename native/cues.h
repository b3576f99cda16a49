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

// The words of a text as contexts of cues are read from them, with pieces for what one text needs.
struct Scene {
    const Space &space;
    const Tokens &tokens;
    std::vector<uint32_t> &shapes;  // of each token, UNREAD before it was asked for
    std::string &buffer;

    static constexpr uint32_t UNREAD = ABSENT - 1;

    uint32_t word(uint32_t token) const { return tokens.plain[tokens.first + token]; }
    uint32_t trait(uint32_t token) const { return tokens.plain_traits[tokens.first + token]; }
};

void find_candidates(const Space &space, const Tokens &tokens, std::vector<Candidate> &out);

// Every feature of a candidate's context but those that its term always has. Sink: `tag(kind, term, b, c, count)`, `shape(token)`,
// `ending(token)`.
template <class Sink> void emit_context(const Scene &scene, const Candidate &candidate, Sink &sink) {
    const Space &space = scene.space;
    const Span bound = scene.tokens.view->bounds[candidate.sentence];
    const uint32_t first = bound.start, end = bound.end, low = candidate.first, high = candidate.end, term = candidate.term;
    uint32_t before[3], after[3];
    for (uint32_t k = 0; k < 3; ++k) {
        before[k] = low - first > k ? scene.word(low - 1 - k) : space.bracket_open;
        after[k] = high + k < end ? scene.word(high + k) : space.bracket_close;
    }
    const uint32_t p1 = before[0], p2 = before[1], n1 = after[0], n2 = after[1];
    sink.tag(Kind::SHAPE, term, sink.shape(low), space.places[low != first]);
    sink.tag(Kind::P1, 0, p1);
    sink.tag(Kind::N1, 0, n1);
    sink.tag(Kind::P2, 0, p2);
    sink.tag(Kind::N2, 0, n2);
    sink.tag(Kind::P1W, term, p1);
    sink.tag(Kind::WN1, term, n1);
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
    emit_near(scene, candidate, first, end, before, after, sink);
    const uint32_t from = low - first > FAR ? low - FAR : first, to = end - high > FAR ? high + FAR : end;
    emit_far(scene, candidate, from, to, sink);
    uint32_t digits = 0;
    const uint32_t count = std::min(2u, end - high);
    for (uint32_t k = 0; k < count; ++k) digits |= (scene.trait(high + k) & NUMERIC ? 1u : 0u) << k;
    constexpr uint32_t one[] = {2, 1}, two[] = {6, 4, 5, 3};  // of space.numerals: x d; xx dx xd dd
    sink.tag(Kind::NUMERAL, 0, space.numerals[count ? one[digits & 1] : 0]);
    sink.tag(Kind::NUMERALS, term, space.numerals[count == 2 ? two[digits] : count ? one[digits] : 0]);
}

// The different words of a row with how often each stands there.
template <class Visit> void each_once(const uint32_t *words, uint32_t count, Visit visit) {
    for (uint32_t i = 0; i < count; ++i) {
        uint32_t times = 0, j = 0;
        for (; j < i && words[j] != words[i];) ++j;
        if (j < i) continue;
        for (j = i; j < count; ++j) times += words[j] == words[i];
        visit(words[i], times);
    }
}

template <class Sink>
void emit_near(const Scene &scene, const Candidate &candidate, uint32_t first, uint32_t end, const uint32_t *before, const uint32_t *after, Sink &sink) {
    uint32_t window[10], count = 0;
    const uint32_t low = candidate.first, high = candidate.end;
    for (uint32_t k = low - first > 5 ? low - 5 : first; k < low; ++k) window[count++] = scene.word(k);
    for (uint32_t k = high; k < end && k < high + 5; ++k) window[count++] = scene.word(k);
    each_once(window, count, [&](uint32_t word, uint32_t times) {
        sink.tag(Kind::NEAR, 0, word, 0, times);
        sink.tag(Kind::WITH, candidate.term, word, 0, times);
    });
    each_once(before, 3, [&](uint32_t word, uint32_t times) { sink.tag(Kind::BEFORE, candidate.term, word, 0, times); });
    each_once(after, 3, [&](uint32_t word, uint32_t times) { sink.tag(Kind::AFTER, candidate.term, word, 0, times); });
}

// Words that bear on it, the clause words on either side, and the tenses of the sentence.
template <class Sink> void emit_far(const Scene &scene, const Candidate &candidate, uint32_t from, uint32_t to, Sink &sink) {
    const uint32_t low = candidate.first, high = candidate.end, term = candidate.term;
    uint32_t bearing[2 * FAR], count = 0, left = scene.space.bracket_open, right = scene.space.bracket_close, tense[2] = {0, 0};
    bool closed = false;
    for (uint32_t k = from; k < to; ++k) {
        if (k == low) k = high;
        if (k >= to) break;
        const uint32_t traits = scene.trait(k);
        if (!(traits & (BEARING | CLAUSAL | WAS | IS))) continue;
        if (traits & BEARING) bearing[count++] = scene.word(k);
        if (traits & CLAUSAL) {
            if (k < low) left = scene.word(k);
            else if (!closed) right = scene.word(k);
            closed = closed || k >= high;
        }
        tense[k >= high] |= traits & WAS ? 1 : traits & IS ? 2 : 0;
    }
    each_once(bearing, count, [&](uint32_t word, uint32_t) {
        sink.tag(Kind::HAS, 0, word);
        sink.tag(Kind::WHAS, term, word);
    });
    const uint32_t *tenses = scene.space.tenses;
    sink.tag(Kind::CLAUSE_LEFT, 0, left);
    sink.tag(Kind::CLAUSE_OF, term, left);
    sink.tag(Kind::CLAUSE_RIGHT, term, right);
    sink.tag(Kind::TENSE_BEFORE, term, tenses[tense[0]]);
    sink.tag(Kind::TENSE_AFTER, term, tenses[tense[1]]);
    sink.tag(Kind::TENSE, term, tenses[tense[0] | tense[1]]);
}

}  // namespace framing
