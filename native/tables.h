// The tables of a kernel: a model's vocabularies as numbers, and the weights of all heads that know a feature side by side.
#pragma once

#include "space.h"

namespace framing {

enum class Family : uint8_t { WORDS, AFFIXES, CHARS, LEXICON, TERMS, SIDES, WINDOW, QUOTES, CUES, CONTEXT };
enum class Level : uint8_t { ARTICLE, SENTENCE, AUTHOR, TARGET, CUE };

struct Use {  // one family of a head, with its argument
    Family family;
    uint32_t low = 0, high = 0, lexicon = 0;
};

// The family that a head names; false where the kernel knows none of the name, or not its argument.
bool read_use(std::string_view text, const Lexicons &lexicons, Use &use);

// What the heads that read one kind of stream count there, together.
struct Wanted {
    uint32_t words = 0, window = 0;  // the longest n-gram, the furthest word
    uint32_t lexicon = 0, terms = 0, sides = 0;  // bits of lexicons
    uint64_t chars = 0;  // bits of the lengths of n-grams of characters
    bool affixes = false, quotes = false, cues = false;
    void add(const Use &use);
};

// A number of half precision.
inline float whole(uint16_t half) {
    const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16, rest = half & 0x7FFFu;
    if (rest < 0x400) return (sign ? -0x1p-24f : 0x1p-24f) * static_cast<float>(rest);
    const uint32_t bits = sign | ((rest << 13) + (112u << 23));
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

struct PoolHead {
    uint32_t spec, outputs;
    uint32_t plate, at;  // of its square in a row of the plate; its scores follow
    std::vector<double> intercept;
};

// Weights of heads that are asked together: a row for each record of the pool, which holds for each head its idf squared, then
// idf times each coefficient, zeros where the head does not know the feature: products of halves, so single precision has them
// exactly.
struct Plate {
    float *data = nullptr;
    size_t rows = 0;
    uint32_t width = 0;          // numbers of a row, an even number
    std::vector<float> squares;  // 1 for each of them that is a square, 0 for the others

    const float *row(uint32_t record) const { return data + size_t{record} * width; }
};

// The features that some heads know, as records. Record 0 is of nothing; frequent features stand first and share what the cache
// holds.
struct Pool {
    Zeros<float> weights;  // of all plates
    std::vector<Plate> plates;
    std::vector<PoolHead> heads;
    NumberTable tags;  // tag to record
};

enum PoolNumber { ARTICLE_POOL, SENTENCE_POOL, CUE_POOL };

struct GramRecord {
    uint32_t in[2];  // records of ARTICLE_POOL and SENTENCE_POOL
};
// Records of a term with a word beside it, or of what stands around it, in CUE_POOL.
struct PairRecord {
    uint32_t with, before, after, first_before, first_after;
};
struct TermRecord {
    std::vector<uint32_t> always;
    uint32_t tense_before[4], tense_after[4], tense[4], numerals[7];
};
struct PieceRecord {
    uint32_t before, after;  // as p1s or p1shape, as n1s or n1shape
};

struct CategoryRecord {
    uint32_t category[2], whole[2];  // records in ARTICLE_POOL and SENTENCE_POOL
};

struct HeadFacts {
    std::vector<double> thresholds;
    uint32_t labels;
    bool several;
};

// What a cue's list of types means.
struct TypesOf {
    uint32_t groups = 0;             // bits of the groups that judge it
    uint8_t first[8] = {};           // its first type in each group
    std::vector<uint8_t> allowed;    // its types, as labels of hedge_type
    uint32_t piece = 0;              // of its names joined
};

struct Tables {
    Space space;
    Pool pools[3];
    Wanted wanted[4];                    // by Level
    uint32_t folded_lexicons = 0, plain_lexicons = 0;  // bits of those looked for in all of a text
    uint32_t level_heads[4] = {};        // bits of the pool's heads of a level
    Rows<GramRecord> grams;              // of each node of several words (from Space::base on), and one of nothing
    Rows<PieceRecord> endings, shapes;   // of each piece: records in CUE_POOL of a context's neighbours
    std::vector<std::vector<CategoryRecord>> categories[2];  // of a lexicon's values: as LEXICON and as TERMS
    std::vector<TermRecord> terms;       // of each cue term
    NumberTable paired;                  // tag (WITH) of a cue term and a word to their place in `pairs`
    Rows<PairRecord> pairs;
    uint32_t numerals[7] = {};           // record of each of Space::numerals alone
    std::vector<HeadFacts> facts;        // of each ModelSpec::heads
    std::vector<HeadInfo> article, sentence;
    HeadInfo valence{};
    bool has_valence = false, hedges = false;
    uint32_t sentence_width = 0, sentence_outputs = 0;
    Wanted wanted_both;                  // of sentences and authors: one pass where nothing is quoted

    std::vector<uint32_t> group_head;    // head of each group in CUE_POOL, ABSENT for none
    std::vector<double> group_threshold;
    uint32_t type_head = ABSENT;         // hedge_type's in CUE_POOL
    std::vector<uint8_t> type_labels;    // its labels as types
    std::vector<TypesOf> types;          // of each value of the cue lexicon
    std::vector<uint32_t> type_pieces;   // each cue type as a piece
    uint32_t hedge_group = ABSENT, vague_type = ABSENT;

    std::vector<double> reference;
    double hedged_from, heavily_from, no_cue;
    uint32_t min_words;

    explicit Tables(const ModelSpec &spec) : space(spec) {}
};

// Fill the tables; false with the reason in `why`.
bool fill(Tables &tables, const ModelSpec &spec, std::string &why);

}  // namespace framing
