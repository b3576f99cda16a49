#include "view.h"

#include "sentences.h"
#include "text.h"

namespace framing {

uint32_t cut(View &view, const char *text, size_t size, bool heard, bool unclean) {
    const uint32_t trouble = read(view, text, size);
    if (trouble && !unclean) return trouble;
    find_tokens(view);
    find_sentences(view);
    view.quoted.clear();
    view.voices.clear();
    if (heard) {
        find_quotations(view);
        find_voices(view);
    }
    view.bounds.clear();
    for (const Span sentence : view.sentences) view.bounds.push_back({view.token(sentence.start), view.token(sentence.end)});
    return trouble;
}

}  // namespace framing
