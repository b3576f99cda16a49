#include "tables.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace framing {

namespace {

constexpr uint64_t NO_TAG = ~uint64_t{0};
constexpr size_t MOST_BYTES = 1u << 30;  // of the terms of one head, unpacked
constexpr uint32_t MOST_HEADS = 32, MOST_LABELS = 1000, MOST_LEXICONS = 16, FURTHEST = 1000, LONGEST_GRAM = 63;

// Reading tensors

// Valid UTF-8 without NUL, which no text that was cleaned holds.
bool valid_utf8(const unsigned char *p, size_t size) {
    for (size_t at = 0; at < size;) {
        const unsigned char first = p[at];
        if (first == 0) return false;
        if (first < 0x80) {
            ++at;
            continue;
        }
        const size_t more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
        if (first < 0xC2 || first > 0xF4 || size - at <= more) return false;
        for (size_t k = 1; k <= more; ++k)
            if ((p[at + k] & 0xC0) != 0x80) return false;
        const unsigned char second = p[at + 1];
        if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)) return false;
        if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return false;
        at += more + 1;
    }
    return true;
}

// Finite numbers of half precision.
bool halves(const Tensor &tensor, std::vector<uint16_t> &out) {
    if (tensor.kind != 'e' || tensor.bytes % 2) return false;
    out.resize(tensor.bytes / 2);
    if (!out.empty()) memcpy(out.data(), tensor.data, tensor.bytes);
    return std::none_of(out.begin(), out.end(), [](uint16_t bits) { return (bits & 0x7C00) == 0x7C00; });
}

// Finite numbers of any precision.
bool doubles(const Tensor &tensor, std::vector<double> &out) {
    const size_t width = tensor.kind == 'e' ? 2 : tensor.kind == 'f' ? 4 : 8;
    if (tensor.kind == 'B' || tensor.bytes % width) return false;
    out.resize(tensor.bytes / width);
    for (size_t i = 0; i < out.size(); ++i) {
        const unsigned char *p = tensor.data + width * i;
        float single;
        uint16_t half;
        if (width == 2) memcpy(&half, p, 2), out[i] = whole(half);
        else if (width == 4) memcpy(&single, p, 4), out[i] = single;
        else memcpy(&out[i], p, 8);
        if (!(std::fabs(out[i]) <= 1e30)) return false;
    }
    return true;
}

// The lines of a text whose beginnings were left out (framing.persist).
struct Lines {
    std::string text;
    std::vector<uint32_t> ends;

    size_t size() const { return ends.size(); }
    std::string_view operator[](size_t i) const {
        const uint32_t start = i ? ends[i - 1] : 0;
        return {text.data() + start, ends[i] - start};
    }
    bool read(const Tensor &blob);
    bool distinct() const;
};

bool Lines::read(const Tensor &blob) {
    if (blob.kind != 'B' || blob.bytes > MOST_BYTES || !valid_utf8(blob.data, blob.bytes)) return false;
    if (!blob.bytes) return true;
    const char *p = reinterpret_cast<const char *>(blob.data), *stop = p + blob.bytes;
    ends.reserve(static_cast<size_t>(std::count(p, stop, '\n')) + 1);
    text.reserve(3 * blob.bytes);
    for (size_t before = 0;; ++p) {
        const char *end = static_cast<const char *>(memchr(p, '\n', static_cast<size_t>(stop - p)));
        if (!end) end = stop;
        if (p == end || *p < ' ' || *p > '~' || text.size() > MOST_BYTES) return false;
        size_t shared = before;
        for (int left = *p - ' '; left > 0 && shared < text.size(); --left) {  // counted in characters
            do ++shared;
            while (shared < text.size() && (text[shared] & 0xC0) == 0x80);
        }
        const size_t start = text.size();
        text.append(text, before, std::min(shared, start) - before);
        text.append(p + 1, static_cast<size_t>(end - p - 1));
        ends.push_back(static_cast<uint32_t>(text.size()));
        before = start;
        p = end;
        if (p == stop) return true;
    }
}

bool Lines::distinct() const {
    bool sorted = true;
    for (size_t i = 1; i < size() && sorted; ++i) sorted = (*this)[i - 1] < (*this)[i];
    if (sorted) return true;
    std::vector<std::string_view> all;
    for (size_t i = 0; i < size(); ++i) all.push_back((*this)[i]);
    std::sort(all.begin(), all.end());
    return std::adjacent_find(all.begin(), all.end()) == all.end();
}

// Families

// A number as Python would write it.
bool plain_number(std::string_view text, uint32_t most, uint32_t &number) {
    if (text.empty() || text.size() > 6 || (text[0] == '0' && text.size() > 1)) return false;
    number = 0;
    for (char c : text) {
        if (c < '0' || c > '9') return false;
        number = 10 * number + static_cast<uint32_t>(c - '0');
    }
    return number <= most;
}

