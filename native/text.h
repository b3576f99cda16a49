// From UTF-8 to tokens: the counterpart of framing/text.py.
#pragma once

#include "view.h"

namespace framing {

// Copy a text into the view and classify its bytes. Returns its `Trouble`; if it is INVALID or TOO_LONG, the view is empty.
uint32_t read(View &view, const char *text, size_t size);

// Fill the tokens, words and folded words of a text that was read.
void find_tokens(View &view);

}  // namespace framing
