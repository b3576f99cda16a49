// Features as numbers: the names of framing.features and framing.cues without their strings.
//
// An n-gram of words is a node: the end of a path of words. Every other feature is a tag: its kind and up to three parts in
// 64 bits. `node_name` and `tag_name` write them as Python does; tables.cpp reads a model's tree of terms into them, so that a
// text is counted without a string being made.
#pragma once

#include "lookup.h"
#include "score.h"

namespace framing {

enum class Kind : uint8_t {
    PREFIX, SUFFIX, CHARS, LEXICON, TERMS, SIDES, AT, BAG, PAIR, QUOTES, CUES,
    // of a cue's context, in the order of CONTEXTS
    BIAS, TERM, TYPES, TERM_SUFFIX, TERM_PREFIX, SHAPE, P1, N1, P2, N2, P1W, WN1, P2P1, N1N2, P1WN1, WN1N2, P2P1W, SKIP, N1S, P1S, WN1S,
    P1SW, N1SHAPE, P1SHAPE, NEAR, WITH, BEFORE, AFTER, HAS, WHAS, CLAUSE_LEFT, CLAUSE_OF, CLAUSE_RIGHT, TENSE_BEFORE, TENSE_AFTER,
    TENSE, NUMERAL, NUMERALS, TITLE, TITLED, THEN, DEED, DOER, DOES, FRAME,
};

// The features of `quotes`, and what they need: quotations at all, percentages of words inside, words of the longest.
struct QuoteName {
    const char *name;
    uint32_t share, longest;
};
constexpr QuoteName QUOTES[] = {
    {"q=any", 0, 0}, {"q=share25", 25, 0}, {"q=share50", 50, 0}, {"q=share75", 75, 0}, {"q=share95", 95, 0},
    {"q=words3", 0, 3}, {"q=words6", 0, 6}, {"q=words10", 0, 10},
};
constexpr uint32_t QUOTE_COUNT = sizeof QUOTES / sizeof *QUOTES;

// What follows the name of a kind of context feature: T the term, w a word, x another string; parts are joined by blanks.
struct ContextName {
    const char *name, *parts;
};
constexpr ContextName CONTEXTS[] = {
    {"bias", ""}, {"w=", "T"}, {"t=", "x"}, {"suffix=", "x"}, {"prefix=", "x"}, {"shape=", "Txx"},
    {"p1=", "w"}, {"n1=", "w"}, {"p2=", "w"}, {"n2=", "w"}, {"p1w=", "wT"}, {"wn1=", "Tw"}, {"p2p1=", "ww"}, {"n1n2=", "ww"},
    {"p1wn1=", "wTw"}, {"wn1n2=", "Tww"}, {"p2p1w=", "wwT"}, {"skip=", "ww"}, {"n1s=", "x"}, {"p1s=", "x"}, {"wn1s=", "Tx"},
    {"p1sw=", "xT"}, {"n1shape=", "x"}, {"p1shape=", "x"}, {"near=", "w"}, {"w~", "Tw"}, {"w<", "Tw"}, {"w>", "Tw"},
    {"has=", "w"}, {"whas=", "Tw"}, {"clause<", "w"}, {"clause<", "Tw"}, {"clause>", "Tw"},
    {"tense<", "Tx"}, {"tense>", "Tx"}, {"tense=", "Tx"}, {"numeral=", "x"}, {"numeral=", "Tx"},
    {"title=", "x"}, {"wtitle=", "Tx"}, {"then=", "Tx"}, {"deed=", "Tx"}, {"doer=", "Tx"}, {"does=", "Txx"}, {"frame=", "Tx"},
};

// Facts of a word that rules ask for.
enum Trait : uint32_t {
    LONG = 1,         // over four characters
    ALNUMERIC = 2,    // begins with a letter or digit
    BLANKED = 4,      // "_", which stands for a name
    NEGATED = 16,     // ends in n't or is a negation
    WAS = 32,         // of the past
    IS = 64,          // of the present
    PLURAL = 128,
    OPENING = 256,    // a capital letter behind it need not be a name
    BEARING = 512,    // of framing.cues.ELSEWHERE
    CLAUSAL = 1024,
    NUMERIC = 2048,   // a numeral, or begins with a digit
    QUANTIFYING = 4096,
    DOUBLE = 8192,    // "
    SINGLE = 16384,   // ' or `
    ENDS_QUOTE = 32768,  // , . ! ?
    BEGINS = 65536,      // other words may follow it in an n-gram
    CONTINUES = 131072,  // it may follow in one
    FOLLOWS = 262144,    // it may follow in a term of a lexicon
    OPEN_MODAL = 1 << 21,
    AUXILIARY = 1 << 22,
    PRONOUN = 1 << 23,   // a subject that is a role by itself
    STOPPING = 1 << 24,  // no subject stands before it
    FRAMING = 1 << 25,   // has a role that sets a frame
    STARTS_FOLDED = 524288, STARTS_PLAIN = 1048576,  // it begins a term that a kernel looks for among folded words, or plain ones
};

// Where a word stands in a context, if nothing else is said of it there.
enum Place : uint8_t { AT_P1, AT_N1, AT_P2, AT_N2, AT_NEAR, AT_CLAUSE, PLACES };

// What is known of a word, in one line of the cache. Records are those of a kernel's pools (tables.h).
struct alignas(64) Word {
    uint32_t traits = 0;
    uint32_t ending = ABSENT;            // the piece of its last three characters, ABSENT where no head knows it
    uint32_t lexeme = 0;                 // node of the lexicons, 0 for none
    uint32_t lexicons = 0;               // bits of those with terms that begin with it; in the upper half, of more words
    uint32_t gram[2] = {0, 0}, prefix[2] = {0, 0}, suffix[2] = {0, 0};  // records in ARTICLE_POOL and SENTENCE_POOL
    uint32_t context[PLACES] = {};                                      // records in CUE_POOL
};

// What is asked of every word of a text, beside the bytes of that word.
struct alignas(32) Common {
    uint64_t low = 0, high = 0;  // of its Key; `high` is LONGER for a word of over 16 bytes, which no bytes of UTF-8 are
    uint32_t id = ABSENT, traits = 0, gram[2] = {0, 0};  // as in Word
    static constexpr uint64_t LONGER = ~uint64_t{0};
};

// All words, once no more are added, so that most answers take one line of the cache.
class CommonWords {
public:
    void fill(const StringTable &words, const Rows<Word> &about) {
        size_t room = 64;
        while (2 * room < 3 * size_t{words.size()}) room *= 2;
        slots.assign(room, Common{});
        mask = static_cast<uint32_t>(room - 1);
        constexpr uint32_t AHEAD = 16;  // slots fetched before they are filled
        Asked soon[AHEAD];
        const auto ask = [&](uint32_t id) {
            if (id >= words.size()) return;
            soon[id % AHEAD] = asked(Key::of(words[id]));
            __builtin_prefetch(&slots[soon[id % AHEAD].hash & mask], 1);
        };
        for (uint32_t id = 0; id < AHEAD; ++id) ask(id);
        for (uint32_t id = 0; id < words.size(); ask(id++ + AHEAD)) {
            const auto &[key, hash] = soon[id % AHEAD];
            uint32_t at = hash & mask;
            while (slots[at].id != ABSENT) at = (at + 1) & mask;
            slots[at] = {key.low, key.high, id, about[id].traits, {about[id].gram[0], about[id].gram[1]}};
        }
    }
    // found(i, what is known of it, null for an unknown word) for many words, which lie at `places` of an arena where 16 bytes may be read
    // behind each. What the answers need is fetched for some of them together.
    template <class Found> void find_all(const StringTable &words, const char *arena, const Span *places, size_t count, Found found) const {
        constexpr size_t TOGETHER = 32;
        Asked all[TOGETHER];
        for (size_t from = 0; from < count; from += TOGETHER) {
            const size_t n = std::min(count - from, TOGETHER);
            for (size_t i = 0; i < n; ++i) {
                const Span place = places[from + i];
                all[i] = asked(Key::padded(arena + place.start, place.end - place.start));
                __builtin_prefetch(&slots[all[i].hash & mask]);
            }
            for (size_t i = 0; i < n; ++i) {
                const Span place = places[from + i];
                found(from + i, find(words, {arena + place.start, place.end - place.start}, all[i]));
            }
        }
    }

private:
    struct Asked {
        Key key;
        uint32_t hash;
    };
    static Asked asked(Key key) {
        if (key.size > 16) key.high = Common::LONGER;
        return {key, key.hash()};
    }
    const Common *find(const StringTable &words, std::string_view text, const Asked &one) const {
        for (uint32_t at = one.hash & mask;; at = (at + 1) & mask) {
            const Common &slot = slots[at];
            if (slot.id == ABSENT) return nullptr;
            if (slot.low == one.key.low && slot.high == one.key.high && (one.key.size <= 16 || words[slot.id] == text)) return &slot;
        }
    }
    Rows<Common> slots{Common{}};
    uint32_t mask = 0;
};

// The category of a lexicon's term.
struct Value {
    uint32_t category, whole;  // pieces: without and with its strength
    bool strong;               // whether it has one
};

// Word lists: terms by their words.
class Lexicons {
public:
    static constexpr uint32_t LONGEST = 64;  // words of a term
    struct Term {
        uint32_t lexicon, number, value, next;  // its number in its lexicon; the next term of the same words, 0 for none
    };
    struct Node {
        uint32_t term = 0;   // first Term, 0 for none
        uint32_t below = 0;  // bits of the lexicons with terms here or deeper
    };
    std::vector<std::string> names;
    std::vector<std::vector<Value>> values;  // of each lexicon, one for each different category
    std::vector<StringTable> terms;          // of the lexicon of cues; the others are empty
    std::vector<Node> nodes{1};
    std::vector<Term> found{1};
    NumberTable edges;

