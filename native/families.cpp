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
    constexpr uint32_t AHEAD = 8;  // keys whose slots are fetched before they are asked for
    keys.resize(n);
    for (uint32_t i = 0; i < n; ++i) keys[i] = Key::padded(arena + seen.words[i].start, seen.words[i].end - seen.words[i].start);
    for (uint32_t i = 0; i < n; ++i) {
        if (i + AHEAD < n) space.words.prefetch(keys[i + AHEAD]);
        const uint32_t e = first + i;
        plain[e] = space.words.find(arena + seen.words[i].start, keys[i]);
        plain_traits[e] = traits_of(plain[e], piece(seen.words[i]));
        const Span span = seen.folded[i];
        const bool same = span == seen.words[i];
        folded[e] = same ? plain[e] : space.words.find(arena + span.start, Key::padded(arena + span.start, span.end - span.start));
        traits[e] = same ? plain_traits[e] : traits_of(folded[e], piece(span));
    }
    for (uint32_t e = 0; e <= count; ++e) pairs[e] = triples[e] = ABSENT;
    for (uint32_t e = 0; e < count; ++e) pairs[e] = space.step(folded[e], folded[e + 1]);
    for (uint32_t e = 0; e + 1 < count; ++e) triples[e] = space.step(pairs[e], folded[e + 2]);
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