bool read_use(std::string_view text, const Lexicons &lexicons, Use &use) {
    const size_t colon = text.find(':');
    const std::string_view name = text.substr(0, colon), argument = colon == std::string_view::npos ? "" : text.substr(colon + 1);
    if (colon == std::string_view::npos) {
        if (name == "affixes") use.family = Family::AFFIXES;
        else if (name == "quotes") use.family = Family::QUOTES;
        else if (name == "cues") use.family = Family::CUES;
        else if (name == "context") use.family = Family::CONTEXT;
        else return false;
        return true;
    }
    if (name == "words" || name == "chars") {
        use.family = name == "words" ? Family::WORDS : Family::CHARS;
        const size_t dash = argument.find('-');
        if (dash == std::string_view::npos) return false;
        const bool plain = plain_number(argument.substr(0, dash), LONGEST_GRAM, use.low) && plain_number(argument.substr(dash + 1), LONGEST_GRAM, use.high);
        return plain && use.low > 0;
    }
    if (name == "window") {
        use.family = Family::WINDOW;
        return plain_number(argument, FURTHEST, use.high);
    }
    if (name != "lexicon" && name != "terms" && name != "sides") return false;
    use.family = name == "lexicon" ? Family::LEXICON : name == "terms" ? Family::TERMS : Family::SIDES;
    const auto found = std::find(lexicons.names.begin(), lexicons.names.end(), argument);
    use.lexicon = static_cast<uint32_t>(found - lexicons.names.begin());
    return found != lexicons.names.end();
}

bool read_level(std::string_view name, Level &level) {
    const std::string_view names[] = {"article", "sentence", "author", "target", "cue"};
    for (int i = 0; i < 5; ++i)
        if (name == names[i]) {
            level = static_cast<Level>(i);
            return true;
        }
    return false;
}

// Building

// Which heads know each of some features, and in which row: chains of links.
struct Links {
    struct Link {
        uint32_t head, row, next;
    };
    std::vector<Link> all{{0, 0, 0}};
    std::vector<uint32_t> first;       // link of each feature, 0 for none
    std::vector<uint16_t> least;       // idf of each feature: the more frequent it is, the less

    void resize(size_t features) {
        first.resize(features, 0);
        least.resize(features, 0x7FFF);
    }
    // False where the head knows the feature already.
    bool add(uint32_t feature, uint32_t head, uint32_t row, uint16_t idf) {
        if (first[feature] && all[first[feature]].head == head) return false;
        all.push_back({head, row, first[feature]});
        first[feature] = static_cast<uint32_t>(all.size() - 1);
        least[feature] = std::min<uint16_t>(least[feature], idf & 0x7FFF);
        return true;
    }
    // The features from `base` on.
    std::vector<uint32_t> from(uint32_t base) const {
        std::vector<uint32_t> order(first.size() - base);
        std::iota(order.begin(), order.end(), base);
        return order;
    }
    // Features, frequent ones first: sorted by the lower byte, then the upper, each time keeping the order of equals.
    std::vector<uint32_t> by_frequency(std::vector<uint32_t> order) const {
        std::vector<uint32_t> sorted(order.size());
        for (int shift : {0, 8}) {
            uint32_t places[257] = {};
            for (const uint32_t i : order) ++places[(least[i] >> shift & 255) + 1];
            std::partial_sum(std::begin(places), std::end(places), std::begin(places));
            for (const uint32_t i : order) sorted[places[least[i] >> shift & 255]++] = i;
            order.swap(sorted);
        }
        return order;
    }
};

struct Part {  // one head on its way into a pool
    const HeadSpec *spec = nullptr;
    Level level = Level::ARTICLE;
    PoolNumber pool = ARTICLE_POOL;
    std::vector<Use> uses;
    Lines terms;
    std::vector<uint16_t> idf, coef;
    std::vector<double> intercept;
    uint32_t number = 0;  // in its pool
    std::vector<uint32_t> counts;         // how many words each term has as an n-gram, 0 for other features
    std::vector<Span> pieces;             // the words of its n-grams as bytes of its terms
    std::vector<uint32_t> words, tags;    // the words of its n-grams one after another; the numbers of its other features, ABSENT for none
    StringTable names;                    // of features that can be listed: those of lexicons, quotes and cues
    std::vector<uint64_t> named;          // their tags, ~0 where two families make one name
};

class Builder {
public:
    Builder(Tables &tables, const ModelSpec &spec, std::string &why) : t(tables), spec(spec), why(why) {}
    bool run();

private:
    Tables &t;
    const ModelSpec &spec;
    std::string &why;
    std::vector<Part> parts;
    std::vector<uint32_t> order;  // of each node: its number before frequency ordered them
    Links grams[2], tags[3];  // of each pool

    bool fail(std::string_view name, const char *reason) {
        why = std::string(name) + ": " + reason;
        return false;
    }
    bool lexicons();
    bool types();
    bool head(const HeadSpec &head, bool cue);
    bool numbers_of(Part &part);
    bool families(Part &part);
    void names_of(Part &part, const Use &use);
    void give(Part &part, uint64_t tag);
    void common_words();
    uint32_t number_of(PoolNumber pool, uint64_t tag);
    bool split(Part &part);
    bool take_pieces(Part &part, std::string_view term, bool signs);
    void take_words(Part &part);
    bool link(Part &part);
    void settle_nodes();
    uint64_t other(Part &part, std::string_view term, bool &twice);
    uint64_t shaped(const Use &use, std::string_view term);
    uint64_t windowed(const Use &use, std::string_view term);
    void fill_record(Pool &pool, const Links &links, uint32_t feature, uint32_t record, const std::vector<const Part *> &heads);
    std::vector<uint32_t> together();
    void lay_out(PoolNumber number);
    uint32_t find(int pool, uint64_t tag) const {
        const uint32_t found = t.pools[pool].tags.find(tag);
        return found == ABSENT ? 0 : found;
    }
    void category_records();
    void word_records();
    void pair_record(uint64_t tag, uint32_t record);
    void term_records();
    bool roles();
};

