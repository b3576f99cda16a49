// A cleaned text, cut once for all heads: the counterpart of framing.features.View.
//
// text.cpp and sentences.cpp fill it, features.cpp reads it. All offsets are bytes of `text`, which is valid UTF-8 that
// framing.text.clean has nothing to change in; `character` turns them into the caller's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace framing {

struct Span {
    uint32_t start, end;
    bool operator==(const Span &other) const { return start == other.start && end == other.end; }
};

// Why a text may not be read as it is.
enum Trouble : uint32_t {
    INVALID = 1,  // no UTF-8: refuse it
    UNCLEAN = 2,  // framing.text.clean may change it or warn
    TOO_LONG = 4,  // over 2^26 bytes: refuse it
};

// 64 bytes of a text as bits, the first byte lowest.
struct Block {
    uint64_t word;        // bytes of word characters
    uint64_t first;       // first bytes of characters
    uint64_t token;       // first bytes of tokens
    uint64_t joined;      // bytes of words with their inner apostrophes and hyphens
    uint64_t name;        // capitals that may begin a name
    uint64_t digit;       // decimal digits
    uint64_t wide;        // bytes of characters that are not ASCII
    uint64_t space;       // bytes of blanks
    uint64_t stop;        // . ! ? and line breaks; first bytes of an ellipsis
    uint64_t mark;        // first bytes of double quotation marks
    uint64_t single;      // first bytes of single quotation marks that do not stand inside a word
    uint32_t characters;  // how many begin before this block
    uint32_t tokens;      // likewise
};

struct View {
    static constexpr uint32_t PAD = 64;  // zero bytes before and behind the text and behind the arena

    const char *text = nullptr;
    uint32_t size = 0;
    std::vector<Span> sentences;  // bytes of text
    std::vector<uint8_t> voices;  // a sentence: 1 if quoted, 0 if the author's
    std::vector<Span> quoted;     // bytes of text inside quotation marks, without the marks
    std::vector<Span> tokens;     // bytes of text
    std::vector<Span> bounds;     // a sentence: first token and one past the last

    // The arena of words: the text itself in ASCII lower case, so that most tokens lie in it where they lie in the text; behind
    // it what differs. Equal spans are equal strings: all names are one span, and so are all plain numbers.
    std::string lower;
    std::vector<Span> words;   // a token: bytes of lower, in lower case with straight apostrophes
    std::vector<Span> folded;  // a token: bytes of lower, likewise with names and numbers masked

    std::vector<char> buffer;   // the padded copy that `text` points into
    std::vector<Block> blocks;  // of the text, and one past its end
    bool wide = false;          // whether a character is not ASCII
    bool sigma = false;         // whether there is a capital sigma, whose lower case depends on its neighbours
    uint32_t lettered = 0;      // tokens that begin with a letter or digit

    // How many characters begin before a byte: the caller's offset of it.
    uint32_t character(uint32_t byte) const {
        const Block &block = blocks[byte >> 6];
        return block.characters + count(block.first & below(byte));
    }
    // How many tokens begin before a byte.
    uint32_t token(uint32_t byte) const {
        const Block &block = blocks[byte >> 6];
        return block.tokens + count(block.token & below(byte));
    }
    static uint64_t below(uint32_t byte) { return (uint64_t{1} << (byte & 63)) - 1; }
    // How many bits are set, in plain operations: the least x86-64 has no instruction for it.
    static uint32_t count(uint64_t bits) {
        bits -= bits >> 1 & 0x5555555555555555u;
        bits = (bits & 0x3333333333333333u) + (bits >> 2 & 0x3333333333333333u);
        return static_cast<uint32_t>(((bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0Fu) * 0x0101010101010101u >> 56);
    }
};

// Fill all of a view from UTF-8, reusing its memory; quotations and voices only if they are `heard`. Returns what `Trouble` the text
// has; if any but UNCLEAN, the view is empty, and unless unclean texts are asked for too, nothing is cut of one.
uint32_t cut(View &view, const char *text, size_t size, bool heard = true, bool unclean = true);

}  // namespace framing
