// Sentences, quotations and voice: the counterpart of framing/sentences.py, rule for rule.
#pragma once

#include "view.h"

namespace framing {

// Fill the sentences, quotations and voices of a text that was read.
void find_sentences(View &view);
void find_quotations(View &view);
void find_voices(View &view);

// Whether a byte stands inside a quotation.
bool is_quoted(const View &view, uint32_t place);

}  // namespace framing