bool Builder::lexicons() {
    if (spec.lexicons.size() > MOST_LEXICONS) return fail("lexicons", "too many");
    for (const LexiconSpec &lexicon : spec.lexicons) {
        Lines lines;
        if (!lines.read(lexicon.terms)) return fail(lexicon.name, "no list of lines");
        std::vector<std::pair<std::string_view, std::string_view>> terms;
        for (size_t i = 0; i < lines.size(); ++i) {
            const size_t tab = lines[i].find('\t');
            if (tab == std::string_view::npos || lines[i].find('\t', tab + 1) != std::string_view::npos) return fail(lexicon.name, "a line is no term and category");
            terms.emplace_back(lines[i].substr(0, tab), lines[i].substr(tab + 1));
        }
        const bool cues = !spec.cues.empty() && lexicon.name == "cues";
        if (cues && terms.size() >= Space::MOST_TERMS) return fail(lexicon.name, "too many terms");
        if (cues) t.space.cue_lexicon = static_cast<uint32_t>(t.space.lexicons.names.size());
        if (!t.space.add_lexicon(lexicon.name, terms)) return fail(lexicon.name, "a term stands twice or is very long");
    }
    std::vector<std::string> names = t.space.lexicons.names;
    std::sort(names.begin(), names.end());
    if (std::adjacent_find(names.begin(), names.end()) != names.end()) return fail("lexicons", "a name stands twice");
    if (!spec.cues.empty() && t.space.cue_lexicon == ABSENT) return fail("cues", "no lexicon");
    return true;
}

bool Builder::numbers_of(Part &part) {
    const HeadSpec &head = *part.spec;
    if (!part.terms.read(head.terms)) return fail(head.name, "no list of terms");
    if (!halves(head.idf, part.idf) || !halves(head.coef, part.coef) || !doubles(head.intercept, part.intercept))
        return fail(head.name, "numbers of another kind, or not finite");
    const size_t n = part.terms.size(), k = part.intercept.size(), labels = head.labels.size();
    const size_t rows = head.several || labels > 2 ? labels : 1;
    if (k != rows || labels < (head.several ? 1u : 2u) || part.idf.size() != n || part.coef.size() != n * k) return fail(head.name, "sizes do not fit");
    if (head.thresholds.size() != (head.several ? labels : 1)) return fail(head.name, "thresholds do not fit");
    for (double threshold : head.thresholds)
        if (!(threshold >= 0 && threshold <= 1)) return fail(head.name, "a threshold outside 0 to 1");
    for (uint16_t idf : part.idf)
        if (!(idf & 0x7FFF)) return fail(head.name, "an idf of 0");
    Strings sorted = head.labels;
    std::sort(sorted.begin(), sorted.end());
    if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) return fail(head.name, "a label stands twice");
    if (!part.terms.distinct()) return fail(head.name, "a term stands twice");
    return true;
}

bool Builder::families(Part &part) {
    const HeadSpec &head = *part.spec;
    for (std::string_view text : head.families) {
        Use use{};
        if (!read_use(text, t.space.lexicons, use)) return fail(head.name, "a family that the kernel does not know");
        if (use.family == Family::CONTEXT ? part.level != Level::CUE : part.level == Level::CUE) return fail(head.name, "a family of another level");
        if (use.family == Family::CUES && part.level != Level::SENTENCE) return fail(head.name, "cues outside sentences");
        const bool lexical = use.family == Family::LEXICON || use.family == Family::TERMS || use.family == Family::SIDES;
        if (lexical && use.lexicon == t.space.cue_lexicon) return fail(head.name, "the lexicon of cues");
        part.uses.push_back(use);
        if (part.level != Level::CUE) t.wanted[static_cast<int>(part.level)].add(use);
        if (part.level == Level::SENTENCE || part.level == Level::AUTHOR) t.wanted_both.add(use);
        names_of(part, use);
    }
    if (part.level == Level::CUE && part.uses.size() != 1) return fail(head.name, "more families than context");
    return true;
}

// List the features that a family can make, where they can be listed.
void Builder::names_of(Part &part, const Use &use) {
    const uint32_t at = use.lexicon;
    if (use.family == Family::LEXICON || (use.family == Family::TERMS && part.level == Level::ARTICLE)) {
        const Kind kind = use.family == Family::LEXICON ? Kind::LEXICON : Kind::TERMS;
        std::vector<uint32_t> pieces;
        for (const Value &value : t.space.lexicons.values[at]) {
            pieces.push_back(value.category);
            if (value.strong) pieces.push_back(value.whole);
        }
        std::sort(pieces.begin(), pieces.end());
        pieces.erase(std::unique(pieces.begin(), pieces.end()), pieces.end());
        for (uint32_t piece : pieces) give(part, Space::tag(kind, at, piece));
    }
    if (use.family == Family::SIDES && part.level == Level::TARGET)
        for (const Value &value : t.space.lexicons.values[at])
            for (uint32_t variant = 0; variant < SIDE_VARIANTS; ++variant) give(part, Space::tag(Kind::SIDES, at, value.whole, variant));
    if (use.family == Family::QUOTES)
        for (uint32_t piece : t.space.quotes) give(part, Space::tag(Kind::QUOTES, 0, piece));
    if (use.family == Family::CUES)
        for (uint32_t piece : t.type_pieces) give(part, Space::tag(Kind::CUES, 0, piece));
}

