// From a View to every label of a model: the counterpart of framing.model, framing.heads, framing.cues and framing.targets.
//
// `Kernel::build` makes immutable tables from a model's specification and tensors; `read` scores one View with them into a
// Result of plain numbers. `explain` stays in Python, which reads that one text again on the pure path.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "view.h"

namespace framing {

using Strings = std::vector<std::string_view>;

// What a model is made of. Everything is read while `build` runs and not kept.

struct Tensor {
    const unsigned char *data = nullptr;
    size_t bytes = 0;
    char kind = 'B';  // as framing.persist.KINDS has them: B, e, f, d
};

struct HeadSpec {
    std::string_view name, level;  // a cue head's name without "cue_"
    Strings labels, families;
    std::vector<double> thresholds;
    bool several = false;
    Tensor known, idf, coef, intercept;
};

struct LexiconSpec {
    std::string_view name;
    Tensor terms;
};

struct GroupSpec {
    std::string_view name;
    Strings types;
};

struct ModelSpec {
    std::vector<HeadSpec> heads, cues;   // in the order of the file's specification
    Tensor pieces, shape, steps;         // the tree of all heads' terms (framing.tree)
    std::vector<LexiconSpec> lexicons;
    Tensor reference;
    std::vector<GroupSpec> groups;       // framing.cues.GROUPS
    Strings types;                       // framing.types.CUE_TYPES
    Strings opens, negations;            // the word lists of framing.features
    Strings elsewhere, clause, past, present, numerals, quantifiers, open, auxiliaries, pronouns, stops;  // and of framing.cues
    std::vector<GroupSpec> roles;        // framing.roles.ROLES
    double hedged_from = 50, heavily_from = 85, no_cue = 0.002;       // framing.model's
    uint32_t min_words = 20;
};

// What is asked of one text.

struct Target {
    enum Kind : uint8_t { MOST_MENTIONED, WORDS, SPAN } kind = MOST_MENTIONED;
    Strings words;       // WORDS: the target's tokens in lower case with straight apostrophes, one at least
    Span span{0, 0};     // SPAN: bytes of the view's text (framing.text.Clean.find, in bytes)
};

struct Request {
    bool english = true;  // framing.language.identify answered "en" or None
    bool titled = false;
    Strings title;        // the title's folded tokens
    Target target;
    bool everything = false;  // also what is not shown: article scores where labels abstain, Result::found (golden texts, training)
};

// What comes out. Labels and types are numbers: of a head's labels, of ModelSpec::types.

enum class Reason : uint8_t { NONE, EMPTY, LANGUAGE, TOO_SHORT, UNKNOWN_WORDS, NO_TARGET };

struct Label {
    double score = 0, probability = 0;  // nothing where `label` is -1
    int32_t label = -1;                 // -1: it abstains, for `reason`
    Reason reason = Reason::NONE;
};

struct Mention {
    uint32_t sentence, first, end;  // the tokens of the target
};

struct FoundCue {
    uint32_t sentence, first, end, stop;  // tokens; `stop` is where a cue ends (a vague quantifier reaches to its noun)
    uint8_t group, type, voice;           // of ModelSpec::groups, of ModelSpec::types; 1 if its first character is quoted
    double probability;
};

struct Result {
    uint32_t words = 0;                 // tokens that begin with a letter or digit
    Reason reason = Reason::NONE;       // why article labels abstain
    bool bad_target = false;            // the SPAN holds no token: framing.targets' InputError, and nothing else is filled

    std::vector<Label> article;             // a head of Kernel::article; of `several` (frames) only the reason
    std::vector<double> article_chances;    // HeadInfo::at + label: its probability (0 where the head abstains)
    std::vector<double> article_scores;     // HeadInfo::score_at + output: its log-odds (0 where nothing was scored)

    Label valence;
    std::vector<double> valence_chances;

    // a sentence: a head of Kernel::sentence each
    std::vector<Label> sentences;           // sentence * Kernel::sentence().size() + head
    std::vector<double> sentence_chances;   // sentence * Kernel::sentence_width() + HeadInfo::at + label
    std::vector<double> sentence_scores;    // sentence * Kernel::sentence_outputs() + HeadInfo::score_at + output
    std::vector<Label> hedged;              // a sentence; labels 0 plain, 1 hedged; probabilities 1 - chance, chance
    std::vector<double> hedged_chances;     // a sentence: the chance of hedged

    std::vector<Mention> mentions;          // in framing.targets' order (that of the text)
    std::vector<Label> mention_labels;      // valence of the sentence of each mention; other sentences: NO_TARGET
    std::vector<double> mention_chances;    // mention * valence's labels + label
    std::vector<double> mention_scores;     // mention * valence's outputs + output

    std::vector<FoundCue> cues;             // in order of place
    std::vector<FoundCue> found;            // every judged candidate, where Request::everything

    // hedging: as framing.types.Hedging
    int32_t hedging = -1;                   // 0 plain, 1 hedged, 2 heavily hedged, -1 abstains or no reference
    double hedged_rate = 0, percentile = -1;    // percentile: -1 without a reference
    std::vector<double> rates;              // a head of Kernel::sentence: share of sentences under its second label
    uint32_t counts[16][2] = {};            // cues by type and voice (0 author, 1 quoted)
};

struct HeadInfo {
    uint32_t spec;      // index in ModelSpec::heads
    uint32_t labels;    // how many
    uint32_t at;        // of the chances in its row
    bool several;
    uint32_t outputs, score_at;  // how many scores, and where in their row
};

struct Tables;

// Buffers of one thread, kept from text to text.
struct Scratch;
struct ScratchDeleter {
    void operator()(Scratch *) const;
};
using ScratchHandle = std::unique_ptr<Scratch, ScratchDeleter>;

class Kernel {
public:
    // Null, with the reason in `why`, for a model that is malformed or holds what the kernel does not know: the caller then
    // builds the pure model, which refuses the former by name and scores the latter.
    static std::unique_ptr<const Kernel> build(const ModelSpec &spec, std::string &why);
    ~Kernel();

    const std::vector<HeadInfo> &article() const;   // in the order of the specification
    const std::vector<HeadInfo> &sentence() const;  // those of vague, attributed, loaded that the model has, in this order
    uint32_t sentence_width() const;                // chances of a sentence's row
    uint32_t sentence_outputs() const;              // scores of a sentence's row
    const HeadInfo *valence() const;
    bool hedges() const;                            // whether there is a cue model
    bool hears() const;                             // whether a score depends on who says what

    ScratchHandle scratch() const;
    // Safe to call from many threads, each with its own scratch and result. Same answer whatever was read before.
    void read(const View &view, const Request &request, Scratch &scratch, Result &result) const;

private:
    explicit Kernel(std::unique_ptr<Tables> tables);
    std::unique_ptr<Tables> tables;
};

}  // namespace framing
