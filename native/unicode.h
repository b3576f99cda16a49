// Characters of a UTF-8 text: what they are, how long, and the way forward and back.
#pragma once

#include <cstdint>

#include "unicode_table.h"
#include "view.h"

namespace framing {

constexpr uint32_t NONE = 0xFFFFFFFF;  // what stands behind the text's end and before its begin

inline const Character &character_of(uint32_t code) {
    static constexpr Character nothing = {0, 0};
    return code > 0x10FFFF ? nothing : CHARACTERS[PAGES[PAGE_OF[code >> 7]][code & 127]];
}

struct AsciiFlags {
    uint16_t of[128] = {};
    constexpr AsciiFlags() {
        for (int code = 0; code < 128; ++code) of[code] = CHARACTERS[PAGES[PAGE_OF[0]][code]].flags;
    }
};
constexpr AsciiFlags ASCII;

inline bool is(uint32_t code, uint32_t flags) { return ((code < 128 ? ASCII.of[code] : character_of(code).flags) & flags) != 0; }
inline uint32_t lower_of(uint32_t code) { return code + static_cast<uint32_t>(character_of(code).lower); }

// How many bytes a character has, by its first.
inline uint32_t length_of(unsigned char first) { return 1u + (first >= 0xC0) + (first >= 0xE0) + (first >= 0xF0); }

// The character that begins at a byte; needs three readable bytes behind.
inline uint32_t decode(const unsigned char *p) {
    if (p[0] < 0x80) return p[0];
    if (p[0] < 0xE0) return (p[0] & 31u) << 6 | (p[1] & 63u);
    if (p[0] < 0xF0) return (p[0] & 15u) << 12 | (p[1] & 63u) << 6 | (p[2] & 63u);
    return (p[0] & 7u) << 18 | (p[1] & 63u) << 12 | (p[2] & 63u) << 6 | (p[3] & 63u);
}

inline bool continues(unsigned char byte) { return (byte & 0xC0) == 0x80; }

inline void append(std::string &out, uint32_t code) {
    if (code < 0x80) {
        out += static_cast<char>(code);
        return;
    }
    const uint32_t more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static constexpr uint32_t marks[4] = {0, 0xC0, 0xE0, 0xF0};
    out += static_cast<char>(marks[more] | code >> (6 * more));
    for (uint32_t left = more; left-- > 0;) out += static_cast<char>(0x80 | (code >> (6 * left) & 63));
}

// A text by places: each is the first byte of a character, or the text's end.
struct Reader {
    const unsigned char *p;
    uint32_t size;

    explicit Reader(const View &view) : p(reinterpret_cast<const unsigned char *>(view.text)), size(view.size) {}

    uint32_t at(uint32_t place) const { return place >= size ? NONE : decode(p + place); }
    uint32_t next(uint32_t place) const { return place + length_of(p[place]); }
    uint32_t prev(uint32_t place) const {
        do --place;
        while (place > 0 && continues(p[place]));
        return place;
    }
    uint32_t before(uint32_t place) const { return place == 0 ? NONE : decode(p + prev(place)); }

    bool blank(uint32_t place) const { return place < size && is(at(place), SPACE); }
    bool blank_or_none(uint32_t place) const { return place >= size || is(at(place), SPACE); }
    bool word(uint32_t place) const { return is(at(place), WORD); }

    // The first place from here on that is not blank.
    uint32_t skip(uint32_t place) const {
        while (blank(place)) place = next(place);
        return place;
    }
    // The last place down to `low` behind which all up to `place` is blank.
    uint32_t strip(uint32_t low, uint32_t place) const {
        while (place > low && is(before(place), SPACE)) place = prev(place);
        return place;
    }
    // The end of the run of word characters that begins here.
    uint32_t word_end(uint32_t place) const {
        while (word(place)) place = next(place);
        return place;
    }
};

}  // namespace framing