void Builder::give(Part &part, uint64_t tag) {
    const uint32_t number = part.names.add(t.space.tag_name(tag));
    if (number == part.named.size()) part.named.push_back(tag);
    else part.named[number] = NO_TAG;
}

bool Builder::head(const HeadSpec &head, bool cue) {
    Part part;
    part.spec = &head;
    if (!read_level(head.level, part.level) || (part.level == Level::CUE) != cue) return fail(head.name, "a level that the kernel does not know");
    const bool spoken = head.name == "vague" || head.name == "attributed" || head.name == "loaded", valence = head.name == "valence";
    if (!cue) {
        const bool fits = spoken ? part.level == Level::SENTENCE || part.level == Level::AUTHOR : valence ? part.level == Level::TARGET : part.level == Level::ARTICLE;
        if (!fits || (head.several && head.name != "frames") || (head.name == "frames" && !head.several)) return fail(head.name, "a head of another kind");
        for (const Part &other : parts)
            if (other.spec->name == head.name) return fail(head.name, "stands twice");
    }
    part.pool = cue ? CUE_POOL : part.level == Level::ARTICLE ? ARTICLE_POOL : SENTENCE_POOL;
    part.number = static_cast<uint32_t>(t.pools[part.pool].heads.size());
    if (part.number >= MOST_HEADS || head.labels.size() > MOST_LABELS) return fail(head.name, "too many heads or labels");
    if (!numbers_of(part) || !families(part)) return false;
    const uint32_t index = static_cast<uint32_t>(&head - (cue ? spec.cues : spec.heads).data());
    std::vector<Plate> &plates = t.pools[part.pool].plates;
    const uint32_t plate = cue ? part.number : part.level == Level::TARGET ? 1 : 0;
    if (plates.size() <= plate) plates.resize(plate + 1);
    t.pools[part.pool].heads.push_back({index, static_cast<uint32_t>(part.intercept.size()), plate, plates[plate].width, part.intercept});
    plates[plate].width += 1 + static_cast<uint32_t>(part.intercept.size());
    if (!cue) t.level_heads[static_cast<int>(part.level)] |= 1u << part.number;
    parts.push_back(std::move(part));
    return true;
}

// Words of n-grams

// Number the words that heads know, frequent ones first.
void Builder::common_words() {
    struct Seen {
        uint16_t idf;
        std::string_view word;
    };
    std::vector<Seen> seen;
    for (const Part &part : parts)
        for (size_t row = 0; row < part.terms.size() && part.level != Level::CUE; ++row) {
            const std::string_view term = part.terms[row];
            if (term.find_first_of(" =") == std::string_view::npos) seen.push_back({part.idf[row], term});
        }
    std::stable_sort(seen.begin(), seen.end(), [](const Seen &a, const Seen &b) { return a.idf < b.idf; });
    for (const Seen &one : seen) t.space.add_word(one.word);
}

// The words of an n-gram, if every piece of the term may be a token: one that holds "=" is that sign alone.
bool Builder::take_pieces(Part &part, std::string_view term, bool signs) {
    const size_t before = part.pieces.size();
    const uint32_t start = static_cast<uint32_t>(term.data() - part.terms.text.data());
    for (size_t at = 0; at <= term.size();) {
        const size_t end = std::min(term.find(' ', at), term.size());
        if (end == at || (signs && end - at > 1 && memchr(term.data() + at, '=', end - at))) {
            part.pieces.resize(before);
            return false;
        }
        part.pieces.push_back({start + static_cast<uint32_t>(at), start + static_cast<uint32_t>(end)});
        at = end + 1;
    }
    return true;
}

// Number the words of a head's n-grams, all at once.
void Builder::take_words(Part &part) {
    part.words.resize(part.pieces.size());
    part.terms.text.append(16, ' ');  // so much is read at once
    const char *text = part.terms.text.data();
    t.space.words.find_all(text, part.pieces.data(), part.pieces.size(), part.words.data(), [](uint32_t) {});
    for (size_t i = 0; i < part.words.size(); ++i)
        if (part.words[i] == ABSENT) part.words[i] = t.space.add_word({text + part.pieces[i].start, part.pieces[i].end - part.pieces[i].start});
}

uint32_t Builder::number_of(PoolNumber pool, uint64_t tag) {
    NumberTable &tags = t.pools[pool].tags;
    uint32_t &number = tags[tag];
    if (number == ABSENT) number = tags.size() - 1;
    return number;
}

bool Builder::split(Part &part) {
    part.counts.resize(part.terms.size());
    part.pieces.reserve(2 * part.terms.size());
    for (size_t row = 0; row < part.terms.size(); ++row) {
        const std::string_view term = part.terms[row];
        const bool signs = memchr(term.data(), '=', term.size()) != nullptr;
        const size_t before = part.pieces.size();
        if (part.level != Level::CUE && take_pieces(part, term, signs)) {
            const size_t n = part.pieces.size() - before;
            uint32_t families = 0;
            for (const Use &use : part.uses) families += use.family == Family::WORDS && use.low <= n && n <= use.high;
            if (families > 1 || (signs && families && part.names.find(term) != ABSENT)) return fail(part.spec->name, "two families make one feature");
            part.counts[row] = families ? static_cast<uint32_t>(n) : 0;
            if (families) continue;
            part.pieces.resize(before);
        }
        bool twice = false;
        const uint64_t tag = other(part, term, twice);
        if (twice) return fail(part.spec->name, "two families make one feature");
        part.tags.push_back(tag == NO_TAG ? ABSENT : number_of(part.pool, tag));
    }
    take_words(part);
    return true;
}

