#include "view.h"

#include "text.h"

namespace framing {

uint32_t cut(View &view, const char *text, size_t size) {
    const uint32_t trouble = read(view, text, size);
    find_tokens(view);
    return trouble;
}

}  // namespace framing
