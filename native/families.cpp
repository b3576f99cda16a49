#include "families.h"

namespace framing {

void Tokens::measure(const View &seen, const Request &asked) {
    view = &seen;
    request = &asked;
    first = asked.titled && !asked.title.empty() ? static_cast<uint32_t>(asked.title.size()) + 1 : 0;
    count = first + static_cast<uint32_t>(seen.tokens.size());
    for (auto *row : {&folded, &plain, &traits, &plain_traits, &pairs, &triples}) row->resize(count + 1);
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

void Tokens::read(const Space &space, const View &seen, const Request &asked) {
    measure(seen, asked);
    const char *arena = seen.lower.data();
    const auto traits_of = [&](uint32_t id, std::string_view word) { return id == ABSENT ? space.traits_of(word) : space.about[id].traits; };
    for (uint32_t e = 0; e < first; ++e) {
        folded[e] = e + 1 == first ? space.title_end : space.words.find(request->title[e]);
        traits[e] = traits_of(folded[e], text(e));
    }
    folded[count] = space.target;
    traits[count] = space.about[space.target].traits;
    copy_title();
    const uint32_t n = size();
    const auto fetch = [&](uint32_t id) { __builtin_prefetch(&space.about[id]); };
    space.words.find_all(arena, seen.words.data(), n, plain.data() + first, fetch);
    struct Mask {
        Span span{0, 0};
        uint32_t id = ABSENT, traits = 0;
    } masks[8];  // folded words that differ are few: names are one span, numbers another, marks
    for (uint32_t i = 0; i < n; ++i) {
        const uint32_t e = first + i;
        plain_traits[e] = traits_of(plain[e], piece(seen.words[i]));
        folded[e] = plain[e];
        traits[e] = plain_traits[e];
        if (seen.folded[i] == seen.words[i]) continue;
        Mask &mask = masks[seen.folded[i].start & 7];
        if (!(seen.folded[i] == mask.span)) {
            mask.span = seen.folded[i];
            mask.id = space.words.find(piece(mask.span));
            mask.traits = traits_of(mask.id, piece(mask.span));
        }
        folded[e] = mask.id;
        traits[e] = mask.traits;
    }
    read_nodes(space);
}

void Tokens::read_nodes(const Space &space) {
    pairs.assign(count + 1, ABSENT);
    triples.assign(count + 1, ABSENT);
    asked.clear();
    deeper.clear();
    const auto ask = [&](std::vector<Asked> &list, uint32_t node, uint32_t word, uint32_t e) {
        const uint64_t edge = Space::edge(node, word), hash = NumberTable::hash_of(edge);
        space.edges.prefetch_sieve(hash);
        list.push_back({edge, hash, e});
    };
    for (uint32_t e = 0; e < count; ++e)
        if ((traits[e] & BEGINS) && (traits[e + 1] & CONTINUES)) ask(asked, folded[e], folded[e + 1], e);
    space.edges.find_all(asked, [&](uint32_t node, uint32_t e) {
        pairs[e] = node & ~Space::PARENT;
        if ((node & Space::PARENT) && e + 2 <= count && (traits[e + 2] & CONTINUES)) ask(deeper, pairs[e], folded[e + 2], e);
    });
    space.edges.find_all(deeper, [&](uint32_t node, uint32_t e) { triples[e] = node & ~Space::PARENT; });
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