// Other features

uint64_t Builder::windowed(const Use &use, std::string_view term) {
    const size_t sign = term.find('=');
    if (sign == std::string_view::npos || sign == 0 || (term[0] != 'l' && term[0] != 'r')) return NO_TAG;
    const uint32_t right = term[0] == 'r';
    const std::string_view digits = term.substr(1, sign - 1), rest = term.substr(sign + 1);
    const size_t blank = rest.find(' ');
    uint32_t distance = 0;
    if (!digits.empty() && (!plain_number(digits, use.high, distance) || !distance)) return NO_TAG;
    if (blank != std::string_view::npos) {
        if (digits != "2" || rest.find(' ', blank + 1) != std::string_view::npos) return NO_TAG;
        const uint32_t one = t.space.add_word(rest.substr(0, blank));
        return Space::tag(Kind::PAIR, right, one, t.space.add_word(rest.substr(blank + 1)));
    }
    const uint32_t word = t.space.add_word(rest);
    return digits.empty() ? Space::tag(Kind::BAG, right, word) : Space::tag(Kind::AT, right | distance << 1, word);
}

uint64_t Builder::shaped(const Use &use, std::string_view term) {
    const std::string_view rest = term.size() > 2 ? term.substr(2) : "";
    if (use.family == Family::WINDOW) return windowed(use, term);
    if (rest.empty() || term[1] != '=') return NO_TAG;
    const size_t length = static_cast<size_t>(std::count_if(rest.begin(), rest.end(), [](char c) { return (c & 0xC0) != 0x80; }));
    if (use.family == Family::AFFIXES && term[0] == 'p' && length == 4) return Space::tag(Kind::PREFIX, 0, t.space.pieces.add(rest));
    if (use.family == Family::AFFIXES && term[0] == 's' && length == 3) return Space::tag(Kind::SUFFIX, 0, t.space.pieces.add(rest));
    if (use.family == Family::CHARS && term[0] == 'c' && use.low <= length && length <= use.high)
        return Space::tag(Kind::CHARS, 0, t.space.pieces.add(rest));
    return NO_TAG;
}

// The tag of a feature that is no n-gram; ~0 for one that no family of the head makes.
uint64_t Builder::other(Part &part, std::string_view term, bool &twice) {
    if (part.level == Level::CUE) return t.space.read_context(term);
    uint64_t tag = NO_TAG;
    int families = 0;
    const uint32_t named = part.names.find(term);
    if (named != ABSENT) {
        families += part.named[named] == NO_TAG ? 2 : 1;
        tag = part.named[named];
    }
    for (const Use &use : part.uses) {
        const bool shapes = use.family == Family::AFFIXES || use.family == Family::CHARS || (use.family == Family::WINDOW && part.level == Level::TARGET);
        const uint64_t found = shapes ? shaped(use, term) : NO_TAG;
        families += found != NO_TAG;
        if (found != NO_TAG) tag = found;
    }
    twice = families > 1;
    return tag;
}

bool Builder::link(Part &part) {
    const uint32_t *word = part.words.data(), *tag = part.tags.data();
    tags[part.pool].resize(t.pools[part.pool].tags.size());
    for (uint32_t row = 0; row < part.terms.size(); ++row) {
        bool fresh = true;
        if (const uint32_t count = part.counts[row]) {
            uint32_t node = *word++;
            for (uint32_t i = 1; i < count; ++i) node = t.space.add_child(node, *word++);
            Links &to = grams[part.pool];
            if (node >= to.first.size()) to.resize(node + node / 2 + 1);
            fresh = to.add(node, part.number, row, part.idf[row]);
        } else if (const uint32_t number = *tag++; number != ABSENT) {
            fresh = tags[part.pool].add(number, part.number, row, part.idf[row]);
        }
        if (!fresh) return fail(part.spec->name, "a term stands twice");
    }
    return true;
}

// Records

void Builder::fill_record(Pool &pool, const Links &links, uint32_t feature, uint32_t record, const std::vector<const Part *> &heads) {
    for (uint32_t at = links.first[feature]; at; at = links.all[at].next) {
        const Links::Link link = links.all[at];
        const Part &part = *heads[link.head];
        Plate &plate = pool.plates[pool.heads[link.head].plate];
        const float idf = whole(part.idf[link.row]);
        float *out = plate.data.data() + size_t{record} * plate.width + pool.heads[link.head].at;
        *out++ = idf * idf;
        for (size_t k = 0; k < part.intercept.size(); ++k) *out++ = idf * whole(part.coef[k * part.idf.size() + link.row]);
    }
}

// Number the nodes by frequency in both pools together.
void Builder::settle_nodes() {
    const size_t nodes = t.space.base + t.space.paths.size();
    for (Links &links : grams) links.resize(nodes);
    for (size_t i = 0; i < nodes; ++i) grams[0].least[i] = std::min(grams[0].least[i], grams[1].least[i]);
    order.resize(t.space.base);
    std::iota(order.begin(), order.end(), 0u);
    const std::vector<uint32_t> rest = grams[0].by_frequency(grams[0].from(t.space.base));
    order.insert(order.end(), rest.begin(), rest.end());
    t.space.settle(rest);
}

