#include "score.h"

#include <numeric>

#include "cues.h"
#include "families.h"
#include "unicode.h"
#include "weigh.h"

namespace framing {

namespace {

struct Judged {  // a candidate under one group
    uint32_t candidate;
    uint8_t group, type;
    double probability;
};

struct Affix {
    uint32_t prefix[2], suffix[2];
};

struct Matched {  // a term of a lexicon
    uint32_t start, end;  // entries
    const Lexicons::Term *term;
};

// What was found of a candidate's context.
struct Context {
    static constexpr uint32_t TOGETHER = 8;  // candidates that are asked for at a time, so that memory comes for all of them at once
    static constexpr uint32_t MOST_NEIGHBOURS = 16;
    const Plate *plate = nullptr;    // of the first head that will judge it
    std::vector<uint32_t> records;   // of features that occur once
    size_t known = 0;                // how many
    std::vector<Hit> repeated;
    Neighbour neighbours[MOST_NEIGHBOURS];
    uint32_t beside = 0;             // how many

    void start(const std::vector<uint32_t> &always) {
        records.resize(MOST_CONTEXT + always.size());
        known = beside = 0;
        repeated.clear();
        for (const uint32_t record : always) add(record, 1);
    }
    // Without a branch, but for what is rare: most records are of nothing or of something with no pattern in it.
    void add(uint32_t record, uint32_t count) {
        __builtin_prefetch(plate->row(record));
        records[known] = record;
        known += (record != 0) & (count == 1);
        if (__builtin_expect(count > 1, 0) && record) repeated.push_back({record, count, 0});
    }
    void add(const PairRecord &pair, uint32_t number) {
        const Neighbour &one = neighbours[number];
        add(pair.with, one.near);
        add(pair.before, one.before);
        add(pair.after, one.after);
        add(pair.first_before, one.first_before);
        add(pair.first_after, one.first_after);
    }
};

struct Run {  // names that follow one another, by the last of them
    uint32_t first, end;
    std::string_view name;
};

}  // namespace

struct Scratch {
    Tokens tokens;
    Tally tally, crowd;  // of the article's features, and of a sentence that is as long
    Bag bag;             // of a sentence's
    Sums sums;
    std::vector<Matched> folded_terms, plain_terms;  // terms of lexicons in the whole row of words
    std::vector<uint32_t> near[2][2];  // of each entry, by pool: records of the n-grams of two and three words that begin there
    std::vector<Affix> affixes;
    std::vector<uint32_t> shapes, places, entries;
    Telling telling;
    std::string buffer;
    std::vector<Candidate> candidates;
    Context contexts[Context::TOGETHER];
    std::vector<Asked> asked, beside;
    std::vector<std::pair<uint32_t, uint32_t>> pairs;  // places of PairRecords, and whose they are
    std::vector<Judged> found, sure;
    std::vector<uint8_t> taken;
    std::vector<Span> spots;
    std::vector<Run> runs;
    std::vector<uint32_t> order;
    std::vector<double> scores, best, doubt;
};

void ScratchDeleter::operator()(Scratch *scratch) const { delete scratch; }

namespace {

// Looks up what a stream emits in one pool, and counts it.
template <int POOL> struct Recorder {
    const Tables &t;
    Scratch &s;
    uint32_t low, high;   // the entries that the stream lies in
    const Plate *plate = nullptr;  // of the heads that the stream is for, if it is short

    // The n-grams of words that follow one another, but for the target that may stand among them.
    bool words(const Stream &stream, uint32_t longest) {
        if (longest > 3 || (stream.focus == ABSENT && !stream.whole)) return false;
        grams(low, before(stream), longest);
        if (stream.focus == ABSENT) return true;
        grams(behind(stream), high, longest);
        for (uint32_t k = stream.focus - std::min(stream.focus, longest - 1); k <= stream.focus; ++k) across(stream, k, longest);
        return true;
    }
    // Where the entries before the target end, and where those behind it begin.
    uint32_t before(const Stream &stream) const { return stream.focus == ABSENT ? high : low + stream.focus; }
    uint32_t behind(const Stream &stream) const { return stream.focus == ABSENT ? high : high - (stream.size - stream.focus - 1); }
    void grams(uint32_t from, uint32_t to, uint32_t longest) {
        for (uint32_t n = 0; n < longest; ++n) {
            const uint32_t *row = n ? s.near[POOL][n - 1].data() : s.tokens.ones[POOL].data();
            if constexpr (POOL == SENTENCE_POOL) s.bag.room(to - from);
            for (uint32_t e = from; e + n < to; ++e) {
                if constexpr (POOL == ARTICLE_POOL) s.tally.add(row[e]);
                else put(row[e]);
            }
        }
    }
    // The n-grams that begin at a place and hold the target.
    void across(const Stream &stream, uint32_t k, uint32_t longest) {
        uint32_t last = s.tokens.folded[stream[k]];
        if (k == stream.focus) near(stream[k], 1);
        for (uint32_t end = k + 1; end < std::min(k + longest, stream.size) && last != ABSENT; ++end) {
            last = step(last, s.tokens.folded[stream[end]]);
            if (end >= stream.focus) node(last);
        }
    }
    void near(uint32_t entry, uint32_t n) { add(n > 1 ? s.near[POOL][n - 2][entry] : s.tokens.ones[POOL][entry]); }
    void node(uint32_t node) {
        if (node != ABSENT) add(t.grams[node - t.space.base].in[POOL]);  // of one word only by `near`
    }
    void add(uint32_t record) {
        if constexpr (POOL == ARTICLE_POOL) s.tally.add(record);
        else {
            s.bag.room(1);
            put(record);
        }
    }
    // Its weights are fetched now and read when the sentence is whole.
    void put(uint32_t record) {
        __builtin_prefetch(plate->row(record));
        s.bag.put(record);
    }
    uint32_t step(uint32_t node, uint32_t word) const { return t.space.step(node, word); }
    void affixes(uint32_t entry) {
        add(s.affixes[entry].prefix[POOL]);
        add(s.affixes[entry].suffix[POOL]);
    }
    void tag(Kind kind, uint32_t a, uint32_t b, uint32_t c = 0) {
        if (b == ABSENT || c == ABSENT) return;
        const uint64_t tag = Space::tag(kind, a, b, c);
        if constexpr (POOL == ARTICLE_POOL) {
            const uint32_t record = t.pools[POOL].tags.find(tag);
            if (record != ABSENT) add(record);
        } else {  // they are looked up together (weigh_bag)
            const uint64_t hash = NumberTable::hash_of(tag);
            t.pools[POOL].tags.prefetch_sieve(hash);
            s.asked.push_back({tag, hash, 0});
        }
    }
    void category(Kind kind, const Lexicons::Term &term) {
        const CategoryRecord &found = t.categories[kind == Kind::TERMS][term.lexicon][term.value];
        add(found.category[POOL]);
        add(found.whole[POOL]);
    }
    // The terms of a stream that were found with the whole row's, by entries: a target parts those before it from those behind it.
    template <class Visit> bool ready(const Stream &stream, uint32_t wanted, Visit visit) {
        if (stream.focus == ABSENT ? !stream.whole : t.space.about[t.space.target].lexicons != 0) return false;
        const auto earlier = [](const Matched &one, uint32_t entry) { return one.start < entry; };
        const uint32_t end = before(stream), begin = behind(stream);
        for (auto one = std::lower_bound(s.folded_terms.begin(), s.folded_terms.end(), low, earlier); one != s.folded_terms.end() && one->start < high; ++one)
            if ((one->end <= end || (one->start >= begin && one->end <= high)) && (wanted >> one->term->lexicon & 1)) visit(*one);
        return true;
    }
    bool ready_lexicon(const Stream &stream, uint32_t wanted) {
        return ready(stream, wanted, [this](const Matched &one) { category(Kind::LEXICON, *one.term); });
    }
    template <class Visit> bool ready_sides(const Stream &stream, uint32_t wanted, Visit visit) {
        const uint32_t begin = behind(stream), shift = stream.focus + 1;
        return ready(stream, wanted, [&](const Matched &one) {
            const uint32_t from = one.start < begin ? low : begin, place = one.start < begin ? 0 : shift;
            visit(place + one.start - from, place + one.end - from, *one.term);
        });
    }
    bool ready_terms(uint32_t wanted) {
        for (const Matched &one : s.plain_terms)
            if (wanted >> one.term->lexicon & 1) category(Kind::TERMS, *one.term);
        return true;
    }
    uint32_t piece(std::string_view text) const { return t.space.pieces.find(text); }
    std::vector<uint32_t> &places() { return s.places; }
    std::string &buffer() { return s.buffer; }
};

// Looks up what a candidate's context emits, or notes it to be looked up with that of others.
struct ContextRecorder {
    const Tables &t;
    Scratch &s;
    uint32_t number;  // of the context
    Context &context;

