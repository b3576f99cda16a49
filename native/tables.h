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

// What the heads that read one kind of stream count there, together.
struct Wanted {
    uint32_t words = 0, window = 0;  // the longest n-gram, the furthest word
    uint32_t lexicon = 0, terms = 0, sides = 0;  // bits of lexicons
    uint64_t chars = 0;  // bits of the lengths of n-grams of characters
    bool affixes = false, quotes = false, cues = false;
    void add(const Use &use);
};

struct PoolHead {
    uint32_t spec, outputs, at;  // of its scores among those of the pool
    std::vector<double> intercept;
};

// Heads whose weights stand together. A record of `data` is the bits of the heads that know the feature, then for each of them
// its idf and its coefficients; 0 is no record.
struct Pool {
    std::vector<uint32_t> data{0};
    std::vector<PoolHead> heads;
    NumberTable tags;  // tag to record
    uint32_t width = 0;
};

enum PoolNumber { ARTICLE_POOL, SENTENCE_POOL, CUE_POOL };

struct GramRecord {
    uint32_t in[2];  // record in ARTICLE_POOL and SENTENCE_POOL
};
struct AffixRecord {
    uint32_t prefix[2], suffix[2];
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
    uint32_t level_heads[4] = {};        // bits of the pool's heads of a level
    std::vector<GramRecord> grams;       // of each node
    std::vector<AffixRecord> affixes;    // of each word
    std::vector<std::vector<uint32_t>> term_records;  // of each cue term: records of what it has everywhere
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