namespace {

// What tags of a cue's context are asked for together: those of a word, and those of a term with a word beside it.
uint64_t company_of(uint64_t tag) {
    const uint64_t parts = tag & ~(uint64_t{63} << 58);
    switch (Space::kind_of(tag)) {
        case Kind::WITH: case Kind::BEFORE: case Kind::AFTER: case Kind::P1W: case Kind::WN1: return Space::tag(Kind::WITH) | parts;
        case Kind::P1: case Kind::N1: case Kind::P2: case Kind::N2: case Kind::NEAR: case Kind::CLAUSE_LEFT: return Space::tag(Kind::P1) | parts;
        default: return tag;
    }
}

}  // namespace

// The features of CUE_POOL in an order in which those that are asked for together stand together, and all as frequent as the most
// frequent of them, so that they share a line of the cache.
std::vector<uint32_t> Builder::together() {
    NumberTable &known = t.pools[CUE_POOL].tags, companies;
    Links &links = tags[CUE_POOL];
    std::vector<uint32_t> last, before(known.size(), ABSENT), order;
    known.each([&](uint64_t tag, uint32_t number) {
        uint32_t &company = companies[company_of(tag)];
        if (company == ABSENT) {
            company = static_cast<uint32_t>(last.size());
            last.push_back(ABSENT);
        }
        before[number] = last[company];
        last[company] = number;
    });
    for (const uint32_t one : last) {
        uint16_t least = 0x7FFF;
        for (uint32_t at = one; at != ABSENT; at = before[at]) least = std::min(least, links.least[at]);
        for (uint32_t at = one; at != ABSENT; at = before[at]) {
            links.least[at] = least;
            order.push_back(at);
        }
    }
    return order;
}

void Builder::lay_out(PoolNumber number) {
    std::vector<const Part *> heads;
    for (const Part &part : parts)
        if (part.pool == number) heads.push_back(&part);
    Pool &pool = t.pools[number];
    if (heads.empty()) return;
    tags[number].resize(pool.tags.size());
    const auto known = [](const Links &links) { return static_cast<size_t>(std::count_if(links.first.begin(), links.first.end(), [](uint32_t at) { return at != 0; })); };
    const size_t records = 1 + known(tags[number]) + (number == CUE_POOL ? 0 : known(grams[number]));
    for (Plate &plate : pool.plates) {
        plate.width += plate.width % 2;
        plate.squares.assign(plate.width, 0);
        plate.data.assign(records * plate.width, 0);
    }
    for (const PoolHead &head : pool.heads) pool.plates[head.plate].squares[head.at] = 1;
    uint32_t next = 1;
    const auto record = [&](const Links &links, uint32_t feature) {
        if (!links.first[feature]) return 0u;
        fill_record(pool, links, feature, next, heads);
        return next++;
    };
    if (number != CUE_POOL)
        for (uint32_t node = 0; node < order.size(); ++node)
            (node < t.space.base ? t.space.about[node].gram : t.grams[node - t.space.base].in)[number] = record(grams[number], order[node]);
    std::vector<uint32_t> made(pool.tags.size());
    for (uint32_t tag : tags[number].by_frequency(number == CUE_POOL ? together() : tags[number].from(0))) made[tag] = record(tags[number], tag);
    pool.tags.each([&](uint64_t, uint32_t &value) { value = made[value]; });
    pool.tags.settle();
}

// What is known of each word, and of each piece beside a cue, where it is asked for.
void Builder::word_records() {
    constexpr Kind places[PLACES] = {Kind::P1, Kind::N1, Kind::P2, Kind::N2, Kind::NEAR, Kind::CLAUSE_LEFT};
    t.folded_lexicons = t.wanted[static_cast<int>(Level::ARTICLE)].lexicon | t.wanted_both.lexicon;
    t.plain_lexicons = t.wanted[static_cast<int>(Level::ARTICLE)].terms | (t.space.cue_lexicon == ABSENT ? 0 : 1u << t.space.cue_lexicon);
    for (uint32_t id = 0; id < t.space.words.size(); ++id) {
        Word &word = t.space.about[id];
        const uint32_t lexicons = word.lexicons | word.lexicons >> 16;
        word.traits |= (lexicons & t.folded_lexicons ? STARTS_FOLDED : 0u) | (lexicons & t.plain_lexicons ? STARTS_PLAIN : 0u);
        for (int pool = 0; pool < 2 && (word.traits & LONG); ++pool) {
            word.prefix[pool] = find(pool, Space::tag(Kind::PREFIX, 0, t.space.pieces.add(Space::beginning_of(t.space.words[id]))));
            word.suffix[pool] = find(pool, Space::tag(Kind::SUFFIX, 0, word.ending));
        }
        for (int place = 0; place < PLACES; ++place) word.context[place] = find(CUE_POOL, Space::tag(places[place], 0, id));
    }
    t.endings.resize(t.space.pieces.size());
    t.shapes.resize(t.space.pieces.size());
    for (uint32_t piece = 0; piece < t.endings.size(); ++piece) {
        t.endings[piece] = {find(CUE_POOL, Space::tag(Kind::P1S, 0, piece)), find(CUE_POOL, Space::tag(Kind::N1S, 0, piece))};
        t.shapes[piece] = {find(CUE_POOL, Space::tag(Kind::P1SHAPE, 0, piece)), find(CUE_POOL, Space::tag(Kind::N1SHAPE, 0, piece))};
    }
}