    void tag(Kind kind, uint32_t term, uint32_t b, uint32_t c = 0) {
        if (b == ABSENT || c == ABSENT) return;
        switch (kind) {
            case Kind::P2: return context.add(t.space.about[b].context[AT_P2], 1);
            case Kind::N2: return context.add(t.space.about[b].context[AT_N2], 1);
            case Kind::CLAUSE_LEFT: return context.add(t.space.about[b].context[AT_CLAUSE], 1);
            case Kind::P1S: return context.add(t.endings[b].before, 1);
            case Kind::N1S: return context.add(t.endings[b].after, 1);
            case Kind::P1SHAPE: return context.add(t.shapes[b].before, 1);
            case Kind::N1SHAPE: return context.add(t.shapes[b].after, 1);
            default: return ask(t.pools[CUE_POOL].tags, Space::tag(kind, term, b, c), s.asked, number);
        }
    }
    void neighbour(uint32_t term, const Neighbour &one) {
        const uint32_t *alone = t.space.about[one.word].context;
        context.add(alone[AT_NEAR], one.near);
        context.add(alone[AT_P1], one.first_before);
        context.add(alone[AT_N1], one.first_after);
        ask(t.paired, Space::tag(Kind{}, term, one.word), s.beside, number * Context::MOST_NEIGHBOURS + context.beside);
        context.neighbours[context.beside++] = one;
    }
    void tenses(uint32_t term, uint32_t before, uint32_t after) {
        context.add(t.terms[term].tense_before[before], 1);
        context.add(t.terms[term].tense_after[after], 1);
        context.add(t.terms[term].tense[before | after], 1);
    }
    void numbers(uint32_t term, uint32_t two, uint32_t one) {
        context.add(t.terms[term].numerals[two], 1);
        context.add(t.numerals[one], 1);
    }
    static void ask(const NumberTable &table, uint64_t tag, std::vector<Asked> &list, uint32_t note) {
        const uint64_t hash = NumberTable::hash_of(tag);
        table.prefetch_sieve(hash);
        list.push_back({tag, hash, note});
    }
    uint32_t shape(uint32_t token) {
        char room[32];
        if (s.shapes[token] == Scene::UNREAD) s.shapes[token] = t.space.pieces.find(Space::shape_of(s.tokens.surface(token), room));
        return s.shapes[token];
    }
    uint32_t ending(uint32_t token) const {
        const uint32_t word = s.tokens.plain[s.tokens.first + token];
        return word != ABSENT ? t.space.about[word].ending : t.space.pieces.find(Space::ending_of(s.tokens.word(token)));
    }
};

class Scorer {
public:
    static constexpr uint32_t AHEAD = 16;  // entries whose memory is fetched before it is read
    Scorer(const Tables &tables, const View &view, const Request &request, Scratch &scratch, Result &result)
        : t(tables), view(view), request(request), s(scratch), r(result) {}
    void run();

private:
    const Tables &t;
    const View &view;
    const Request &request;
    Scratch &s;
    Result &r;

