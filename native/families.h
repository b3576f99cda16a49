// What heads count in a text: the counterpart of framing.features, over word numbers instead of strings.
//
// `emit` tells a Sink every feature of a stream. A kernel's sink looks up the record of weights; training's numbers whatever
// comes (counts.cpp). So the rules stand here once.
#pragma once

#include <algorithm>

#include "space.h"
#include "tables.h"

namespace framing {

// A text's tokens as words: those of a title and the mark behind it, the text's own, and the mark of a target. Streams index them.
struct Tokens {
    const View *view = nullptr;
    const Request *request = nullptr;
    uint32_t first = 0, count = 0;          // where the text's own begin and end; `count` is the target's mark
    std::vector<uint32_t> folded, plain;    // word numbers, ABSENT for those that the space has not
    std::vector<uint32_t> traits, plain_traits;
    std::vector<uint32_t> ones[2];          // records of folded words, as Word has them
    std::vector<uint32_t> pairs, triples;   // nodes of two and three folded words
    std::vector<uint8_t> quoted;            // a token of the text: whether it begins inside quotation marks
    std::vector<uint32_t> identity;         // 0, 1, 2, ...
    std::vector<Asked> deeper;

    uint32_t size() const { return count - first; }
    std::string_view word(uint32_t token) const { return piece(view->words[token]); }
    std::string_view text(uint32_t entry) const {  // folded
        if (entry >= count) return "^";
        if (entry >= first) return piece(view->folded[entry - first]);
        return entry + 1 == first ? "¶" : request->title[entry];
    }
    std::string_view surface(uint32_t token) const {
        const Span span = view->tokens[token];
        return {view->text + span.start, span.end - span.start};
    }
    std::string_view piece(Span span) const { return {view->lower.data() + span.start, span.end - span.start}; }

    // Known words only; `plain` and `plain_traits` only if they are read.
    void read(const Space &space, const View &seen, const Request &asked, bool reads_plain);
    void learn(Space &space, const View &seen, const Request &asked, uint32_t longest);    // new words and nodes numbered

private:
    void measure(const View &seen, const Request &asked);
    void copy_title();
    void read_title(const Space &space);
    void take(const Space &space, uint32_t entry, uint32_t id, std::string_view word);
    void take(uint32_t entry, uint32_t id, uint32_t known, const uint32_t (&grams)[2]);
    void read_folded(const Space &space);
    void read_both(const Space &space);
    void read_nodes(const Space &space);
};

// A row of tokens that heads read.
struct Stream {
    const uint32_t *entries = nullptr;
    uint32_t size = 0;
    uint32_t focus = ABSENT;  // the place of the target
    bool spoken = false;      // of a quoted sentence
    bool titled_plain = false;  // words as they are go with it (the article's)
    bool whole = false;         // entries that follow one another, in the row of title and text