void Builder::category_records() {
    for (int family = 0; family < 2; ++family)
        for (uint32_t lexicon = 0; lexicon < t.space.lexicons.values.size(); ++lexicon) {
            t.categories[family].emplace_back();
            for (const Value &value : t.space.lexicons.values[lexicon]) {
                const auto tag = [&](int pool, uint32_t piece) { return find(pool, Space::tag(family ? Kind::TERMS : Kind::LEXICON, lexicon, piece)); };
                CategoryRecord made{{tag(0, value.category), tag(1, value.category)}, {0, 0}};
                for (int pool = 0; pool < 2 && value.strong; ++pool) made.whole[pool] = tag(pool, value.whole);
                t.categories[family].back().push_back(made);
            }
        }
}

// What a cue term has in every context, and what it has beside each word, tense and number.
void Builder::term_records() {
    if (t.space.cue_lexicon == ABSENT) return;
    const StringTable &terms = t.space.lexicons.terms[t.space.cue_lexicon];
    t.terms.resize(terms.size());
    for (const Lexicons::Term &term : t.space.lexicons.found) {
        if (&term == t.space.lexicons.found.data() || term.lexicon != t.space.cue_lexicon) continue;
        const std::string_view text = terms[term.number];
        const auto tag = [&](Kind kind, uint32_t piece) { return find(CUE_POOL, Space::tag(kind, term.number, piece)); };
        const auto letters = [&](Kind kind, std::string_view part) { return find(CUE_POOL, Space::tag(kind, 0, t.space.pieces.add(part))); };
        TermRecord &made = t.terms[term.number];
        const uint32_t always[] = {
            find(CUE_POOL, Space::tag(Kind::BIAS)), tag(Kind::TERM, 0), find(CUE_POOL, Space::tag(Kind::TYPES, 0, t.types[term.value].piece)),
            letters(Kind::TERM_SUFFIX, Space::ending_of(text)), letters(Kind::TERM_PREFIX, Space::beginning_of(text)),
        };
        std::copy_if(std::begin(always), std::end(always), std::back_inserter(made.always), [](uint32_t record) { return record != 0; });
        for (int i = 0; i < 4; ++i) {
            made.tense_before[i] = tag(Kind::TENSE_BEFORE, t.space.tenses[i]);
            made.tense_after[i] = tag(Kind::TENSE_AFTER, t.space.tenses[i]);
            made.tense[i] = tag(Kind::TENSE, t.space.tenses[i]);
        }
        for (int i = 0; i < 7; ++i) made.numerals[i] = tag(Kind::NUMERALS, t.space.numerals[i]);
    }
    for (int i = 0; i < 7; ++i) t.numerals[i] = find(CUE_POOL, Space::tag(Kind::NUMERAL, 0, t.space.numerals[i]));
    t.pools[CUE_POOL].tags.each([this](uint64_t tag, uint32_t record) { pair_record(tag, record); });
    t.paired.settle();
}

// A record of a term and one word stands with the others of the two.
void Builder::pair_record(uint64_t tag, uint32_t record) {
    uint32_t PairRecord::*slot = nullptr;
    switch (Space::kind_of(tag)) {
        case Kind::WITH: slot = &PairRecord::with; break;
        case Kind::BEFORE: slot = &PairRecord::before; break;
        case Kind::AFTER: slot = &PairRecord::after; break;
        case Kind::P1W: slot = &PairRecord::first_before; break;
        case Kind::WN1: slot = &PairRecord::first_after; break;
        default: return;
    }
    uint32_t &place = t.paired[tag & ~(uint64_t{63} << 58)];
    if (place == ABSENT) {
        place = static_cast<uint32_t>(t.pairs.size());
        t.pairs.push_back({0, 0, 0, 0, 0});
    }
    t.pairs[place].*slot = record;
}

// Cue types and the heads' parts

bool Builder::types() {
    if (spec.types.size() > 16 || spec.groups.size() > 8) return fail("cues", "too many types");
    const auto type_of = [this](std::string_view name) {
        const auto found = std::find(spec.types.begin(), spec.types.end(), name);
        return found == spec.types.end() ? ABSENT : static_cast<uint32_t>(found - spec.types.begin());
    };
    for (std::string_view name : spec.types) t.type_pieces.push_back(t.space.pieces.add(name));
    t.vague_type = type_of("vague");
    std::vector<std::vector<uint32_t>> groups;
    for (const GroupSpec &group : spec.groups) {
        if (group.name == "hedge") t.hedge_group = static_cast<uint32_t>(groups.size());
        groups.emplace_back();
        for (std::string_view type : group.types) groups.back().push_back(type_of(type));
    }
    const HeadSpec *chooser = nullptr;
    for (const HeadSpec &head : spec.cues)
        if (head.name == "hedge_type") chooser = &head;
    if (chooser && chooser->labels.size() < 3) return fail("hedge_type", "fewer than three labels");
    if (chooser)
        for (std::string_view label : chooser->labels) {
            if (type_of(label) == ABSENT) return fail("hedge_type", "a label that is no type");
            t.type_labels.push_back(static_cast<uint8_t>(type_of(label)));
        }
    if (t.space.cue_lexicon == ABSENT) return true;
    for (const Value &value : t.space.lexicons.values[t.space.cue_lexicon]) {
        TypesOf made;
        made.piece = value.whole;
        const std::string all(t.space.pieces[made.piece]);
        std::vector<uint32_t> own;
        for (size_t at = 0; at <= all.size();) {
            const size_t end = std::min(all.find(';', at), all.size());
            own.push_back(type_of(std::string_view(all).substr(at, end - at)));
            at = end + 1;
        }
        for (size_t group = 0; group < groups.size(); ++group) {
            const auto inside = std::find_if(own.begin(), own.end(), [&](uint32_t type) {
                return type != ABSENT && std::find(groups[group].begin(), groups[group].end(), type) != groups[group].end();
            });
            if (inside == own.end()) continue;
            made.groups |= 1u << group;
            made.first[group] = static_cast<uint8_t>(*inside);
        }
        for (size_t label = 0; label < t.type_labels.size(); ++label)
            if (std::find(own.begin(), own.end(), t.type_labels[label]) != own.end()) made.allowed.push_back(static_cast<uint8_t>(label));
        if (made.allowed.empty())
            for (size_t label = 0; label < t.type_labels.size(); ++label) made.allowed.push_back(static_cast<uint8_t>(label));
        t.types.push_back(std::move(made));
    }
    return true;
}

