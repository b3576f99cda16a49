#include "families.h"

namespace framing {

void Tokens::measure(const View &seen, const Request &asked) {
    view = &seen;
    request = &asked;
    first = asked.titled && !asked.title.empty() ? static_cast<uint32_t>(asked.title.size()) + 1 : 0;
    count = first + static_cast<uint32_t>(seen.tokens.size());
    for (auto *row : {&folded, &plain, &traits, &plain_traits, &ones[0], &ones[1], &pairs, &triples}) row->resize(count + 1);
    while (identity.size() <= count) identity.push_back(static_cast<uint32_t>(identity.size()));
    quoted.assign(seen.tokens.size(), 0);
    size_t at = 0;
    for (const Span &span : seen.quoted) {
        while (at < quoted.size() && seen.tokens[at].start < span.start) ++at;
        while (at < quoted.size() && seen.tokens[at].start < span.end) quoted[at++] = 1;
    }
}

void Tokens::copy_title() {
    std::copy_n(folded.begin(), first, plain.begin());
    std::copy_n(traits.begin(), first, plain_traits.begin());
    plain[count] = folded[count];
    plain_traits[count] = traits[count];
}

void Tokens::read(const Space &space, const View &seen, const Request &asked, bool reads_plain) {
    measure(seen, asked);
    read_title(space);
    reads_plain ? read_both(space) : read_folded(space);
    read_nodes(space);
}

// A folded word, and what is known of it.
inline void Tokens::take(uint32_t entry, uint32_t id, uint32_t known, const uint32_t (&grams)[2]) {
    folded[entry] = id;
    traits[entry] = known;
    ones[0][entry] = grams[0];
    ones[1][entry] = grams[1];
}

inline void Tokens::take(const Space &space, uint32_t entry, uint32_t id, std::string_view word) {
    if (id == ABSENT) take(entry, id, space.traits_of(word), {0, 0});
    else take(entry, id, space.about[id].traits, space.about[id].gram);
}

void Tokens::read_title(const Space &space) {
    for (uint32_t e = 0; e < first; ++e) take(space, e, e + 1 == first ? space.title_end : space.words.find(request->title[e]), text(e));
    take(space, count, space.target, text(count));
    copy_title();
}

void Tokens::read_folded(const Space &space) {
    const auto found = [&](size_t token, const Common *known) {
        const uint32_t e = first + static_cast<uint32_t>(token);
        if (known) take(e, known->id, known->traits, known->gram);
        else take(space, e, ABSENT, piece(view->folded[token]));
    };
    space.common.find_all(space.words, view->lower.data(), view->folded.data(), size(), found);
}

void Tokens::read_both(const Space &space) {
    struct Mask {
        Span span{0, 0};
        uint32_t id = ABSENT;
    } masks[8];  // folded words that differ are few: names are one span, numbers another, marks
    const auto found = [&](size_t token, const Common *known) {
        const uint32_t e = first + static_cast<uint32_t>(token);
        const Span as_is = view->words[token], masked = view->folded[token];
        if (known) {
            __builtin_prefetch(&space.about[known->id]);  // which terms and contexts ask for
            take(e, known->id, known->traits, known->gram);
        } else {
            take(space, e, ABSENT, piece(as_is));
        }
        plain[e] = folded[e];
        plain_traits[e] = traits[e];
        if (masked == as_is) return;
        Mask &mask = masks[masked.start & 7];
        if (!(masked == mask.span)) mask = {masked, space.words.find(piece(masked))};
        take(space, e, mask.id, piece(masked));
    };
    space.common.find_all(space.words, view->lower.data(), view->words.data(), size(), found);
}

// The nodes of two words, for some at a time so that what is asked stays near, then those of three that begin with one.
void Tokens::read_nodes(const Space &space) {
    constexpr uint32_t TOGETHER = 64;
    Asked asked[TOGETHER];
    std::fill(pairs.begin(), pairs.end(), ABSENT);
    std::fill(triples.begin(), triples.end(), ABSENT);
    deeper.clear();
    const auto ask = [&](uint32_t node, uint32_t word, uint32_t e) {
        const uint64_t edge = Space::edge(node, word), hash = NumberTable::hash_of(edge);
        space.edges.prefetch_sieve(hash);
        return Asked{edge, hash, e};
    };
    for (uint32_t e = 0; e < count;) {
        size_t n = 0;
        for (const uint32_t end = std::min(count, e + TOGETHER); e < end; ++e) {
            asked[n] = ask(folded[e], folded[e + 1], e);
            n += ((traits[e] & BEGINS) != 0) & ((traits[e + 1] & CONTINUES) != 0);
        }
        space.edges.find_all(asked, n, [&](uint32_t node, uint32_t at) {
            pairs[at] = node & ~Space::PARENT;
            if ((node & Space::PARENT) && at + 2 <= count && (traits[at + 2] & CONTINUES)) deeper.push_back(ask(pairs[at], folded[at + 2], at));
        });
    }
    space.edges.find_all(deeper, [&](uint32_t node, uint32_t at) { triples[at] = node & ~Space::PARENT; });
}

void Tokens::learn(Space &space, const View &seen, const Request &asked, uint32_t longest) {
    measure(seen, asked);
    for (uint32_t e = 0; e <= count; ++e) {
        folded[e] = space.add_word(text(e));
        if (e >= first && e < count) plain[e] = space.add_word(word(e - first));
        traits[e] = space.about[folded[e]].traits;
        plain_traits[e] = e >= first && e < count ? space.about[plain[e]].traits : traits[e];
    }
    copy_title();
    for (uint32_t e = 0; e <= count; ++e) pairs[e] = triples[e] = ABSENT;
    for (uint32_t e = 0; e < count && longest > 1; ++e) pairs[e] = space.add_child(folded[e], folded[e + 1]);
    for (uint32_t e = 0; e + 1 < count && longest > 2; ++e) triples[e] = space.add_child(pairs[e], folded[e + 2]);
}

}  // namespace framing
