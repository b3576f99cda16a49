#include "cues.h"

namespace framing {

void Telling::read(const Tokens &tokens) {
    const uint32_t count = tokens.size(), *traits = tokens.plain_traits.data() + tokens.first;
    for (auto *row : {&bearing, &clausal, &past, &present, &framing, &capital}) row->assign(count / 64 + 2, 0);
    for (uint32_t token = 0; token < count; ++token) {
        const uint64_t bit = uint64_t{1} << (token & 63), one = traits[token];
        bearing[token >> 6] |= one & BEARING ? bit : 0;
        clausal[token >> 6] |= one & CLAUSAL ? bit : 0;
        past[token >> 6] |= one & WAS ? bit : 0;
        framing[token >> 6] |= one & FRAMING ? bit : 0;
        const char initial = *tokens.surface(token).data();
        capital[token >> 6] |= initial >= 'A' && initial <= 'Z' ? bit : 0;
        present[token >> 6] |= (one & (WAS | IS)) == IS ? bit : 0;
    }
}

}  // namespace framing