bool Builder::roles() {
    for (const HeadSpec &head : spec.heads) t.facts.push_back({head.thresholds, static_cast<uint32_t>(head.labels.size()), head.several});
    uint32_t at = 0;
    const auto info = [this](const PoolHead &head, uint32_t first, uint32_t score) {
        const HeadFacts &facts = t.facts[head.spec];
        return HeadInfo{head.spec, facts.labels, first, facts.several, head.outputs, score};
    };
    uint32_t score = 0;
    for (const PoolHead &head : t.pools[ARTICLE_POOL].heads) {
        t.article.push_back(info(head, at, score));
        at += t.article.back().labels;
        score += head.outputs;
    }
    for (const PoolHead &head : t.pools[SENTENCE_POOL].heads) {
        if (spec.heads[head.spec].name == "valence") {
            t.valence = info(head, 0, 0);
            t.has_valence = true;
            continue;
        }
        t.sentence.push_back(info(head, t.sentence_width, t.sentence_outputs));
        t.sentence_width += t.sentence.back().labels;
        t.sentence_outputs += head.outputs;
    }
    t.hedges = !spec.cues.empty();
    t.group_head.assign(spec.groups.size(), ABSENT);
    t.group_threshold.assign(spec.groups.size(), 1);
    for (uint32_t number = 0; number < spec.cues.size(); ++number) {
        const HeadSpec &head = spec.cues[number];
        if (head.name == "hedge_type") t.type_head = number;
        for (size_t group = 0; group < spec.groups.size(); ++group) {
            if (spec.groups[group].name != head.name) continue;
            if (t.group_head[group] != ABSENT || head.labels.size() != 2) return fail(head.name, "a cue head of another kind");
            t.group_head[group] = number;
            t.group_threshold[group] = head.thresholds[0];
        }
    }
    t.hedged_from = spec.hedged_from;
    t.heavily_from = spec.heavily_from;
    t.no_cue = spec.no_cue;
    t.min_words = spec.min_words;
    if (!doubles(spec.reference, t.reference) || !std::is_sorted(t.reference.begin(), t.reference.end())) return fail("reference", "no numbers in order");
    return true;
}

bool Builder::run() {
    if (!lexicons() || !types()) return false;
    // sentence heads in the order of the table, valence last
    for (const char *name : {"", "vague", "attributed", "loaded", "valence"})
        for (const HeadSpec &one : spec.heads) {
            const bool role = one.name == "vague" || one.name == "attributed" || one.name == "loaded" || one.name == "valence";
            if ((*name ? one.name == name : !role) && !head(one, false)) return false;
        }
    for (const HeadSpec &one : spec.cues)
        if (!head(one, true)) return false;
    size_t grams_at_most = 0, contexts_at_most = 0;
    for (const Part &part : parts) (part.level == Level::CUE ? contexts_at_most : grams_at_most) += part.terms.size();
    t.pools[CUE_POOL].tags.reserve(contexts_at_most);
    t.space.edges.reserve(grams_at_most / 3);
    t.space.words.reserve(grams_at_most / 8);
    t.space.about.reserve(grams_at_most / 8);
    common_words();
    for (Part &part : parts)
        if (!split(part)) return false;
    t.space.base = t.space.words.size();  // every word is known now, and nodes follow
    if (t.space.base >= Space::MOST_WORDS) return fail("terms", "too many words");
    for (Part &part : parts)
        if (!link(part)) return false;
    settle_nodes();
    t.grams.resize(order.size() - t.space.base + 1);  // the last is of nothing, for what is not known
    for (int number = 0; number < 3; ++number) lay_out(static_cast<PoolNumber>(number));
    category_records();
    term_records();
    word_records();
    if (t.space.pieces.size() >= Space::MOST_WORDS) return fail("terms", "too many pieces");
    return roles();
}

}  // namespace

void Wanted::add(const Use &use) {
    switch (use.family) {
        case Family::WORDS: words = std::max(words, use.high); break;
        case Family::AFFIXES: affixes = true; break;
        case Family::CHARS:
            for (uint32_t n = use.low; n <= use.high; ++n) chars |= uint64_t{1} << n;
            break;
        case Family::LEXICON: lexicon |= 1u << use.lexicon; break;
        case Family::TERMS: terms |= 1u << use.lexicon; break;
        case Family::SIDES: sides |= 1u << use.lexicon; break;
        case Family::WINDOW: window = std::max(window, use.high); break;
        case Family::QUOTES: quotes = true; break;
        case Family::CUES: cues = true; break;
        case Family::CONTEXT: break;
    }
}

bool fill(Tables &tables, const ModelSpec &spec, std::string &why) { return Builder(tables, spec, why).run(); }

}  // namespace framing
