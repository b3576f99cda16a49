#include "tables.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tree.h"

namespace framing {

namespace {

constexpr uint64_t NO_TAG = ~uint64_t{0};
constexpr uint32_t TAG = 1u << 31, NONE = ABSENT - 1;
constexpr size_t MOST_BYTES = 1u << 28;  // of the terms that are read as text
constexpr size_t AHEAD = 16;  // places of tables fetched before they are filled: they lie anywhere
constexpr uint32_t MOST_HEADS = 32, MOST_LABELS = 1000, MOST_LEXICONS = 16, FURTHEST = 1000, LONGEST_GRAM = 63;

// Reading tensors

// Numbers of half precision where they lie in the file, at any byte.
struct Halves {
    const unsigned char *data = nullptr;
    size_t count = 0;

    uint16_t operator[](size_t i) const {
        uint16_t bits;
        memcpy(&bits, data + 2 * i, 2);
        return bits;
    }
    size_t size() const { return count; }
    // False where one is not finite.
    bool read(const Tensor &tensor) {
        if (tensor.kind != 'e' || tensor.bytes % 2) return false;
        data = tensor.data;
        count = tensor.bytes / 2;
        bool odd = false;
        for (size_t i = 0; i < count; ++i) odd |= ((*this)[i] & 0x7C00) == 0x7C00;
        return !odd;
    }
    bool any_zero() const {
        bool zero = false;
        for (size_t i = 0; i < count; ++i) zero |= ((*this)[i] & 0x7FFF) == 0;
        return zero;
    }
};

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

bool read_level(std::string_view name, Level &level) {
    const std::string_view names[] = {"article", "sentence", "author", "target", "cue"};
    for (int i = 0; i < 5; ++i)
        if (name == names[i]) {
            level = static_cast<Level>(i);
            return true;
        }
    return false;
}

// What a cue term has beside a word stands together, whatever its kind.
uint64_t pair_of(uint64_t tag) { return tag & ~(uint64_t{63} << 58); }

// Building

// Of each of some features the head that knew it last and its least idf: the more frequent it is, the less.
struct Features {
    Rows<uint32_t> last;  // one more than the head, 0 for none
    Rows<uint16_t> least;

