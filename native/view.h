// A cleaned text, cut once for all heads: the counterpart of framing.features.View.
//
// text.cpp and sentences.cpp fill it, features.cpp reads it. All offsets are bytes of `text`, which is valid UTF-8 that
// framing.text.clean has nothing to change in; `characters` turns them into the caller's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace framing {

struct Span {
    uint32_t start, end;
};

struct View {
    const char *text = nullptr;
    uint32_t size = 0;
    std::vector<Span> sentences;        // bytes of text
    std::vector<uint8_t> voices;        // a sentence: 1 if quoted, 0 if the author's
    std::vector<Span> quoted;           // bytes of text inside quotation marks, without the marks
    std::vector<Span> tokens;           // bytes of text
    std::string words_text, folded_text;  // arenas of the two below
    std::vector<Span> words;            // a token: bytes of words_text, lower case with straight apostrophes
    std::vector<Span> folded;           // a token: bytes of folded_text, names and numbers masked
    std::vector<Span> bounds;           // a sentence: first token and one past the last
};

}  // namespace framing
