#include "cues.h"

namespace framing {

void find_candidates(const Space &space, const Tokens &tokens, std::vector<Candidate> &out) {
    out.clear();
    const View &view = *tokens.view;
    for (uint32_t number = 0; number < view.bounds.size(); ++number) {
        const Span bound = view.bounds[number];
        Stream stream;
        stream.entries = tokens.identity.data() + tokens.first + bound.start;
        stream.size = bound.end - bound.start;
        matches(space, tokens.plain.data(), stream, 1u << space.cue_lexicon, [&](uint32_t start, uint32_t end, const Lexicons::Term &term) {
            out.push_back({number, bound.start + start, bound.start + end, term.number, term.value});
        });
    }
}

}  // namespace framing