    void reserve(size_t features) {
        last.reserve(features);
        least.reserve(features);
    }
    void resize(size_t features) {
        last.resize(features, 0);
        least.resize(features, 0x7FFF);
    }
    // False where the head knows the feature already.
    bool add(uint32_t feature, uint32_t head, uint16_t idf) {
        if (last[feature] == head + 1) return false;
        last[feature] = head + 1;
        least[feature] = std::min<uint16_t>(least[feature], idf & 0x7FFF);
        return true;
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

// What a head's terms with one beginning may be.
struct Form {
    uint64_t grams = 0;         // bits of how many words
    uint64_t chars = 0;         // bits of how many characters
    bool prefix = false, suffix = false, listed = false;
    uint32_t side = ABSENT, distance = 0, reach = 0;  // of the window: 0 left, 1 right; 0 for any distance
};

struct Part {  // one head on its way into a pool
    const HeadSpec *spec = nullptr;
    Level level = Level::ARTICLE;
    PoolNumber pool = ARTICLE_POOL;
    std::vector<Use> uses;
    Marks known;
    Halves idf, coef;
    std::vector<double> intercept;
    uint32_t number = 0;  // in its pool
    std::vector<uint32_t> features;       // of each term: the tree's node of an n-gram; the number of a tag, with TAG; ABSENT for none
    std::vector<Form> forms;              // of each beginning, by its node
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
    Tree tree;
    std::vector<uint32_t> words, pieces, cue_terms;  // of each piece of the tree, ABSENT until it is asked for
    std::vector<std::pair<int, int>> contexts;       // of each beginning: places in CONTEXTS for one part and for more
    std::vector<Part> parts;
    std::vector<uint32_t> order;  // the tree's node of each of the space, the top for none
    Features grams[2], tags[3];  // of each pool: by the tree's nodes, by numbers of tags
    Rows<uint32_t> cue_numbers;         // of each of the tree's nodes among the tags of CUE_POOL
    std::vector<uint64_t> cue_tags;
    std::vector<uint32_t> cue_pairs;    // of each its place in Tables::pairs, ABSENT for none
    size_t read_bytes = 0;

    bool fail(std::string_view name, const char *reason) {
        why = std::string(name) + ": " + reason;
        return false;
    }
    bool lexicons();
    bool types();
    bool terms();
    bool head(const HeadSpec &head, bool cue);
    bool numbers_of(Part &part);
    bool families(Part &part);
    void names_of(Part &part, const Use &use);
    void give(Part &part, uint64_t tag);
    void forms_of(Part &part);
    void form_of(Part &part, std::string_view beginning, Form &form);
    std::string rest(uint32_t node) {
        std::string made = tree.rest(node);
        read_bytes += made.size();
        return made;
    }
    uint32_t word(uint32_t piece) {
        if (words[piece] == ABSENT) words[piece] = t.space.add_word(tree.pieces[piece]);
        return words[piece];
    }
    uint32_t piece(uint32_t number) {
        if (pieces[number] == ABSENT) pieces[number] = t.space.pieces.add(tree.pieces[number]);
        return pieces[number];
    }
    uint32_t gram_beginning() const { return tree.terms() > 1 && tree.text(1).empty() ? 1 : 0; }
    void number_words();
    uint32_t number_of(PoolNumber pool, uint64_t tag);
    bool link(Part &part);
    bool link_one(Part &part, uint32_t node, uint32_t row);
    void settle_nodes();
    uint64_t other(Part &part, const Form &form, uint32_t node, bool &twice);
    uint64_t shaped(const Form &form, uint32_t node);
    uint64_t windowed(const Form &form, uint32_t node);
    uint64_t context(uint32_t node);
    uint32_t cue_term(const uint32_t *path, size_t count);
    uint32_t cue_number(uint32_t node);
    void lay_out(PoolNumber number);
    void weigh(Part &part, const Rows<uint32_t> &gram_records, const std::vector<uint32_t> &tag_records);
    std::vector<uint32_t> together();
    void cue_records(const std::vector<uint32_t> &records);
    void cue_record(uint64_t tag, uint32_t record, PairRecord *beside);
    uint32_t find(int pool, uint64_t tag) const {
        const uint32_t found = t.pools[pool].tags.find(tag);
        return found == ABSENT ? 0 : found;
    }
    void category_records();
    void word_records();
    uint32_t pair(uint64_t tag);
    void term_records();
    bool roles();
};

bool Builder::lexicons() {
    if (spec.lexicons.size() > MOST_LEXICONS) return fail("lexicons", "too many");
    for (const LexiconSpec &lexicon : spec.lexicons) {
        if (lexicon.name.empty() || lexicon.name.find_first_of(" =<>~") != std::string_view::npos) return fail("lexicons", "a name that begins no term");
        Lines lines;
        if (!lines.read(lexicon.terms)) return fail(lexicon.name, "no list of lines");
        std::vector<std::pair<std::string_view, std::string_view>> terms;
        terms.reserve(lines.size());
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
    if (!part.known.read(head.known, tree)) return fail(head.name, "no list of terms");
    if (!part.idf.read(head.idf) || !part.coef.read(head.coef) || !doubles(head.intercept, part.intercept))
        return fail(head.name, "numbers of another kind, or not finite");
    const size_t n = part.known.count(), k = part.intercept.size(), labels = head.labels.size();
    const size_t rows = head.several || labels > 2 ? labels : 1;
    if (k != rows || labels < (head.several ? 1u : 2u) || part.idf.size() != n || part.coef.size() != n * k) return fail(head.name, "sizes do not fit");
    if (head.thresholds.size() != (head.several ? labels : 1)) return fail(head.name, "thresholds do not fit");
    for (double threshold : head.thresholds)
        if (!(threshold >= 0 && threshold <= 1)) return fail(head.name, "a threshold outside 0 to 1");
    if (part.idf.any_zero()) return fail(head.name, "an idf of 0");
    Strings sorted = head.labels;
    std::sort(sorted.begin(), sorted.end());
    if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) return fail(head.name, "a label stands twice");
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
        for (const Use &other : part.uses) {
            const bool apart = use.low > other.high || use.high < other.low, ranged = use.family == Family::WORDS || use.family == Family::CHARS;
            if (use.family == other.family && use.lexicon == other.lexicon && !(ranged && apart)) return fail(head.name, "two families make one feature");
        }
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
    if (!cue) forms_of(part);
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

// Terms

bool Builder::terms() {
    if (!tree.read(spec.pieces, spec.shape, spec.steps)) return fail("terms", "no tree");
    for (std::vector<uint32_t> *row : {&words, &pieces, &cue_terms}) row->resize(tree.pieces.size(), ABSENT);
    cue_numbers.resize(tree.size(), ABSENT);
    t.space.words.reserve(tree.pieces.size() + tree.pieces.size() / 4);
    t.space.about.reserve(tree.pieces.size() + tree.pieces.size() / 4);
    for (uint32_t node = 0; node < tree.terms(); ++node)
        contexts.emplace_back(node ? t.space.context(tree.text(node), false) : -1, node ? t.space.context(tree.text(node), true) : -1);
    return true;
}

// What the terms of each beginning are to a head.
void Builder::forms_of(Part &part) {
    part.forms.resize(tree.terms());
    for (uint32_t node = 1; node < tree.terms(); ++node) form_of(part, tree.text(node), part.forms[node]);
    for (uint32_t number = 0; number < part.names.size(); ++number) {
        const std::string_view name = part.names[number];
        const std::string_view beginning = name.substr(0, name.find('=') + 1);
        for (uint32_t node = 1; node < tree.terms(); ++node) part.forms[node].listed |= tree.text(node) == beginning;
    }
}

void Builder::form_of(Part &part, std::string_view beginning, Form &form) {
    const auto bits = [](const Use &use) { return (~uint64_t{0} << use.low) & (~uint64_t{0} >> (63 - use.high)); };
    for (const Use &use : part.uses) {
        if (use.family == Family::WORDS && beginning.empty() && use.low <= use.high) form.grams |= bits(use);
        if (use.family == Family::CHARS && beginning == "c=" && use.low <= use.high) form.chars |= bits(use);
        if (use.family == Family::AFFIXES) {
            form.prefix |= beginning == "p=";
            form.suffix |= beginning == "s=";
        }
        if (use.family != Family::WINDOW || part.level != Level::TARGET || beginning.size() < 2) continue;
        const std::string_view digits = beginning.substr(1, beginning.size() - 2);
        const bool side = (beginning[0] == 'l' || beginning[0] == 'r') && beginning.back() == '=';
        if (!side || (!digits.empty() && (!plain_number(digits, FURTHEST, form.distance) || !form.distance))) continue;
        form.side = beginning[0] == 'r';
        form.reach = use.high;
    }
}

// Number the words that heads know, frequent ones first, and then all others of n-grams.
void Builder::number_words() {
    if (!gram_beginning()) return;
    Features seen;
    seen.resize(tree.at(2).first);
    for (uint32_t head = 0; head < parts.size(); ++head)
        if (parts[head].level != Level::CUE)
            parts[head].known.each([&](uint32_t node, uint32_t row) {
                if (node < tree.at(2).first && tree.at(node).top == 1) seen.add(node, head, parts[head].idf[row]);
                return node < tree.at(2).first;
            });
    std::vector<uint32_t> known;
    known.reserve(tree.size());
    for (uint32_t node = tree.at(1).first; node < tree.at(2).first; ++node)
        if (seen.last[node]) known.push_back(node);
    known = seen.by_frequency(std::move(known));
    for (uint32_t node = tree.at(1).first; node < tree.size(); ++node)
        if (tree.at(node).top == 1 && !(node < tree.at(2).first && seen.last[node])) known.push_back(node);
    std::vector<uint32_t> new_words;  // pieces, in the order in which they come first
    std::vector<uint8_t> listed(tree.pieces.size(), 0);
    for (uint32_t node : known) {
        const uint32_t piece = tree.at(node).piece;
        if (words[piece] == ABSENT && !std::exchange(listed[piece], 1)) new_words.push_back(piece);
    }
    t.space.add_words(new_words.size(), [&](size_t i) { return tree.pieces[new_words[i]]; }, [&](size_t i, uint32_t id) { words[new_words[i]] = id; });
}

uint32_t Builder::number_of(PoolNumber pool, uint64_t tag) {
    NumberTable &tags = t.pools[pool].tags;
    uint32_t &number = tags[tag];
    if (number == ABSENT) number = tags.size() - 1;
    return number;
}

uint64_t Builder::windowed(const Form &form, uint32_t node) {
    if (tree.at(node).depth == 3 && form.distance == 2)
        return Space::tag(Kind::PAIR, form.side, word(tree.at(tree.at(node).parent).piece), word(tree.at(node).piece));
    if (tree.at(node).depth != 2 || form.distance > form.reach) return NO_TAG;
    const uint32_t one = word(tree.at(node).piece);
    return form.distance ? Space::tag(Kind::AT, form.side | form.distance << 1, one) : Space::tag(Kind::BAG, form.side, one);
}

uint64_t Builder::shaped(const Form &form, uint32_t node) {
    const auto length = [](std::string_view text) { return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }); };
    if (form.side != ABSENT) return windowed(form, node);
    if (form.prefix || form.suffix) {
        if (tree.at(node).depth != 2 || length(tree.text(node)) != (form.prefix ? 4 : 3)) return NO_TAG;
        return Space::tag(form.prefix ? Kind::PREFIX : Kind::SUFFIX, 0, piece(tree.at(node).piece));
    }
    if (!form.chars) return NO_TAG;
    const std::string text = rest(node);
    const auto count = length(text);
    return count < 64 && (form.chars >> count & 1) ? Space::tag(Kind::CHARS, 0, t.space.pieces.add(text)) : NO_TAG;
}

// The tag of a feature that is no n-gram; ~0 for one that no family of the head makes.
uint64_t Builder::other(Part &part, const Form &form, uint32_t node, bool &twice) {
    const uint64_t tag = shaped(form, node);
    if (!form.listed) return tag;
    const uint32_t named = part.names.find(std::string(tree.text(tree.at(node).top)) + rest(node));
    if (named == ABSENT) return tag;
    twice = tag != NO_TAG || part.named[named] == NO_TAG;
    return part.named[named];
}

// A term of the lexicon of cues, by its pieces.
uint32_t Builder::cue_term(const uint32_t *path, size_t count) {
    const StringTable &terms = t.space.lexicons.terms[t.space.cue_lexicon];
    if (count == 1) {
        uint32_t &found = cue_terms[*path];
        if (found == ABSENT) found = terms.find(tree.pieces[*path]);
        return found;
    }
    std::string name(tree.pieces[*path]);
    for (size_t i = 1; i < count; ++i) name.append(1, ' ').append(tree.pieces[path[i]]);
    read_bytes += name.size();
    return terms.find(name);
}

// The tag of a feature of a cue's context; ~0 for one that no context has.
uint64_t Builder::context(uint32_t node) {
    uint32_t path[Tree::DEEPEST];
    const size_t count = tree.at(node).depth - 1u;
    const uint32_t top = tree.at(node).top;
    if (top == gram_beginning()) return count == 1 && tree.text(node) == "bias" ? Space::tag(Kind::BIAS) : NO_TAG;
    const int number = count > 1 ? contexts[top].second : contexts[top].first;
    if (number < 0) return NO_TAG;
    const Kind kind = static_cast<Kind>(static_cast<int>(Kind::BIAS) + number);
    if (kind == Kind::TYPES || kind == Kind::TERM_SUFFIX || kind == Kind::TERM_PREFIX) return Space::tag(kind, 0, t.space.pieces.add(rest(node)));
    const std::string_view parts = CONTEXTS[number].parts;
    const bool termed = parts.find('T') != std::string_view::npos;
    if (termed ? count < parts.size() : count != parts.size()) return NO_TAG;
    for (size_t i = count; i-- > 0; node = tree.at(node).parent) path[i] = tree.at(node).piece;
    uint32_t term = 0, values[2] = {0, 0};
    const uint32_t *at = path;
    int next = 0;
    for (char part : parts) {  // a term takes the pieces that the other parts leave
        const size_t taken = part == 'T' ? count + 1 - parts.size() : 1;
        if (part == 'T') term = cue_term(at, taken);
        else values[next++] = part == 'w' ? word(*at) : piece(*at);
        if (term == ABSENT) return NO_TAG;
        at += taken;
    }
    return Space::tag(kind, term, values[0], values[1]);
}

// Its number among the tags of CUE_POOL, which all cue heads share; one past them for none.
uint32_t Builder::cue_number(uint32_t node) {
    uint32_t &number = cue_numbers[node];
    if (number != ABSENT) return number;
    const uint64_t tag = context(node);
    if (tag == NO_TAG) return number = NONE;
    cue_tags.push_back(tag);
    return number = static_cast<uint32_t>(cue_tags.size() - 1);
}

bool Builder::link(Part &part) {
    part.features.assign(part.idf.size(), ABSENT);
    size_t more = t.pools[part.pool].tags.size();  // room for its tags, and it is taken once
    if (part.level == Level::TARGET) part.known.each([&](uint32_t node, uint32_t) { return more += tree.at(node).top != gram_beginning(), true; });
    t.pools[part.pool].tags.reserve(more);
    return part.known.each([&](uint32_t node, uint32_t row) { return link_one(part, node, row); });
}

bool Builder::link_one(Part &part, uint32_t node, uint32_t row) {
    uint32_t number;
    if (part.level == Level::CUE) {
        number = cue_number(node);
        if (number == NONE) return true;
    } else {
        const Form &form = part.forms[tree.at(node).top];
        const uint32_t count = tree.at(node).depth - 1u;
        if (form.grams) {
            if (count > 63 || !(form.grams >> count & 1)) return true;
            part.features[row] = node;
            return grams[part.pool].add(node, part.number, part.idf[row]);
        }
        bool twice = false;
        const uint64_t tag = other(part, form, node, twice);
        if (twice) return fail(part.spec->name, "two families make one feature");
        if (tag == NO_TAG) return true;
        number = number_of(part.pool, tag);
    }
    if (read_bytes > MOST_BYTES) return fail("terms", "very long");
    Features &to = tags[part.pool];
    if (number >= to.last.size()) to.resize(number + number / 2 + 64);
    part.features[row] = number | TAG;
    return to.add(number, part.number, part.idf[row]) || fail(part.spec->name, "a term stands twice");
}

// Records

// Number the nodes by frequency in both pools together.
void Builder::settle_nodes() {
    for (size_t i = 0; i < tree.size(); ++i) grams[0].least[i] = std::min(grams[0].least[i], grams[1].least[i]);
    order.assign(t.space.base, 0);
    Rows<uint32_t> number(tree.size(), 0);
    std::vector<uint32_t> rest;
    rest.reserve(tree.size());
    for (uint32_t node = tree.terms(); node < tree.size(); ++node) {
        if (tree.at(node).top != gram_beginning()) continue;
        if (tree.at(node).depth > 2) rest.push_back(node);
        else order[number[node] = words[tree.at(node).piece]] = node;
    }
    rest = grams[0].by_frequency(std::move(rest));
    order.reserve(order.size() + rest.size());
    std::vector<uint64_t> paths;
    paths.reserve(rest.size());
    for (const uint32_t node : rest) number[node] = t.space.base + static_cast<uint32_t>(order.size() - t.space.base), order.push_back(node);
    for (const uint32_t node : rest) paths.push_back(Space::edge(number[tree.at(node).parent], words[tree.at(node).piece]));
    t.space.settle(std::move(paths));
}

// The features of CUE_POOL in an order in which those that are asked for together, with one word or with a term and a word beside
// it, stand together, and all as frequent as the most frequent of them, so that they share a line of the cache.
std::vector<uint32_t> Builder::together() {
    std::vector<uint32_t> order, before(cue_tags.size(), ABSENT), last[2];  // the last of each pair, of each word
    last[1].assign(t.space.base, ABSENT);
    const auto join = [&](uint32_t &company, uint32_t number) {
        before[number] = company;
        company = number;
    };
    order.reserve(cue_tags.size());
    cue_pairs.assign(cue_tags.size(), ABSENT);
    t.paired.reserve(cue_tags.size() / 4);
    t.pairs.reserve(cue_tags.size() / 4);
    for (uint32_t number = 0; number < cue_tags.size(); ++number) {
        const uint64_t tag = cue_tags[number];
        if (number + AHEAD < cue_tags.size()) t.paired.prefetch(NumberTable::hash_of(pair_of(cue_tags[number + AHEAD])));
        switch (Space::kind_of(tag)) {
            case Kind::WITH: case Kind::BEFORE: case Kind::AFTER: case Kind::P1W: case Kind::WN1: {
                const uint32_t place = cue_pairs[number] = pair(tag);
                if (place == last[0].size()) last[0].push_back(ABSENT);
                join(last[0][place], number);
                break;
            }
            case Kind::P1: case Kind::N1: case Kind::P2: case Kind::N2: case Kind::NEAR: case Kind::CLAUSE_LEFT:
                join(last[1][tag >> 22 & (Space::MOST_WORDS - 1)], number);
                break;
            default: order.push_back(number);
        }
    }
    t.pools[CUE_POOL].tags.reserve(order.size());
    Rows<uint16_t> &frequency = tags[CUE_POOL].least;
    for (const std::vector<uint32_t> &companies : last)
        for (const uint32_t company : companies) {
            uint16_t least = 0x7FFF;
            for (uint32_t one = company; one != ABSENT; one = before[one]) least = std::min(least, frequency[one]);
            for (uint32_t one = company; one != ABSENT; one = before[one]) frequency[one] = least, order.push_back(one);
        }
    return order;
}

void Builder::lay_out(PoolNumber number) {
    Pool &pool = t.pools[number];
    if (pool.heads.empty()) return;
    const size_t tag_count = number == CUE_POOL ? cue_tags.size() : pool.tags.size();
    Rows<uint32_t> gram_records;
    std::vector<uint32_t> tag_records(tag_count), all(number == CUE_POOL ? 0 : tag_count);
    uint32_t next = 1;
    if (number != CUE_POOL) {
        gram_records.resize(tree.size());
        for (uint32_t node = 0; node < order.size(); ++node) {
            const uint32_t record = grams[number].last[order[node]] ? next++ : 0;
            gram_records[order[node]] = record;
            (node < t.space.base ? t.space.about[node].gram : t.grams[node - t.space.base].in)[number] = record;
        }
    }
    std::iota(all.begin(), all.end(), 0u);
    tags[number].resize(tag_count);
    for (uint32_t tag : tags[number].by_frequency(number == CUE_POOL ? together() : all)) tag_records[tag] = next++;
    size_t width = 0;
    for (Plate &plate : pool.plates) width += plate.width += plate.width % 2;
    pool.weights = Zeros<float>(width * next);
    float *at = pool.weights.data();
    for (Plate &plate : pool.plates) {
        plate.squares.assign(plate.width, 0);
        plate.rows = next;
        plate.data = std::exchange(at, at + size_t{next} * plate.width);
    }
    for (const PoolHead &head : pool.heads) pool.plates[head.plate].squares[head.at] = 1;
    for (Part &part : parts)
        if (part.pool == number) weigh(part, gram_records, tag_records);
    if (number == CUE_POOL) return cue_records(tag_records);
    pool.tags.each([&](uint64_t, uint32_t &value) { value = tag_records[value]; });
    pool.tags.settle();
}

// Write a head's weights into the records of its features, which are not needed any more.
void Builder::weigh(Part &part, const Rows<uint32_t> &gram_records, const std::vector<uint32_t> &tag_records) {
    const PoolHead &head = t.pools[part.pool].heads[part.number];
    Plate &plate = t.pools[part.pool].plates[head.plate];
    const size_t n = part.features.size();
    uint32_t *records = part.features.data();
    for (size_t row = 0; row < n; ++row) {
        const uint32_t feature = records[row];
        if (feature != ABSENT) records[row] = feature & TAG ? tag_records[feature & ~TAG] : gram_records[feature];
    }
    const auto place = [&](uint32_t record) { return plate.data + size_t{record} * plate.width + head.at; };
    for (size_t row = 0; row < n; ++row) {
        if (row + AHEAD < n && records[row + AHEAD] != ABSENT) __builtin_prefetch(place(records[row + AHEAD]), 1);
        if (records[row] == ABSENT) continue;
        const float idf = whole(part.idf[row]);
        float *out = place(records[row]);
        *out++ = idf * idf;
        for (size_t k = 0; k < part.intercept.size(); ++k) *out++ = idf * whole(part.coef[k * n + row]);
    }
}

// The records of CUE_POOL stand where a context looks for them: with its words, with its pieces, with its terms, or by tag.
void Builder::cue_records(const std::vector<uint32_t> &records) {
    t.endings.resize(t.space.pieces.size(), PieceRecord{0, 0});
    t.shapes.resize(t.space.pieces.size(), PieceRecord{0, 0});
    t.terms.resize(t.space.cue_lexicon == ABSENT ? 0 : t.space.lexicons.terms[t.space.cue_lexicon].size());
    for (size_t number = 0; number < records.size(); ++number) {
        if (number + AHEAD < records.size()) t.pools[CUE_POOL].tags.prefetch(NumberTable::hash_of(cue_tags[number + AHEAD]));
        cue_record(cue_tags[number], records[number], cue_pairs[number] == ABSENT ? nullptr : &t.pairs[cue_pairs[number]]);
    }
    t.pools[CUE_POOL].tags.settle();
    t.paired.settle();
}

void Builder::cue_record(uint64_t tag, uint32_t record, PairRecord *beside) {
    const uint32_t term = tag >> 44 & (Space::MOST_TERMS - 1), second = tag >> 22 & (Space::MOST_WORDS - 1);
    const auto with_word = [&](Place place) { t.space.about[second].context[place] = record; };
    const auto with_term = [&](const auto &pieces, auto &records) {
        const auto found = std::find(std::begin(pieces), std::end(pieces), second);
        if (found != std::end(pieces)) records[found - std::begin(pieces)] = record;
    };
    switch (Space::kind_of(tag)) {
        case Kind::P1: return with_word(AT_P1);
        case Kind::N1: return with_word(AT_N1);
        case Kind::P2: return with_word(AT_P2);
        case Kind::N2: return with_word(AT_N2);
        case Kind::NEAR: return with_word(AT_NEAR);
        case Kind::CLAUSE_LEFT: return with_word(AT_CLAUSE);
        case Kind::P1S: t.endings[second].before = record; return;
        case Kind::N1S: t.endings[second].after = record; return;
        case Kind::P1SHAPE: t.shapes[second].before = record; return;
        case Kind::N1SHAPE: t.shapes[second].after = record; return;
        case Kind::TENSE_BEFORE: return with_term(t.space.tenses, t.terms[term].tense_before);
        case Kind::TENSE_AFTER: return with_term(t.space.tenses, t.terms[term].tense_after);
        case Kind::TENSE: return with_term(t.space.tenses, t.terms[term].tense);
        case Kind::NUMERALS: return with_term(t.space.numerals, t.terms[term].numerals);
        case Kind::NUMERAL: return with_term(t.space.numerals, t.numerals);
        case Kind::WITH: beside->with = record; return;
        case Kind::BEFORE: beside->before = record; return;
        case Kind::AFTER: beside->after = record; return;
        case Kind::P1W: beside->first_before = record; return;
        case Kind::WN1: beside->first_after = record; return;
        default: t.pools[CUE_POOL].tags[tag] = record;
    }
}

uint32_t Builder::pair(uint64_t tag) {
    uint32_t &place = t.paired[pair_of(tag)];
    if (place == ABSENT) {
        place = static_cast<uint32_t>(t.pairs.size());
        t.pairs.push_back({0, 0, 0, 0, 0});
    }
    return place;
}

// What is known of each word where it is asked for.
void Builder::word_records() {
    const Wanted &target = t.wanted[static_cast<int>(Level::TARGET)];
    t.folded_lexicons = t.wanted[static_cast<int>(Level::ARTICLE)].lexicon | t.wanted_both.lexicon | target.lexicon | target.sides;
    t.plain_lexicons = t.wanted[static_cast<int>(Level::ARTICLE)].terms | (t.space.cue_lexicon == ABSENT ? 0 : 1u << t.space.cue_lexicon);
    for (uint32_t id = 0; id < t.space.words.size(); ++id) {
        Word &word = t.space.about[id];
        const uint32_t lexicons = word.lexicons | word.lexicons >> 16;
        word.traits |= (lexicons & t.folded_lexicons ? STARTS_FOLDED : 0u) | (lexicons & t.plain_lexicons ? STARTS_PLAIN : 0u);
        word.ending = t.space.pieces.find(Space::ending_of(t.space.words[id]));
        if (!(word.traits & LONG)) continue;
        const uint32_t beginning = t.space.pieces.find(Space::beginning_of(t.space.words[id]));
        for (int pool = 0; pool < 2; ++pool) {
            if (beginning != ABSENT) word.prefix[pool] = find(pool, Space::tag(Kind::PREFIX, 0, beginning));
            if (word.ending != ABSENT) word.suffix[pool] = find(pool, Space::tag(Kind::SUFFIX, 0, word.ending));
        }
    }
    t.space.common.fill(t.space.words, t.space.about);
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

// What a cue term has in every context.
void Builder::term_records() {
    if (t.space.cue_lexicon == ABSENT) return;
    const StringTable &terms = t.space.lexicons.terms[t.space.cue_lexicon];
    for (const Lexicons::Term &term : t.space.lexicons.found) {
        if (&term == t.space.lexicons.found.data() || term.lexicon != t.space.cue_lexicon) continue;
        const std::string_view text = terms[term.number];
        const auto letters = [&](Kind kind, std::string_view part) {
            const uint32_t piece = t.space.pieces.find(part);
            return piece == ABSENT ? 0 : find(CUE_POOL, Space::tag(kind, 0, piece));
        };
        const uint32_t always[] = {
            find(CUE_POOL, Space::tag(Kind::BIAS)), find(CUE_POOL, Space::tag(Kind::TERM, term.number)),
            find(CUE_POOL, Space::tag(Kind::TYPES, 0, t.types[term.value].piece)),
            letters(Kind::TERM_SUFFIX, Space::ending_of(text)), letters(Kind::TERM_PREFIX, Space::beginning_of(text)),
        };
        std::vector<uint32_t> &made = t.terms[term.number].always;
        std::copy_if(std::begin(always), std::end(always), std::back_inserter(made), [](uint32_t record) { return record != 0; });
    }
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
    if (!terms() || !lexicons() || !types()) return false;
    // sentence heads in the order of the table, valence last
    for (const char *name : {"", "vague", "attributed", "loaded", "valence"})
        for (const HeadSpec &one : spec.heads) {
            const bool role = one.name == "vague" || one.name == "attributed" || one.name == "loaded" || one.name == "valence";
            if ((*name ? one.name == name : !role) && !head(one, false)) return false;
        }
    for (const HeadSpec &one : spec.cues)
        if (!head(one, true)) return false;
    for (Features &features : grams) features.resize(tree.size());
    number_words();
    size_t cue_terms_at_most = 0;
    for (const Part &part : parts)
        if (part.pool == CUE_POOL) cue_terms_at_most += part.idf.size();
    cue_tags.reserve(cue_terms_at_most);
    tags[CUE_POOL].reserve(cue_terms_at_most);
    for (Part &part : parts)
        if (!link(part)) return false;
    t.space.base = t.space.words.size();  // every word is known now, and nodes follow
    if (t.space.base >= Space::MOST_WORDS || t.space.pieces.size() >= Space::MOST_WORDS) return fail("terms", "too many words");
    settle_nodes();
    t.grams.resize(order.size() - t.space.base + 1);  // the last is of nothing, for what is not known
    for (int number = 0; number < 3; ++number) lay_out(static_cast<PoolNumber>(number));
    category_records();
    term_records();
    word_records();
    return roles();
}

}  // namespace

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
