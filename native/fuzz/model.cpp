// Fuzzes the kernel's tables: a model of hostile tensors is refused, or scores any text without a byte read outside of them, the
// same twice, with chances of 0 to 1.
//
// An input is a byte of choices, then sections that end at bytes of 255, which stand in no text: the terms of seven heads, two
// lexicons, the families of one head, a title, a text, and numbers for all weights. So a mutation changes one part of a small model and
// leaves the others where they were. The heads' terms are planted as a tree, of which some bytes may be changed then; or the first three
// are its tensors as they lie, and each again what its head knows of it.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "../language.h"
#include "../score.h"
#include "plant.h"

using namespace framing;

namespace {

constexpr char END = '\xff';
constexpr double REFERENCE[] = {0, 0.1, 0.2, 0.5};

void expect(bool held) {
    if (!held) abort();
}

struct Input {
    std::string_view left;
    std::string numbers;
    size_t drawn = 0;

    std::string section() {
        const std::string taken(left.substr(0, left.find(END)));
        left.remove_prefix(std::min(left.size(), taken.size() + 1));
        return taken;
    }
    char number() { return numbers.empty() ? '\x3c' : numbers[drawn++ % numbers.size()]; }
};

struct Choices {
    bool fitting;    // numbers are finite, of ordinary size, as many as there are terms
    bool packed;     // lexicons are packed as in a file; else a character of 0 shared is set before each line
    bool everything, titled, foreign, span;
    bool changed, raw;  // the tree has bytes changed; it lies as it is in the input
    explicit Choices(unsigned byte)
        : fitting(!(byte & 1)), packed(byte & 2), everything(byte & 4), titled(byte & 8), foreign(byte & 16), span(byte & 32), changed(byte & 64), raw(byte & 128) {}
};

struct Held {
    std::string known, idf, coef, intercept;
};

Tensor tensor(const std::string &bytes, char kind) { return {reinterpret_cast<const unsigned char *>(bytes.data()), bytes.size(), kind}; }

size_t count_of(std::string_view bits) {
    size_t count = 0;
    for (const char byte : bits) count += View::count(static_cast<unsigned char>(byte));
    return count;
}

std::string lines(std::string plain, const Choices &choices) {
    if (choices.packed || plain.empty()) return plain;
    std::string made(1, ' ');
    for (const char byte : plain) made += byte == '\n' ? std::string("\n ") : std::string(1, byte);
    return made;
}

Planted tree_of(const std::string (&sections)[9], Input &input, const Choices &choices) {
    Planted made;
    if (choices.raw) {
        made = {sections[0], sections[1], sections[2], {}};
        made.known.assign(sections, sections + 7);
    } else {
        made = plant({sections, sections + 7});
    }
    for (std::string *part : {&made.pieces, &made.shape, &made.steps, &made.known[0], &made.known[5]})
        if (choices.changed && !part->empty()) {
            const size_t at = static_cast<unsigned char>(input.number());
            (*part)[at % part->size()] ^= input.number();
        }
    return made;
}

// Numbers of half precision: of ordinary size, or as they lie.
std::string halves(Input &input, size_t n, bool ordinary) {
    std::string made;
    for (size_t i = 0; i < n; ++i) {
        const char low = input.number(), high = input.number();
        made += {low, ordinary ? static_cast<char>(0x38 | (high & 0x83)) : high};
    }
    return made;
}

Held held(Input &input, std::string known, size_t outputs, const Choices &choices) {
    const size_t n = choices.fitting ? count_of(known) : static_cast<unsigned char>(input.number());
    std::string idf = halves(input, n, choices.fitting), coef = halves(input, n * outputs, choices.fitting);
    for (size_t i = 1; choices.fitting && i < idf.size(); i += 2) idf[i] &= 0x7f;
    std::string intercept(8 * outputs, '\0');
    if (!choices.fitting) std::generate(intercept.begin(), intercept.end(), [&] { return input.number(); });
    return {std::move(known), std::move(idf), std::move(coef), std::move(intercept)};
}

HeadSpec head(std::string_view name, std::string_view level, Strings labels, Strings families, const Held &tensors, bool several = false) {
    HeadSpec made;
    made.name = name;
    made.level = level;
    made.thresholds.assign(several ? labels.size() : 1, 0.5);
    made.labels = std::move(labels);
    made.families = std::move(families);
    made.several = several;
    made.known = tensor(tensors.known, 'B');
    made.idf = tensor(tensors.idf, 'e');
    made.coef = tensor(tensors.coef, 'e');
    made.intercept = tensor(tensors.intercept, 'd');
    return made;
}

Strings words_of(std::string_view text) {
    Strings words;
    while (!text.empty()) {
        const size_t end = std::min(text.find(' '), text.size());
        if (end) words.push_back(text.substr(0, end));
        text.remove_prefix(std::min(text.size(), end + 1));
    }
    return words;
}

ModelSpec lists() {
    ModelSpec spec;
    spec.types = {"epistemic", "doxastic", "condition", "investigation", "reportative", "approximator", "vague", "attribution"};
    spec.groups = {{"hedge", {"epistemic", "doxastic", "condition", "investigation", "reportative"}}, {"vague", {"vague"}}};
    spec.opens = {".", "\""};
    spec.negations = {"not"};
    spec.elsewhere = {"reportedly", "if"};
    spec.clause = {",", "that"};
    spec.past = {"was"};
    spec.present = {"is"};
    spec.numerals = {"two"};
    spec.quantifiers = {"some"};
    spec.min_words = 3;
    return spec;
}

// Chances, and the labels chosen by them.
void expect_chances(const std::vector<double> &chances) {
    for (const double chance : chances) expect(chance >= 0 && chance <= 1);
}

void expect_labels(const std::vector<Label> &labels) {
    for (const Label &label : labels) expect(label.label < 0 || (label.label < 3 && label.probability >= 0 && label.probability <= 1));
}

void expect_cues(const View &view, const std::vector<FoundCue> &cues) {
    for (const FoundCue &cue : cues) {
        expect(cue.sentence < view.sentences.size() && cue.first < cue.end && cue.end <= cue.stop && cue.stop <= view.tokens.size());
        expect(cue.group < 2 && cue.type < 8 && cue.voice < 2 && cue.probability >= 0 && cue.probability <= 1);
    }
}

void expect_sound(const View &view, const Result &result) {
    for (const auto *chances : {&result.article_chances, &result.valence_chances, &result.sentence_chances, &result.hedged_chances, &result.mention_chances, &result.rates})
        expect_chances(*chances);
    for (const auto *labels : {&result.article, &result.sentences, &result.hedged, &result.mention_labels}) expect_labels(*labels);
    for (const auto *cues : {&result.cues, &result.found}) expect_cues(view, *cues);
    for (const Mention &mention : result.mentions) expect(mention.first < mention.end && mention.end <= view.tokens.size());
}

bool same(const std::vector<double> &one, const std::vector<double> &other) {
    return one.size() == other.size() && (one.empty() || memcmp(one.data(), other.data(), 8 * one.size()) == 0);
}

// Twice with the same memory, which holds the first answer when the second is made.
void read_twice(const Kernel &kernel, const View &view, const Request &request) {
    const auto scratch = kernel.scratch();
    Result result, again;
    kernel.read(view, request, *scratch, result);
    if (!result.bad_target) expect_sound(view, result);
    kernel.read(view, request, *scratch, again);
    expect(same(result.article_scores, again.article_scores) && same(result.sentence_scores, again.sentence_scores));
    expect(same(result.mention_scores, again.mention_scores) && same(result.hedged_chances, again.hedged_chances));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!size) return 0;
    const Choices choices(*data);
    Input input{{reinterpret_cast<const char *>(data) + 1, size - 1}, {}};
    std::string sections[9];
    for (std::string &one : sections) one = input.section();
    const std::string families = input.section(), title = input.section(), text = input.section();
    input.numbers = std::string(input.left);
    const Planted tree = tree_of(sections, input, choices);
    const std::string loaded = lines(sections[7], choices), cues = lines(sections[8], choices);
    const size_t outputs[] = {1, 2, 1, 1, 3, 1, 3};
    Held made[7];
    for (int i = 0; i < 7; ++i) made[i] = held(input, tree.known[i], outputs[i], choices);
    ModelSpec spec = lists();
    spec.pieces = tensor(tree.pieces, 'B');
    spec.shape = tensor(tree.shape, 'B');
    spec.steps = tensor(tree.steps, 'B');
    spec.heads = {head("tone", "article", {"measured", "loaded"}, words_of(families), made[0]),
                  head("frames", "article", {"economic", "morality"}, {"words:1-2", "affixes", "terms:loaded"}, made[1], true),
                  head("vague", "sentence", {"plain", "vague"}, {"words:1-3", "affixes", "quotes", "cues"}, made[2]),
                  head("loaded", "author", {"plain", "loaded"}, {"words:1-2", "chars:2-3", "lexicon:loaded"}, made[3]),
                  head("valence", "target", {"negative", "neutral", "positive"}, {"words:1-1", "window:6", "sides:loaded"}, made[4])};
    spec.cues = {head("hedge", "cue", {"none", "hedge"}, {"context"}, made[5]),
                 head("hedge_type", "cue", {"epistemic", "doxastic", "condition"}, {"context"}, made[6])};
    spec.lexicons = {{"loaded", tensor(loaded, 'B')}, {"cues", tensor(cues, 'B')}};
    spec.reference = choices.fitting ? Tensor{reinterpret_cast<const unsigned char *>(REFERENCE), sizeof REFERENCE, 'd'} : tensor(made[5].intercept, 'f');
    std::string why;
    const auto kernel = Kernel::build(spec, why);
    if (!kernel) return 0;
    View view;
    if (cut(view, text.data(), text.size()) & (INVALID | TOO_LONG)) return 0;
    Request request;
    request.everything = choices.everything;
    request.english = !choices.foreign;
    request.titled = choices.titled;
    request.title = words_of(title);
    request.target.words = words_of(title);
    request.target.kind = choices.span && view.size ? Target::SPAN : request.target.words.empty() ? Target::MOST_MENTIONED : Target::WORDS;
    request.target.span = {0, view.size};
    read_twice(*kernel, view, request);
    return 0;
}
