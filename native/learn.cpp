#include "learn.h"

#include <numeric>

#include "cues.h"

namespace framing {

// What was read so far. An n-gram of words and every other feature is a number, in the order of their coming.
struct Corpus {
    static constexpr uint32_t NODES = 1u << 31;  // the first node of two words: there may be many more words than tags can name
    static constexpr uint64_t NODE = uint64_t{63} << 58;  // no kind of tag
    static constexpr uint32_t MOST_LEXICONS = 16;

    Space space;
    std::vector<Use> families;
    bool tagged = false;  // whether a family has tags

    NumberTable numbers;          // node or tag to its number
    std::vector<uint64_t> keys;   // and back
    std::vector<uint32_t> counts; // of the family that is read
    std::vector<uint32_t> touched;
    std::vector<std::pair<uint32_t, uint32_t>> entries;  // number and count
    std::vector<size_t> parts{0};  // where the entries of each family of each row end, after a first 0

    Tokens tokens;
    Request request;
    Telling telling;
    std::vector<uint32_t> places, row, shapes;
    std::vector<std::pair<uint32_t, uint32_t>> affixes;  // of each word: pieces, ABSENT before they are asked for
    std::string buffer;

    explicit Corpus(const ModelSpec &lists) : space(lists) {
        space.base = NODES;
        for (const uint32_t bracket : {space.bracket_open, space.bracket_close}) space.about[bracket].ending = space.pieces.add(Space::ending_of(space.words[bracket]));
    }

    void count(uint64_t key, uint32_t times = 1) {
        uint32_t &number = numbers[key];
        if (number == ABSENT) {
            number = static_cast<uint32_t>(keys.size());
            keys.push_back(key);
            counts.push_back(0);
        }
        if (counts[number] == 0) touched.push_back(number);
        counts[number] += times;
    }
    void end_part() {
        for (const uint32_t number : touched) {
            entries.emplace_back(number, counts[number]);
            counts[number] = 0;
        }
        touched.clear();
        parts.push_back(entries.size());
    }
    std::string name(uint32_t number) const {
        const uint64_t key = keys[number];
        return key >= NODE ? space.node_name(static_cast<uint32_t>(key)) : space.tag_name(key);
    }

    void read(const View &view);
    void row_of(const Stream &stream, const Strings &types);
    void family(const Use &use, const Stream &stream, const Strings &types);
    void words(const Use &use, const Stream &stream);
    std::vector<uint32_t> frequencies() const;
};

namespace {

// Counts whatever comes.
struct Counter {
    Corpus &c;

    bool ready_lexicon(const Stream &, uint32_t) { return false; }
    bool ready_terms(uint32_t) { return false; }
    template <class Visit> bool ready_sides(const Stream &, uint32_t, Visit) { return false; }
    void tag(Kind kind, uint32_t a, uint32_t b, uint32_t third = 0) {
        const bool alone = kind == Kind::TERMS || (kind == Kind::SIDES && third == 0);  // a category by itself, whichever family asks
        c.count(Space::tag(alone ? Kind::LEXICON : kind, a, b, third));
    }
    void category(Kind kind, const Lexicons::Term &term) {
        const Value &value = c.space.lexicons.values[term.lexicon][term.value];
        tag(kind, term.lexicon, value.category);
        if (value.strong) tag(kind, term.lexicon, value.whole);
    }
    void affixes(uint32_t entry) {
        const uint32_t word = c.tokens.folded[entry];
        if (word >= c.affixes.size()) c.affixes.resize(c.space.words.size(), {ABSENT, ABSENT});
        auto &[beginning, ending] = c.affixes[word];
        if (beginning == ABSENT) {
            const std::string_view text = c.tokens.text(entry);
            beginning = c.space.pieces.add(Space::beginning_of(text));
            ending = c.space.pieces.add(Space::ending_of(text));
        }
        tag(Kind::PREFIX, 0, beginning);
        tag(Kind::SUFFIX, 0, ending);
    }
    uint32_t piece(std::string_view text) { return c.space.pieces.add(text); }
    std::vector<uint32_t> &places() { return c.places; }
};

// Counts what stands around a candidate.
struct ContextCounter {
    Corpus &c;