    void look_up();
    bool reads_affixes() const {
        return std::any_of(t.wanted, t.wanted + 4, [](const Wanted &wanted) { return wanted.affixes; });
    }
    uint32_t longest() const {
        return std::max({t.wanted[0].words, t.wanted[1].words, t.wanted[2].words, t.wanted[3].words});
    }
    void look_up_grams();
    void look_up_affixes();
    void look_up_unknown(uint32_t entry);
    void find_terms(const std::vector<uint32_t> &words, const std::vector<uint32_t> &traits, uint32_t wanted, uint32_t start, std::vector<Matched> &out);
    void find_candidates();
    void count_words();
    bool mentions();
    void most_mentioned();
    void occurrences();
    void places_of(const std::string_view *words, size_t count, std::vector<Span> &out) const;
    bool is_word(uint32_t token, std::string_view word, bool possessive) const;
    uint32_t sentence_of(uint32_t token) const;
    void first_of_each();
    void judge();
    void judge_some(const Scene &scene, uint32_t from, uint32_t end);
    void read_context(const Scene &scene, const Candidate &candidate, uint32_t number);
    void find_contexts();
    void judge_one(uint32_t number, const Context &context);
    void weigh_context(const Context &context, uint32_t head, double *scores);
    uint8_t type_of(const Candidate &candidate, const Context &context, uint32_t group);
    void select();
    void cues();
    uint32_t stop_of(const Judged &cue, uint32_t following) const;
    FoundCue told(const Judged &item, uint32_t stop) const;
    void hedged();
    void sentences();
    void sentence(uint32_t number, size_t &cue);
    void weigh_bag(const Plate &plate);
    void finish(uint32_t number, uint32_t heads);
    void valence();
    void mention(uint32_t number);
    void article();
    void hedging();
    double percentile(double rate) const;
    void decide(const HeadInfo &head, const double *scores, double *chances, Label &label) const;
    Stream stream_of(uint32_t number) const;
};

void Scorer::run() {
    r.bad_target = false;
    s.tokens.read(t.space, view, request, t.hedges || t.plain_lexicons);
    count_words();
    r.mentions.clear();
    if (t.has_valence && !mentions()) {
        r.bad_target = true;
        return;
    }
    look_up();
    judge();
    select();
    cues();
    hedged();
    sentences();
    valence();
    article();
    hedging();
}

void Scorer::count_words() {
    r.words = view.lettered;
    r.reason = !r.words ? Reason::EMPTY : !request.english ? Reason::LANGUAGE : r.words < t.min_words ? Reason::TOO_SHORT : Reason::NONE;
}

// The records of every entry, which several streams ask for, in the pools that have heads.
void Scorer::look_up() {
    for (auto &pool : s.near)
        for (auto &row : pool) row.resize(s.tokens.count + 1);
    s.affixes.resize(s.tokens.count + 1);
    look_up_grams();
    if (reads_affixes()) look_up_affixes();
    find_terms(s.tokens.folded, s.tokens.traits, t.folded_lexicons, STARTS_FOLDED, s.folded_terms);
    find_terms(s.tokens.plain, s.tokens.plain_traits, t.plain_lexicons, STARTS_PLAIN, s.plain_terms);
}

void Scorer::look_up_grams() {
    const uint32_t last = static_cast<uint32_t>(t.grams.size() - 1), base = t.space.base, count = s.tokens.count;
    const uint32_t *nodes[2] = {s.tokens.pairs.data(), s.tokens.triples.data()};
    const auto place = [&](uint32_t node) { return node == ABSENT ? last : node - base; };
    for (uint32_t n = 0; n < 2 && n + 1 < longest(); ++n) {
        uint32_t *articles = s.near[ARTICLE_POOL][n].data(), *sentences = s.near[SENTENCE_POOL][n].data();
        for (uint32_t e = 0; e < std::min(AHEAD, count); ++e) __builtin_prefetch(&t.grams[place(nodes[n][e])]);
        for (uint32_t e = 0; e <= count; ++e) {
            __builtin_prefetch(&t.grams[place(nodes[n][std::min(e + AHEAD, count)])]);
            const GramRecord found = t.grams[place(nodes[n][e])];
            articles[e] = found.in[ARTICLE_POOL];
            sentences[e] = found.in[SENTENCE_POOL];
        }
    }
}

// Beginnings and ends; a word that no head knows may still begin or end as others do.
void Scorer::look_up_affixes() {
    for (uint32_t e = 0; e <= s.tokens.count; ++e) {
        if (!(s.tokens.traits[e] & LONG)) continue;
        const uint32_t id = s.tokens.folded[e];
        if (id == ABSENT) {
            look_up_unknown(e);
            continue;
        }
        const Word &word = t.space.about[id];
        s.affixes[e] = {{word.prefix[0], word.prefix[1]}, {word.suffix[0], word.suffix[1]}};
    }
}

void Scorer::find_terms(const std::vector<uint32_t> &words, const std::vector<uint32_t> &traits, uint32_t wanted, uint32_t start, std::vector<Matched> &out) {
    out.clear();
    if (!wanted) return;
    Stream row;
    row.entries = s.tokens.identity.data();
    row.size = s.tokens.count;
    matches(t.space, words.data(), traits.data(), row, wanted, start, [&](uint32_t first, uint32_t end, const Lexicons::Term &term) {
        out.push_back({first, end, &term});
    });
}

void Scorer::look_up_unknown(uint32_t e) {
    const std::string_view word = s.tokens.text(e);
    const uint32_t beginning = t.space.pieces.find(Space::beginning_of(word)), ending = t.space.pieces.find(Space::ending_of(word));
    for (int pool = 0; pool < 2; ++pool) {
        const auto find = [&](Kind kind, uint32_t piece) {
            const uint32_t found = piece == ABSENT ? ABSENT : t.pools[pool].tags.find(Space::tag(kind, 0, piece));
            return found == ABSENT ? 0 : found;
        };
        s.affixes[e].prefix[pool] = find(Kind::PREFIX, beginning);
        s.affixes[e].suffix[pool] = find(Kind::SUFFIX, ending);
    }
}

Stream Scorer::stream_of(uint32_t number) const {
    const Span bound = view.bounds[number];
    Stream stream;
    stream.entries = s.tokens.identity.data() + s.tokens.first + bound.start;
    stream.size = bound.end - bound.start;
    stream.whole = true;
    return stream;
}

// Targets: the counterpart of framing.targets

uint32_t Scorer::sentence_of(uint32_t token) const {
    const auto after = std::upper_bound(view.bounds.begin(), view.bounds.end(), token, [](uint32_t one, const Span &bound) { return one < bound.start; });
    return after == view.bounds.begin() ? 0 : static_cast<uint32_t>(after - view.bounds.begin()) - 1;
}

bool Scorer::mentions() {
    s.spots.clear();
    const auto start = [](const Span &token, uint32_t byte) { return token.start < byte; };
    const auto end = [](uint32_t byte, const Span &token) { return byte < token.end; };
    if (request.target.kind == Target::SPAN) {
        const Span span = request.target.span;
        const auto first = std::upper_bound(view.tokens.begin(), view.tokens.end(), span.start, end);
        const auto stop = std::lower_bound(view.tokens.begin(), view.tokens.end(), span.end, start);
        if (first >= stop) return false;
        s.spots.push_back({static_cast<uint32_t>(first - view.tokens.begin()), static_cast<uint32_t>(stop - view.tokens.begin())});
    } else if (request.target.kind == Target::WORDS) {
        occurrences();
    } else {
        most_mentioned();
    }
    first_of_each();
    return true;
}

// Runs of names, grouped by their last word; the most frequent group, the earliest of equals.
void Scorer::most_mentioned() {
    s.runs.clear();
    const auto masked = [this](uint32_t k) { return (s.tokens.traits[s.tokens.first + k] & BLANKED) != 0; };
    const uint32_t n = s.tokens.size();
    for (uint32_t k = 0; k < n; ++k) {
        const uint32_t first = k;
        while (k < n && masked(k)) ++k;
        if (k == first) continue;
        std::string_view name = s.tokens.word(k - 1);
        if (name.size() >= 2 && name.substr(name.size() - 2) == "'s") name.remove_suffix(2);
        s.runs.push_back({first, k, name});
    }
    s.order.resize(s.runs.size());
    std::iota(s.order.begin(), s.order.end(), 0u);
    std::sort(s.order.begin(), s.order.end(), [this](uint32_t a, uint32_t b) {
        const int sign = s.runs[a].name.compare(s.runs[b].name);
        return sign ? sign < 0 : a < b;
    });
    size_t best = 0, most = 0;
    for (size_t i = 0, j; i < s.order.size(); i = j) {
        for (j = i; j < s.order.size() && s.runs[s.order[j]].name == s.runs[s.order[i]].name; ++j) {}
        if (j - i > most || (j - i == most && s.order[i] < s.order[best])) {
            most = j - i;
            best = i;
        }
    }
    for (size_t i = best; i < best + most; ++i) s.spots.push_back({s.runs[s.order[i]].first, s.runs[s.order[i]].end});
}

bool Scorer::is_word(uint32_t token, std::string_view word, bool possessive) const {
    const std::string_view here = s.tokens.word(token);
    if (here == word) return true;
    return possessive && here.size() == word.size() + 2 && here.substr(0, word.size()) == word && here.substr(word.size()) == "'s";
}

void Scorer::places_of(const std::string_view *words, size_t count, std::vector<Span> &out) const {
    for (uint32_t k = 0; k + count <= s.tokens.size(); ++k) {
        size_t i = 0;
        while (i < count && is_word(k + static_cast<uint32_t>(i), words[i], i + 1 == count)) ++i;
        if (i == count) out.push_back({k, k + static_cast<uint32_t>(count)});
    }
}

// Places of the target's words; where there are none, of its last word (a surname); and of that in other sentences, capitalised.
void Scorer::occurrences() {
    const Strings &words = request.target.words;
    if (words.empty()) return;
    places_of(words.data(), words.size(), s.spots);
    std::vector<Span> last;
    places_of(&words.back(), 1, last);
    if (s.spots.empty()) s.spots = last;
    s.taken.assign(view.bounds.size() + 1, 0);
    for (const Span &spot : s.spots) s.taken[sentence_of(spot.start)] = 1;
    for (const Span &spot : last) {
        const std::string_view surface = s.tokens.surface(spot.start);
        unsigned char room[4] = {0, 0, 0, 0};
        memcpy(room, surface.data(), std::min<size_t>(4, surface.size()));
        if (!s.taken[sentence_of(spot.start)] && is(decode(room), UPPER)) s.spots.push_back(spot);
    }
    std::sort(s.spots.begin(), s.spots.end(), [](const Span &a, const Span &b) { return a.start != b.start ? a.start < b.start : a.end < b.end; });
}

void Scorer::first_of_each() {
    for (const Span &spot : s.spots) {
        const uint32_t number = sentence_of(spot.start);
        if (r.mentions.empty() || r.mentions.back().sentence != number) r.mentions.push_back({number, spot.start, spot.end});
    }
}

// Cues

void Scorer::judge() {
    s.found.clear();
    s.candidates.clear();
    if (!t.hedges || !request.english) return;
    s.shapes.assign(s.tokens.size(), Scene::UNREAD);
    find_candidates();
    s.telling.read(s.tokens);
    const Scene scene(t.space, s.tokens, s.telling);
    const uint32_t count = static_cast<uint32_t>(s.candidates.size());
    for (uint32_t from = 0; from < count; from += Context::TOGETHER) judge_some(scene, from, std::min(count, from + Context::TOGETHER));
}

// Every term of the cue lexicon inside a sentence, in order of place, the longer first.
void Scorer::find_candidates() {
    uint32_t number = 0;
    for (const Matched &one : s.plain_terms) {
        if (one.term->lexicon != t.space.cue_lexicon || one.start < s.tokens.first) continue;
        const uint32_t first = one.start - s.tokens.first, end = one.end - s.tokens.first;
        while (number < view.bounds.size() && first >= view.bounds[number].end) ++number;
        if (number < view.bounds.size() && first >= view.bounds[number].start && end <= view.bounds[number].end)
            s.candidates.push_back({number, first, end, one.term->number, one.term->value});
    }
}

// Some candidates, at most Context::TOGETHER.
void Scorer::judge_some(const Scene &scene, uint32_t from, uint32_t end) {
    s.asked.clear();
    s.beside.clear();
    for (uint32_t number = from; number < end; ++number) read_context(scene, s.candidates[number], number - from);
    find_contexts();
    for (uint32_t number = from; number < end; ++number) judge_one(number, s.contexts[number - from]);
}

void Scorer::read_context(const Scene &scene, const Candidate &candidate, uint32_t number) {
    Context &context = s.contexts[number];
    context.plate = nullptr;
    for (uint32_t left = t.types[candidate.value].groups; left; left &= left - 1) {
        const uint32_t head = t.group_head[__builtin_ctz(left)];
        if (head != ABSENT && !context.plate) context.plate = &t.pools[CUE_POOL].plates[t.pools[CUE_POOL].heads[head].plate];
    }
    if (!context.plate) return;
    context.start(t.terms[candidate.term].always);
    ContextRecorder sink{t, s, number, context};
    emit_context(scene, candidate, sink);
}

// What was noted to be looked up.
void Scorer::find_contexts() {
    s.pairs.clear();
    t.paired.find_all(s.beside, [this](uint32_t place, uint32_t note) {
        __builtin_prefetch(&t.pairs[place]);
        s.pairs.push_back({place, note});
    });
    t.pools[CUE_POOL].tags.find_all(s.asked, [this](uint32_t record, uint32_t number) { s.contexts[number].add(record, 1); });
    for (const auto &[place, note] : s.pairs) s.contexts[note / Context::MOST_NEIGHBOURS].add(t.pairs[place], note % Context::MOST_NEIGHBOURS);
    s.asked.clear();
}

void Scorer::judge_one(uint32_t number, const Context &context) {
    if (!context.plate) return;
    const size_t before = s.found.size();
    const Candidate &candidate = s.candidates[number];
    for (uint32_t left = t.types[candidate.value].groups; left; left &= left - 1) {
        const uint32_t group = static_cast<uint32_t>(__builtin_ctz(left)), head = t.group_head[group];
        if (head == ABSENT) continue;
        double score;
        weigh_context(context, head, &score);
        s.found.push_back({number, static_cast<uint8_t>(group), 0, sigmoid(score)});
    }
    for (size_t i = before; i < s.found.size(); ++i) {
        Judged &one = s.found[i];
        if (request.everything || one.probability >= t.group_threshold[one.group]) one.type = type_of(candidate, context, one.group);
    }
}

void Scorer::weigh_context(const Context &context, uint32_t number, double *scores) {
    const PoolHead &head = t.pools[CUE_POOL].heads[number];
    s.sums.weigh(t.pools[CUE_POOL].plates[head.plate], context.records.data(), context.known, context.repeated);
    s.sums.scores(head, scores);
}

uint8_t Scorer::type_of(const Candidate &candidate, const Context &context, uint32_t group) {
    const TypesOf &types = t.types[candidate.value];
    if (group != t.hedge_group || t.type_head == ABSENT) return types.first[group];
    if (types.allowed.size() == 1) return t.type_labels[types.allowed[0]];
    s.scores.resize(t.pools[CUE_POOL].heads[t.type_head].outputs);
    weigh_context(context, t.type_head, s.scores.data());
    uint8_t best = types.allowed[0];
    for (uint8_t label : types.allowed)
        if (s.scores[label] > s.scores[best]) best = label;
    return t.type_labels[best];
}

// The cues: over their group's threshold, none overlapping, the longest first and then the surest.
void Scorer::select() {
    s.sure.clear();
    for (const Judged &item : s.found)
        if (item.probability >= t.group_threshold[item.group]) s.sure.push_back(item);
    const auto length = [this](const Judged &item) { return s.candidates[item.candidate].end - s.candidates[item.candidate].first; };
    std::stable_sort(s.sure.begin(), s.sure.end(), [&](const Judged &a, const Judged &b) {
        if (length(a) != length(b)) return length(a) > length(b);
        if (a.probability != b.probability) return a.probability > b.probability;
        return s.candidates[a.candidate].first < s.candidates[b.candidate].first;
    });
    s.taken.assign(s.tokens.size(), 0);
    size_t kept = 0;
    for (const Judged &item : s.sure) {
        const Candidate &place = s.candidates[item.candidate];
        const auto first = s.taken.begin() + place.first, end = s.taken.begin() + place.end;
        if (std::find(first, end, 1) != end) continue;
        std::fill(first, end, 1);
        s.sure[kept++] = item;
    }
    s.sure.resize(kept);
    std::sort(s.sure.begin(), s.sure.end(), [this](const Judged &a, const Judged &b) { return s.candidates[a.candidate].first < s.candidates[b.candidate].first; });
}

FoundCue Scorer::told(const Judged &item, uint32_t stop) const {
    const Candidate &place = s.candidates[item.candidate];
    return {place.sentence, place.first, place.end, stop, item.group, item.type, s.tokens.quoted[place.first], item.probability};
}

// Where a cue ends: a vague quantifier reaches to its noun, unless another cue stands there.
uint32_t Scorer::stop_of(const Judged &cue, uint32_t following) const {
    const Candidate &place = s.candidates[cue.candidate];
    const uint32_t *traits = s.tokens.plain_traits.data() + s.tokens.first;
    if (cue.type != t.vague_type || !(traits[place.end - 1] & QUANTIFYING)) return place.end;
    const uint32_t limit = std::min({view.bounds[place.sentence].end, place.end + REACH, following});
    for (uint32_t k = place.end; k < limit; ++k)
        if (traits[k] & PLURAL) return k + 1;
    return place.end;
}

void Scorer::cues() {
    r.cues.clear();
    r.found.clear();
    for (size_t i = 0; i < s.sure.size(); ++i) {
        const uint32_t following = i + 1 < s.sure.size() ? s.candidates[s.sure[i + 1].candidate].first : s.tokens.size();
        r.cues.push_back(told(s.sure[i], stop_of(s.sure[i], following)));
    }
    if (!request.everything) return;
    for (const Judged &item : s.found) r.found.push_back(told(item, s.candidates[item.candidate].end));
}

// As probable as that not every cue is mistaken, or as the surest candidate.
void Scorer::hedged() {
    r.hedged.clear();
    r.hedged_chances.clear();
    if (!t.hedges) return;
    const size_t n = view.sentences.size();
    r.hedged.resize(n);
    r.hedged_chances.assign(n, 0);
    if (!request.english) {
        for (Label &label : r.hedged) label.reason = Reason::LANGUAGE;
        return;
    }
    s.best.assign(n, -1);
    s.doubt.assign(n, 2);
    for (const Judged &item : s.found) {
        double &best = s.best[s.candidates[item.candidate].sentence];
        if (item.group == t.hedge_group) best = std::max({best, item.probability, 0.0});
    }
    for (const Judged &item : s.sure) {
        double &doubt = s.doubt[s.candidates[item.candidate].sentence];
        if (item.group == t.hedge_group) doubt = (doubt > 1 ? 1 : doubt) * (1 - item.probability);
    }
    for (size_t i = 0; i < n; ++i) {
        const bool cued = s.doubt[i] <= 1;
        const double chance = cued ? std::max(s.best[i], 1 - s.doubt[i]) : s.best[i] >= 0 ? s.best[i] : t.no_cue;
        r.hedged[i] = {logit(chance), cued ? chance : 1 - chance, cued, Reason::NONE};
        r.hedged_chances[i] = chance;
    }
}

// Labels

void Scorer::decide(const HeadInfo &head, const double *scores, double *chances, Label &label) const {
    label.reason = Reason::NONE;
    if (head.labels == 2) {
        chances[1] = sigmoid(scores[0]);
        chances[0] = 1 - chances[1];
        label.label = chances[1] >= t.facts[head.spec].thresholds[0];
        label.score = scores[0];
    } else {
        const double top = *std::max_element(scores, scores + head.outputs);
        double total = 0;
        for (uint32_t k = 0; k < head.outputs; ++k) total += chances[k] = std::exp(scores[k] - top);
        for (uint32_t k = 0; k < head.outputs; ++k) chances[k] /= total;
        label.label = static_cast<int32_t>(std::max_element(chances, chances + head.outputs) - chances);
        label.score = scores[label.label];
    }
    label.probability = chances[label.label];
}

void Scorer::sentences() {
    const size_t n = view.sentences.size(), heads = t.sentence.size();
    r.sentences.assign(n * heads, Label{});
    r.sentence_chances.assign(n * t.sentence_width, 0);
    r.sentence_scores.assign(n * t.sentence_outputs, 0);
    if (!request.english)
        for (Label &label : r.sentences) label.reason = Reason::LANGUAGE;
    if (!request.english || !heads) return;
    size_t cue = 0;
    for (uint32_t number = 0; number < n; ++number) sentence(number, cue);
}

void Scorer::sentence(uint32_t number, size_t &cue) {
    const Pool &pool = t.pools[SENTENCE_POOL];
    const uint32_t own = t.level_heads[static_cast<int>(Level::SENTENCE)], author = t.level_heads[static_cast<int>(Level::AUTHOR)];
    Stream stream = stream_of(number);
    const Span bound = view.bounds[number];
    const uint32_t low = s.tokens.first + bound.start, high = s.tokens.first + bound.end;
    const auto first = s.tokens.quoted.begin() + bound.start, end = s.tokens.quoted.begin() + bound.end;
    stream.spoken = view.voices[number];
    const bool one = own && author && std::find(first, end, 1) == end && !(stream.spoken && t.wanted[static_cast<int>(Level::AUTHOR)].quotes);
    Recorder<SENTENCE_POOL> sink{t, s, low, high, &pool.plates[0]};
    if (own) {
        emit(t.space, s.tokens, stream, one ? t.wanted_both : t.wanted[static_cast<int>(Level::SENTENCE)], sink);
        for (; cue < r.cues.size() && r.cues[cue].sentence == number; ++cue) sink.tag(Kind::CUES, 0, t.type_pieces[r.cues[cue].type]);
        weigh_bag(pool.plates[0]);
        finish(number, one ? own | author : own);
    }
    if (!author || one) return;
    s.entries.clear();
    for (uint32_t token = bound.start; token < bound.end; ++token)
        if (!s.tokens.quoted[token]) s.entries.push_back(s.tokens.first + token);
    Stream spoken;
    spoken.entries = s.entries.data();
    spoken.size = static_cast<uint32_t>(s.entries.size());
    emit(t.space, s.tokens, spoken, t.wanted[static_cast<int>(Level::AUTHOR)], sink);
    weigh_bag(pool.plates[0]);
    finish(number, author);
}

// The sums of a sentence's features, which are forgotten.
void Scorer::weigh_bag(const Plate &plate) {
    t.pools[SENTENCE_POOL].tags.find_all(s.asked, [this](uint32_t record, uint32_t) { s.bag.add(record); });
    s.asked.clear();
    if (s.bag.size() > Bag::LONG) {
        s.crowd.fit(plate.rows);
        std::for_each_n(s.bag.data(), s.bag.size(), [this](uint32_t record) { s.crowd.add(record); });
        s.crowd.settle();
        s.sums.weigh(plate, s.crowd);
    } else {
        s.bag.settle();
        s.sums.weigh(plate, s.bag);
    }
    s.bag.clear();
}

void Scorer::finish(uint32_t number, uint32_t heads) {
    for (size_t i = 0; i < t.sentence.size(); ++i) {
        if (!(heads >> i & 1)) continue;  // sentence heads stand first in their pool
        const HeadInfo &head = t.sentence[i];
        double *scores = r.sentence_scores.data() + number * size_t{t.sentence_outputs} + head.score_at;
        s.sums.scores(t.pools[SENTENCE_POOL].heads[i], scores);
        decide(head, scores, r.sentence_chances.data() + number * size_t{t.sentence_width} + head.at, r.sentences[number * t.sentence.size() + i]);
    }
}

// Valence toward the target, where it is mentioned and as a mean.
void Scorer::valence() {
    r.valence = Label{};
    r.valence_chances.assign(t.valence.labels, 0);
    r.mention_labels.assign(r.mentions.size(), Label{});
    r.mention_chances.assign(r.mentions.size() * t.valence.labels, 0);
    r.mention_scores.assign(r.mentions.size() * t.valence.outputs, 0);
    if (!t.has_valence) return;
    const bool targeted = request.target.kind != Target::MOST_MENTIONED;
    if (!request.english)
        for (Label &label : r.mention_labels) label.reason = Reason::LANGUAGE;
    else
        for (uint32_t i = 0; i < r.mentions.size(); ++i) mention(i);
    if (r.reason != Reason::NONE && !(r.reason == Reason::TOO_SHORT && targeted)) {
        r.valence.reason = r.reason;
        return;
    }
    if (r.mentions.empty()) {
        r.valence.reason = Reason::NO_TARGET;
        return;
    }
    s.scores.assign(t.valence.outputs, 0);
    for (size_t i = 0; i < r.mention_scores.size(); ++i) s.scores[i % t.valence.outputs] += r.mention_scores[i];
    for (double &score : s.scores) score /= static_cast<double>(r.mentions.size());
    decide(t.valence, s.scores.data(), r.valence_chances.data(), r.valence);
}

void Scorer::mention(uint32_t number) {
    const Mention &place = r.mentions[number];
    const Span bound = view.bounds[place.sentence];
    const uint32_t low = std::max(bound.start, place.first), high = std::max(low, std::min(bound.end, place.end));
    s.entries.clear();
    for (uint32_t token = bound.start; token < low; ++token) s.entries.push_back(s.tokens.first + token);
    s.entries.push_back(s.tokens.count);
    for (uint32_t token = high; token < bound.end; ++token) s.entries.push_back(s.tokens.first + token);
    Stream stream;
    stream.entries = s.entries.data();
    stream.size = static_cast<uint32_t>(s.entries.size());
    stream.focus = low - bound.start;
    Recorder<SENTENCE_POOL> sink{t, s, s.tokens.first + bound.start, s.tokens.first + bound.end, &t.pools[SENTENCE_POOL].plates[1]};
    const Pool &pool = t.pools[SENTENCE_POOL];
    emit(t.space, s.tokens, stream, t.wanted[static_cast<int>(Level::TARGET)], sink);
    weigh_bag(pool.plates[1]);
    double *scores = r.mention_scores.data() + number * size_t{t.valence.outputs};
    s.sums.scores(pool.heads.back(), scores);  // valence stands last
    decide(t.valence, scores, r.mention_chances.data() + number * size_t{t.valence.labels}, r.mention_labels[number]);
}

void Scorer::article() {
    const Pool &pool = t.pools[ARTICLE_POOL];
    r.article.assign(t.article.size(), Label{});
    r.article_scores.assign(t.article.empty() ? 0 : t.article.back().score_at + t.article.back().outputs, 0);
    r.article_chances.assign(t.article.empty() ? 0 : t.article.back().at + t.article.back().labels, 0);
    for (Label &label : r.article) label.reason = r.reason;
    if (t.article.empty() || (r.reason != Reason::NONE && !request.everything)) return;
    Stream stream;
    stream.entries = s.tokens.identity.data();
    stream.size = s.tokens.count;
    stream.titled_plain = true;
    stream.whole = true;
    Recorder<ARTICLE_POOL> sink{t, s, 0, s.tokens.count};
    s.tally.fit(pool.plates[0].rows);
    emit(t.space, s.tokens, stream, t.wanted[static_cast<int>(Level::ARTICLE)], sink);
    s.tally.settle();
    s.sums.weigh(pool.plates[0], s.tally);
    for (size_t i = 0; i < t.article.size(); ++i) {
        const HeadInfo &head = t.article[i];
        double *scores = r.article_scores.data() + head.score_at, *chances = r.article_chances.data() + head.at;
        s.sums.scores(pool.heads[i], scores);
        if (r.reason != Reason::NONE) continue;
        if (!s.sums.knows(pool.heads[i])) r.article[i].reason = Reason::UNKNOWN_WORDS;
        else if (!head.several) decide(head, scores, chances, r.article[i]);
        else std::transform(scores, scores + head.outputs, chances, sigmoid);
    }
}

// Share of the reference news that hedges less, ties by half, 0 to 100.
double Scorer::percentile(double rate) const {
    if (t.reference.empty()) return -1;
    const auto below = std::lower_bound(t.reference.begin(), t.reference.end(), rate);
    const double ties = static_cast<double>(std::count(below, t.reference.end(), rate));
    return 100 * (static_cast<double>(below - t.reference.begin()) + ties / 2 * (rate > 0)) / static_cast<double>(t.reference.size());
}

void Scorer::hedging() {
    std::fill(&r.counts[0][0], &r.counts[0][0] + 32, 0u);
    r.hedging = -1;
    r.hedged_rate = 0;
    r.percentile = -1;
    r.rates.assign(t.sentence.size(), 0);
    if (!t.hedges) return;
    for (const FoundCue &cue : r.cues) ++r.counts[cue.type & 15][cue.voice & 1];
    if (r.reason != Reason::NONE) return;
    const double total = static_cast<double>(view.sentences.size());
    double sum = 0;
    for (const Label &label : r.hedged) sum += label.label == 1;
    r.hedged_rate = sum / total;
    for (size_t i = 0; i < r.sentences.size(); ++i) r.rates[i % r.rates.size()] += r.sentences[i].label == 1;
    for (double &rate : r.rates) rate /= total;
    r.percentile = percentile(r.hedged_rate);
    if (r.percentile >= 0) r.hedging = r.percentile >= t.heavily_from ? 2 : r.percentile >= t.hedged_from ? 1 : 0;
}

}  // namespace

Kernel::Kernel(std::unique_ptr<Tables> made) : tables(std::move(made)) {}
Kernel::~Kernel() = default;

std::unique_ptr<const Kernel> Kernel::build(const ModelSpec &spec, std::string &why) {
    std::unique_ptr<Tables> made(new Tables(spec));
    if (!fill(*made, spec, why)) return nullptr;
    return std::unique_ptr<const Kernel>(new Kernel(std::move(made)));
}

const std::vector<HeadInfo> &Kernel::article() const { return tables->article; }
const std::vector<HeadInfo> &Kernel::sentence() const { return tables->sentence; }
uint32_t Kernel::sentence_width() const { return tables->sentence_width; }
uint32_t Kernel::sentence_outputs() const { return tables->sentence_outputs; }
const HeadInfo *Kernel::valence() const { return tables->has_valence ? &tables->valence : nullptr; }
bool Kernel::hedges() const { return tables->hedges; }
bool Kernel::hears() const { return tables->hedges || !tables->sentence.empty(); }
ScratchHandle Kernel::scratch() const { return ScratchHandle(new Scratch); }

void Kernel::read(const View &view, const Request &request, Scratch &scratch, Result &result) const {
    Scorer(*tables, view, request, scratch, result).run();
}

}  // namespace framing