    uint32_t step(uint32_t node, uint32_t word) const {
        return edges.size() && word != ABSENT ? edges.find(static_cast<uint64_t>(node) << 32 | word) : ABSENT;
    }
};

// The roles of words (framing.roles): a bit for each, those of a kind side by side.
struct Roles {
    static constexpr uint32_t MOST = 64;
    std::vector<uint64_t> of;        // each word's
    uint64_t verbs = 0, participles = 0, nouns = 0, frames = 0;
    uint32_t pieces[MOST];           // names; of participles with a plus
    uint32_t left[MOST], right[MOST];  // of frames: on either side
    uint32_t none, state, start, name;
    uint32_t titles[32], forms[8];   // pieces of five and of three binary digits

    uint64_t operator[](uint32_t word) const { return word < of.size() ? of[word] : 0; }
};

struct Space {
    static constexpr uint32_t MOST_WORDS = 1u << 22, MOST_TERMS = 1u << 14;
    static constexpr uint32_t PARENT = 1u << 31;  // of a node that has children

    StringTable words, pieces;
    Rows<Word> about;  // of each word
    CommonWords common;   // likewise, once no more words are added
    uint32_t base = MOST_WORDS;        // the first node of two words; under it a word is its own node
    NumberTable edges;                 // node and word to node, with PARENT once no more are added
    std::vector<uint64_t> paths;       // of each node from `base` on: the edge to it
    Lexicons lexicons;
    uint32_t cue_lexicon = ABSENT;