    void tag(Kind kind, uint32_t term, uint32_t b, uint32_t third = 0) { c.count(Space::tag(kind, term, b, third)); }
    void neighbour(uint32_t term, const Neighbour &one) {
        some(Kind::NEAR, 0, one.word, one.near);
        some(Kind::WITH, term, one.word, one.near);
        some(Kind::BEFORE, term, one.word, one.before);
        some(Kind::AFTER, term, one.word, one.after);
        if (one.first_before) {
            tag(Kind::P1, 0, one.word);
            tag(Kind::P1W, term, one.word);
        }
        if (one.first_after) {
            tag(Kind::N1, 0, one.word);
            tag(Kind::WN1, term, one.word);
        }
    }
    void some(Kind kind, uint32_t term, uint32_t word, uint32_t times) {
        if (times) c.count(Space::tag(kind, term, word), times);
    }
    void tenses(uint32_t term, uint32_t before, uint32_t after) {
        tag(Kind::TENSE_BEFORE, term, c.space.tenses[before]);
        tag(Kind::TENSE_AFTER, term, c.space.tenses[after]);
        tag(Kind::TENSE, term, c.space.tenses[before | after]);
    }
    void numbers(uint32_t term, uint32_t two, uint32_t one) {
        tag(Kind::NUMERAL, 0, c.space.numerals[one]);
        tag(Kind::NUMERALS, term, c.space.numerals[two]);
    }
    uint32_t shape(uint32_t token) {
        char room[32];
        if (c.shapes[token] == Scene::UNREAD) c.shapes[token] = c.space.pieces.add(Space::shape_of(c.tokens.surface(token), room));
        return c.shapes[token];
    }
    uint32_t ending(uint32_t token) { return c.space.pieces.add(Space::ending_of(c.tokens.word(token))); }
    void always(const Candidate &candidate) {
        const uint32_t lexicon = c.space.cue_lexicon;
        const std::string_view text = c.space.lexicons.terms[lexicon][candidate.term];
        tag(Kind::BIAS, 0, 0);
        tag(Kind::TERM, candidate.term, 0);
        tag(Kind::TYPES, 0, c.space.lexicons.values[lexicon][candidate.value].whole);
        tag(Kind::TERM_SUFFIX, 0, c.space.pieces.add(Space::ending_of(text)));
        tag(Kind::TERM_PREFIX, 0, c.space.pieces.add(Space::beginning_of(text)));
    }
};

// Whether a category may read like another with its side.
bool ambiguous(const Space &space, uint32_t lexicon) {
    for (const Value &value : space.lexicons.values[lexicon])
        if (space.pieces[value.whole].find_first_of("!:") != std::string_view::npos) return true;
    return false;
}

Stream whole(const Tokens &tokens) {
    Stream stream;
    stream.entries = tokens.identity.data();
    stream.size = tokens.count;
    return stream;
}

}  // namespace

void Corpus::read(const View &view) { tokens.learn(space, view, request, 1); }

void Corpus::row_of(const Stream &stream, const Strings &types) {
    for (const Use &use : families) {
        family(use, stream, types);
        end_part();
    }
}

void Corpus::family(const Use &use, const Stream &stream, const Strings &types) {
    Counter counter{*this};
    switch (use.family) {
        case Family::WORDS: return words(use, stream);
        case Family::AFFIXES: return emit_affixes(tokens, stream, counter);
        case Family::CHARS: {
            Wanted wanted;
            wanted.add(use);
            return emit_characters(tokens, stream, wanted.chars, buffer, counter);
        }
        case Family::LEXICON: return emit_categories(space, tokens, stream, Kind::LEXICON, 1u << use.lexicon, counter);
        case Family::TERMS:
            if (stream.titled_plain) emit_categories(space, tokens, stream, Kind::TERMS, 1u << use.lexicon, counter);
            return;
        case Family::SIDES:
            if (stream.focus != ABSENT) emit_sides(space, tokens, stream, 1u << use.lexicon, counter);
            return;
        case Family::WINDOW:
            if (stream.focus != ABSENT) emit_window(tokens, stream, use.high, counter);
            return;
        case Family::QUOTES: return emit_quotes(space, tokens, stream, places, counter);
        case Family::CUES:
            for (const std::string_view type : types) counter.tag(Kind::CUES, 0, space.pieces.add(type));
            return;
        case Family::CONTEXT: return;
    }
}

void Corpus::words(const Use &use, const Stream &stream) {
    for (uint32_t k = 0; k < stream.size; ++k) {
        uint32_t node = tokens.folded[stream[k]];
        if (use.low == 1) count(NODE | node);
        for (uint32_t n = 2; n <= std::min(use.high, stream.size - k); ++n) {
            node = space.add_child(node, tokens.folded[stream[k + n - 1]]);
            if (n >= use.low) count(NODE | node);
        }
    }
}

Learner::Learner(std::unique_ptr<Corpus> made) : corpus(std::move(made)) {}
Learner::~Learner() = default;

std::unique_ptr<Learner> Learner::build(const ModelSpec &lists, const std::vector<TermList> &lexicons, std::string_view cues, const Strings &families,
                                        std::string &why) {
    const auto refused = [&why](std::string_view what) {
        why = std::string(what) + " is nothing that the kernel counts";
        return nullptr;
    };
    std::unique_ptr<Corpus> made(new Corpus(lists));
    Space &space = made->space;
    if (lexicons.size() > Corpus::MOST_LEXICONS) return refused("more than 16 lexicons");
    for (const TermList &list : lexicons) {
        if (list.name == cues) space.cue_lexicon = static_cast<uint32_t>(space.lexicons.names.size());
        if (list.terms.size() >= Space::MOST_TERMS || !space.add_lexicon(list.name, list.terms)) return refused(list.name);
    }
    space.lexicons.edges.settle();
    for (const std::string_view family : families) {
        Use use;
        if (!read_use(family, space.lexicons, use) || (use.family == Family::SIDES && ambiguous(space, use.lexicon))) return refused(family);
        made->families.push_back(use);
        made->tagged |= use.family != Family::WORDS;
    }
    return std::unique_ptr<Learner>(new Learner(std::move(made)));
}

void Learner::article(const View &view, const Strings &title) {
    corpus->request.titled = !title.empty();
    corpus->request.title = title;
    corpus->read(view);
    Stream stream = whole(corpus->tokens);
    stream.titled_plain = true;
    corpus->row_of(stream, {});
    corpus->request = Request();
}

bool Learner::sentence(const View &view, bool author, const Strings &types) {
    if (view.bounds.empty()) return false;
    corpus->read(view);
    std::vector<uint32_t> &row = corpus->row;
    row.clear();
    for (uint32_t token = view.bounds[0].start; token < view.bounds[0].end; ++token)
        if (!author || !corpus->tokens.quoted[token]) row.push_back(token);
    Stream stream;
    stream.entries = row.data();
    stream.size = static_cast<uint32_t>(row.size());
    stream.spoken = !author && view.voices[0];
    corpus->row_of(stream, types);
    return true;
}

bool Learner::around(const View &view, Span target) {
    uint32_t low = 0, high = 0;
    for (const Span &token : view.tokens) {
        low += token.end <= target.start;
        high += token.start < target.end;
    }
    if (view.bounds.empty() || low >= high) return false;
    corpus->read(view);
    const Span bound = view.bounds[0];
    low = std::max(bound.start, low);
    high = std::max(low, std::min(bound.end, high));
    std::vector<uint32_t> &row = corpus->row;
    row.clear();
    for (uint32_t token = bound.start; token < low; ++token) row.push_back(token);
    row.push_back(corpus->tokens.count);
    for (uint32_t token = high; token < bound.end; ++token) row.push_back(token);
    Stream stream;
    stream.entries = row.data();
    stream.size = static_cast<uint32_t>(row.size());
    stream.focus = low - bound.start;
    corpus->row_of(stream, {});
    return true;
}

void Learner::candidates(const View &view, std::vector<Spot> &places) {
    Corpus &c = *corpus;
    places.clear();
    if (view.bounds.empty() || c.space.cue_lexicon == ABSENT) return;
    c.read(view);
    c.telling.read(c.tokens);
    c.shapes.assign(c.tokens.size(), Scene::UNREAD);
    const Scene scene(c.space, c.tokens, c.telling);
    ContextCounter counter{c};
    const Span bound = view.bounds[0];
    Stream stream;
    stream.entries = c.tokens.identity.data() + bound.start;
    stream.size = bound.end - bound.start;
    matches(c.space, c.tokens.plain.data(), c.tokens.plain_traits.data(), stream, 1u << c.space.cue_lexicon, ~0u,
            [&](uint32_t first, uint32_t end, const Lexicons::Term &term) {
                const Candidate candidate{0, bound.start + first, bound.start + end, term.number, term.value};
                places.push_back({view.tokens[candidate.first].start, view.tokens[candidate.end - 1].end, term.number});
                counter.always(candidate);
                emit_context(scene, candidate, counter);
                c.end_part();
            });
}

size_t Learner::rows() const {
    const size_t each = std::max<size_t>(1, corpus->families.size());
    return (corpus->parts.size() - 1) / each;
}

bool Learner::full() const {
    const Space &space = corpus->space;
    if (corpus->tagged && std::max(space.words.size(), space.pieces.size()) >= Space::MOST_WORDS) return true;
    return corpus->keys.size() >= Corpus::NODES - 1 || space.words.size() >= Corpus::NODES - 1;
}

std::vector<uint32_t> Corpus::frequencies() const {
    std::vector<uint32_t> found(keys.size());
    for (const auto &entry : entries) ++found[entry.first];
    return found;
}

Counted Learner::counted(uint32_t least) const {
    const Corpus &c = *corpus;
    const std::vector<uint32_t> frequency = c.frequencies();
    std::vector<std::pair<std::string, uint32_t>> named;
    for (uint32_t number = 0; number < frequency.size(); ++number)
        if (frequency[number] >= least) named.emplace_back(c.name(number), number);
    std::sort(named.begin(), named.end());
    Counted made;
    std::vector<int64_t> column(frequency.size(), -1);
    for (auto &[name, number] : named) {
        if (made.terms.empty() || made.terms.back() != name) made.terms.push_back(std::move(name));
        column[number] = static_cast<int64_t>(made.terms.size()) - 1;
    }
    made.ends.push_back(0);
    std::vector<std::pair<int64_t, int64_t>> row;
    const size_t each = std::max<size_t>(1, c.families.size());
    for (size_t part = 0; part + 1 < c.parts.size(); ++part) {
        for (size_t i = c.parts[part]; i < c.parts[part + 1]; ++i)
            if (column[c.entries[i].first] >= 0) row.emplace_back(column[c.entries[i].first], c.entries[i].second);
        if ((part + 1) % each) continue;
        std::sort(row.begin(), row.end());
        for (const auto &[term, number] : row) {
            made.columns.push_back(term);
            made.numbers.push_back(number);
        }
        made.ends.push_back(static_cast<int64_t>(made.columns.size()));
        row.clear();
    }
    return made;
}

void join(View &view) {
    if (view.bounds.size() < 2) return;
    view.sentences = {{view.sentences.front().start, view.sentences.back().end}};
    view.voices.resize(1);
    view.bounds = {{view.bounds.front().start, view.bounds.back().end}};
}

}  // namespace framing