    uint32_t operator[](uint32_t k) const { return entries[k]; }
};

template <class Sink> void emit_words(const Tokens &tokens, const Stream &stream, uint32_t longest, Sink &sink) {
    for (uint32_t k = 0; k < stream.size; ++k) {
        const uint32_t *e = stream.entries + k;
        const uint32_t left = stream.size - k;
        sink.near(e[0], 1);
        if (longest < 2 || left < 2) continue;
        uint32_t node;
        const bool next = e[1] == e[0] + 1;
        if (next) {
            node = tokens.pairs[e[0]];
            sink.near(e[0], 2);
        } else {
            node = sink.step(tokens.folded[e[0]], tokens.folded[e[1]]);
            sink.node(node);
        }
        if (longest < 3 || left < 3) continue;
        if (next && e[2] == e[0] + 2) {
            node = tokens.triples[e[0]];
            sink.near(e[0], 3);
        } else {
            node = sink.step(node, tokens.folded[e[2]]);
            sink.node(node);
        }
        for (uint32_t n = 3; n < std::min(longest, left) && node != ABSENT; ++n) {
            node = sink.step(node, tokens.folded[e[n]]);
            sink.node(node);
        }
    }
}

// Beginnings and ends of long words, but of the first and of those behind an opening mark, which may be names.
template <class Sink> void emit_affixes(const Tokens &tokens, const Stream &stream, Sink &sink) {
    for (uint32_t k = 1; k < stream.size; ++k)
        if ((tokens.traits[stream[k]] & LONG) && !(tokens.traits[stream[k - 1]] & OPENING)) sink.affixes(stream[k]);
}

template <class Sink> void emit_characters(const Tokens &tokens, const Stream &stream, uint64_t lengths, std::string &buffer, Sink &sink) {
    std::vector<uint32_t> &places = sink.places();
    for (uint32_t k = 0; k < stream.size; ++k) {
        const std::string_view word = tokens.text(stream[k]);
        buffer.assign(" ").append(word).append(" ");
        places.clear();
        for (uint32_t at = 0; at < buffer.size(); ++at)
            if ((buffer[at] & 0xC0) != 0x80) places.push_back(at);
        const uint32_t count = static_cast<uint32_t>(places.size());
        places.push_back(static_cast<uint32_t>(buffer.size()));
        for (uint64_t left = lengths; left; left &= left - 1) {
            const uint32_t n = static_cast<uint32_t>(__builtin_ctzll(left));
            for (uint32_t i = 0; i + n <= count; ++i)
                sink.tag(Kind::CHARS, 0, sink.piece(std::string_view(buffer).substr(places[i], places[i + n] - places[i])));
        }
    }
}

// Every term of the lexicons in `wanted` that stands in a row of words, longer ones first at each place. Only words with the
// trait `start` can begin one. For some words at a time it is told which may begin a term, and which of those with the word
// behind: most words begin none, and which do is not to be guessed.
template <class Visit>
void matches(const Space &space, const uint32_t *words, const uint32_t *traits, const Stream &stream, uint32_t wanted, uint32_t start, Visit visit) {
    constexpr uint32_t TOGETHER = 64;
    const Lexicons &lexicons = space.lexicons;
    uint32_t places[TOGETHER], seconds[TOGETHER], path[Lexicons::LONGEST];
    bool alone[TOGETHER];  // whether it is a term
    Asked asked[TOGETHER];
    for (uint32_t from = 0; from < stream.size; from += TOGETHER) {
        uint32_t count = 0, more = 0;
        for (uint32_t k = from; k < std::min(from + TOGETHER, stream.size); ++k) {
            places[count] = k;
            __builtin_prefetch(&space.about[words[stream[k]] == ABSENT ? 0 : words[stream[k]]]);
            count += (words[stream[k]] != ABSENT) & ((traits[stream[k]] & start) != 0);
        }
        uint32_t kept = 0;
        for (uint32_t i = 0; i < count; ++i) {
            const uint32_t k = places[i], next = std::min(k + 1, stream.size - 1), second = words[stream[next]];
            const Word &word = space.about[words[stream[k]]];
            const uint64_t edge = Space::edge(word.lexeme, second), hash = NumberTable::hash_of(edge);
            lexicons.edges.prefetch_sieve(hash);
            __builtin_prefetch(&lexicons.nodes[word.lexeme]);
            asked[more] = {edge, hash, kept};
            more += ((word.lexicons >> 16 & wanted) != 0) & (next != k) & (second != ABSENT) & ((traits[stream[next]] & FOLLOWS) != 0);
            places[kept] = k;
            seconds[kept] = ABSENT;
            alone[kept] = (word.lexicons & wanted) != 0;
            kept += ((word.lexicons | word.lexicons >> 16) & wanted) != 0;
        }
        lexicons.edges.find_all(asked, more, [&](uint32_t node, uint32_t i) { seconds[i] = node; });
        uint32_t begun = 0;
        for (uint32_t i = 0; i < kept; ++i) {
            places[begun] = places[i];
            seconds[begun] = seconds[i];
            begun += alone[i] | (seconds[i] != ABSENT);
        }
        for (uint32_t i = 0; i < begun; ++i) {
            const uint32_t k = places[i];
            const Word &word = space.about[words[stream[k]]];
            uint32_t depth = 0;
            path[depth++] = word.lexeme;
            for (uint32_t node = seconds[i]; node != ABSENT && (lexicons.nodes[node].below & wanted) && depth < Lexicons::LONGEST;) {
                path[depth++] = node;
                const uint32_t end = k + depth;
                if (end >= stream.size || !(traits[stream[end]] & FOLLOWS)) break;
                node = lexicons.step(node, words[stream[end]]);
            }
            while (depth-- > 0) {
                if (depth == 0 && !(word.lexicons & wanted)) break;  // of the upper half only: no term of one word
                for (uint32_t at = lexicons.nodes[path[depth]].term; at; at = lexicons.found[at].next)
                    if (wanted >> lexicons.found[at].lexicon & 1) visit(k, k + depth + 1, lexicons.found[at]);
            }
        }
    }
}

// The categories of the terms of lexicons, with and without their strength.
template <class Sink> void emit_categories(const Space &space, const Tokens &tokens, const Stream &stream, Kind kind, uint32_t wanted, Sink &sink) {
    const bool plain = kind == Kind::TERMS;
    const uint32_t *words = plain ? tokens.plain.data() : tokens.folded.data(), *traits = plain ? tokens.plain_traits.data() : tokens.traits.data();
    matches(space, words, traits, stream, wanted, ~0u, [&](uint32_t, uint32_t, const Lexicons::Term &term) { sink.category(kind, term); });
}

template <class Sink> void emit_sides(const Space &space, const Tokens &tokens, const Stream &stream, uint32_t wanted, Sink &sink) {
    const auto visit = [&](uint32_t start, uint32_t end, const Lexicons::Term &term) {
        const bool right = end > stream.focus;
        const int64_t gap = right ? int64_t{start} - stream.focus - 1 : stream.focus - end;
        bool negated = false;
        for (uint32_t k = start > 3 ? start - 3 : 0; k < start; ++k) negated = negated || (tokens.traits[stream[k]] & NEGATED);
        const uint32_t whole = space.lexicons.values[term.lexicon][term.value].whole;
        sink.tag(Kind::SIDES, term.lexicon, whole, 0);
        sink.tag(Kind::SIDES, term.lexicon, whole, side_variant(negated, right, 0));
        sink.tag(Kind::SIDES, term.lexicon, whole, side_variant(negated, right, gap < 3 ? 1 : gap < 7 ? 2 : 3));
    };
    if (!sink.ready_sides(stream, wanted, visit)) matches(space, tokens.folded.data(), tokens.traits.data(), stream, wanted, ~0u, visit);
}

template <class Sink> void emit_window(const Tokens &tokens, const Stream &stream, uint32_t reach, Sink &sink) {
    for (uint32_t right = 0; right < 2; ++right)
        for (uint32_t n = 1; n <= reach; ++n) {
            if (right ? stream.focus + n >= stream.size : stream.focus < n) break;
            const uint32_t k = right ? stream.focus + n : stream.focus - n;
            const uint32_t word = tokens.folded[stream[k]];
            sink.tag(Kind::AT, right | n << 1, word);
            sink.tag(Kind::BAG, right, word);
            if (k + 1 < stream.size) sink.tag(Kind::PAIR, right, word, tokens.folded[stream[k + 1]]);
        }
}

// Whether words are quoted, what share of them, and how many in a row; a mark without a partner opens or closes the sentence's quotation.
template <class Sink> void emit_quotes(const Space &space, const Tokens &tokens, const Stream &stream, std::vector<uint32_t> &marks, Sink &sink) {
    const auto trait = [&](uint32_t k) { return tokens.traits[stream[k]]; };
    marks.clear();
    for (uint32_t k = 0; k < stream.size; ++k) {
        if (!(trait(k) & (DOUBLE | SINGLE))) continue;
        const bool doubled = (trait(k) & SINGLE) && k + 1 < stream.size && (trait(k + 1) & SINGLE) && tokens.text(stream[k]) == tokens.text(stream[k + 1]);
        if (((trait(k) & DOUBLE) || doubled) && (marks.empty() || marks.back() + 1 != k)) marks.push_back(k);
    }
    if (marks.size() % 2) {
        const bool closing = marks[0] > 0 && (trait(marks[0] - 1) & ENDS_QUOTE);
        closing ? static_cast<void>(marks.insert(marks.begin(), 0)) : marks.push_back(stream.size);
    }
    if (marks.empty() && stream.size && stream.spoken) marks = {0, stream.size};
    if (marks.empty()) return;
    uint64_t all = 0, inside = 0, longest = 0;
    const auto is_word = [&](uint32_t k) { return (trait(k) & (ALNUMERIC | BLANKED)) != 0; };
    for (uint32_t k = 0; k < stream.size; ++k) all += is_word(k);
    for (size_t i = 0; i + 1 < marks.size(); i += 2) {
        uint64_t length = 0;
        for (uint32_t k = marks[i]; k < marks[i + 1]; ++k) length += is_word(k);
        inside += length;
        longest = std::max(longest, length);
    }
    for (uint32_t i = 0; i < QUOTE_COUNT; ++i)
        if (100 * inside >= QUOTES[i].share * all && longest >= QUOTES[i].longest) sink.tag(Kind::QUOTES, 0, space.quotes[i]);
}

// Every feature of the wanted families but those of cues.
template <class Sink> void emit(const Space &space, const Tokens &tokens, const Stream &stream, const Wanted &wanted, Sink &sink) {
    if (wanted.words && !sink.words(stream, wanted.words)) emit_words(tokens, stream, wanted.words, sink);
    if (wanted.affixes) emit_affixes(tokens, stream, sink);
    if (wanted.chars) emit_characters(tokens, stream, wanted.chars, sink.buffer(), sink);
    if (wanted.lexicon && !sink.ready_lexicon(stream, wanted.lexicon)) emit_categories(space, tokens, stream, Kind::LEXICON, wanted.lexicon, sink);
    if (wanted.terms && stream.titled_plain && !sink.ready_terms(wanted.terms)) emit_categories(space, tokens, stream, Kind::TERMS, wanted.terms, sink);
    if (wanted.quotes) emit_quotes(space, tokens, stream, sink.places(), sink);
    if (stream.focus == ABSENT) return;
    if (wanted.sides) emit_sides(space, tokens, stream, wanted.sides, sink);
    if (wanted.window) emit_window(tokens, stream, wanted.window, sink);
}

}  // namespace framing
