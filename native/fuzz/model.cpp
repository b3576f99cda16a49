// Fuzzes the kernel's tables: a model of hostile tensors is refused, or scores any text without a byte read outside of them.
//
// The input is parted by its first bytes into the tensors of three heads, two lexicons and a text; the numbers are made to fit
// the terms in half of the inputs, so that tables are built and read, and left as they lie in the rest.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "../language.h"
#include "../score.h"

using namespace framing;

namespace {

struct Input {
    const uint8_t *data;
    size_t size;
    uint8_t byte() { return size ? (--size, *data++) : 0; }
    std::string bytes(size_t n) {
        n = std::min(n, size);
        std::string taken(reinterpret_cast<const char *>(data), n);
        data += n;
        size -= n;
        return taken;
    }
};

struct Held {
    std::string terms, idf, coef, intercept;
};

Tensor tensor(const std::string &bytes, char kind) { return {reinterpret_cast<const unsigned char *>(bytes.data()), bytes.size(), kind}; }

// Half-precision numbers of ordinary size for so many terms.
std::string numbers(Input &input, size_t n) {
    std::string made;
    for (size_t i = 0; i < n; ++i) made += {static_cast<char>(input.byte()), static_cast<char>(0x38 | (input.byte() & 0x83))};
    return made;
}

Held held(Input &input, size_t outputs, bool fitting) {
    Held made;
    made.terms = input.bytes(input.byte() * 2u);
    const size_t n = made.terms.empty() ? 0 : static_cast<size_t>(std::count(made.terms.begin(), made.terms.end(), '\n')) + 1;
    made.idf = fitting ? numbers(input, n) : input.bytes(input.byte());
    made.coef = fitting ? numbers(input, n * outputs) : input.bytes(input.byte());
    made.intercept = fitting ? std::string(8 * outputs, '\0') : input.bytes(input.byte());
    return made;
}

HeadSpec head(std::string_view name, std::string_view level, Strings labels, Strings families, const Held &tensors) {
    HeadSpec made;
    made.name = name;
    made.level = level;
    made.labels = std::move(labels);
    made.families = std::move(families);
    made.thresholds = {0.5};
    made.terms = tensor(tensors.terms, 'B');
    made.idf = tensor(tensors.idf, 'e');
    made.coef = tensor(tensors.coef, 'e');
    made.intercept = tensor(tensors.intercept, 'd');
    return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Input input{data, size};
    const bool fitting = input.byte() & 1;
    const Held tone = held(input, 1, fitting), vague = held(input, 1, fitting), valence = held(input, 3, fitting), hedge = held(input, 1, fitting);
    const std::string loaded = input.bytes(input.byte()), cues = input.bytes(input.byte());
    ModelSpec spec;
    spec.types = {"epistemic", "doxastic", "condition", "investigation", "reportative", "approximator", "vague", "attribution"};
    spec.groups = {{"hedge", {"epistemic", "doxastic", "condition", "investigation", "reportative"}}, {"vague", {"vague"}}};
    spec.quantifiers = {"some"};
    spec.opens = {"."};
    spec.negations = {"not"};
    spec.heads = {head("tone", "article", {"measured", "loaded"}, {"words:1-2", "lexicon:loaded", "affixes", "chars:2-3"}, tone),
                  head("vague", "sentence", {"plain", "vague"}, {"words:1-3", "quotes", "cues"}, vague),
                  head("valence", "target", {"negative", "neutral", "positive"}, {"words:1-1", "window:6", "sides:loaded"}, valence)};
    spec.cues = {head("hedge", "cue", {"none", "hedge"}, {"context"}, hedge)};
    spec.lexicons = {{"loaded", tensor(loaded, 'B')}, {"cues", tensor(cues, 'B')}};
    spec.reference = tensor(hedge.idf, 'f');
    std::string why;
    const auto kernel = Kernel::build(spec, why);
    if (!kernel) return 0;
    const std::string text = input.bytes(input.size);
    View view;
    if (cut(view, text.data(), text.size()) & (INVALID | TOO_LONG)) return 0;
    Request request;
    request.everything = true;
    if (view.size) request.target = {Target::SPAN, {}, {0, view.size}};
    auto scratch = kernel->scratch();
    Result result;
    kernel->read(view, request, *scratch, result);
    request.target = {};
    kernel->read(view, request, *scratch, result);
    return 0;
}