    uint32_t bracket_open, bracket_close;  // the words <s> and </s>
    uint32_t title_end, target;            // ¶ and ^
    uint32_t places[2];                    // the pieces "first" and "later"
    uint32_t tenses[4];                    // "", past, present, both
    uint32_t numerals[7];                  // "", d, x, dd, dx, xd, xx
    uint32_t quotes[QUOTE_COUNT];          // the pieces of QUOTES
    uint32_t blank;                        // the piece ""
    Roles roles;

    explicit Space(const ModelSpec &lists);

    uint32_t add_word(std::string_view word) {
        const uint32_t id = words.add(word);
        if (id >= about.size()) describe(word);
        return id;
    }
    // Many words; visit(i, id) for each.
    template <class Text, class Visit> void add_words(size_t count, Text text, Visit visit) {
        words.add_all(count, text, [&](size_t i, uint32_t id) {
            if (id >= about.size()) describe(words[id]);
            visit(i, id);
        });
    }
    // Add a lexicon's terms; false where a term stands twice or is longer than `Lexicons::LONGEST` words.
    bool add_lexicon(std::string_view name, const std::vector<std::pair<std::string_view, std::string_view>> &terms);

    // The node of a word behind a node; ABSENT where either is, or there is none.
    uint32_t step(uint32_t node, uint32_t word) const {
        const uint32_t found = node == ABSENT || word == ABSENT ? ABSENT : edges.find(edge(node, word));
        return found == ABSENT ? ABSENT : found & ~PARENT;
    }
    static uint64_t edge(uint32_t node, uint32_t word) { return static_cast<uint64_t>(node) << 32 | word; }
    // Take the nodes from `base` on, each behind the one it follows, by the edges to them; no more are added.
    void settle(std::vector<uint64_t> nodes);
    uint32_t add_child(uint32_t node, uint32_t word);
    static uint64_t tag(Kind kind, uint32_t a = 0, uint32_t b = 0, uint32_t c = 0) {
        return static_cast<uint64_t>(kind) << 58 | static_cast<uint64_t>(a) << 44 | static_cast<uint64_t>(b) << 22 | c;
    }
    static Kind kind_of(uint64_t tag) { return static_cast<Kind>(tag >> 58); }

    std::string node_name(uint32_t node) const;
    std::string tag_name(uint64_t tag) const;
    // The place in CONTEXTS of what begins so and has one part or more behind it; -1 for none.
    int context(std::string_view beginning, bool more) const;

    uint32_t traits_of(std::string_view word) const;  // but for word lists
    static std::string_view ending_of(std::string_view word);
    static std::string_view beginning_of(std::string_view word);
    static std::string_view shape_of(std::string_view word, char *room);  // six characters at most

private:
    static bool cut(std::string_view term, std::vector<std::string_view> &out);
    uint32_t value_of(uint32_t lexicon, StringTable &wholes, std::string_view category);
    bool add_term(Lexicons::Term term, const uint32_t *ids, size_t count);
    void describe(std::string_view word);
    void list(const Strings &list, uint32_t trait);
    void read_roles(const std::vector<GroupSpec> &lists);

    StringTable context_heads;  // the different names in CONTEXTS
    std::vector<std::pair<int, int>> context_kinds;  // the kinds of each: of a rest without blanks, and with
};

// Variants of a feature of `sides`: 0 is the category alone.
constexpr uint32_t SIDE_VARIANTS = 17;
inline uint32_t side_variant(bool negated, bool right, uint32_t distance) { return 1 + (negated * 2 + right) * 4 + distance; }

}  // namespace framing
