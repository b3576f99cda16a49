// A text is read in three passes over blocks of 64 bytes: what ASCII bytes are, by vectors; what the other characters are, each
// by the table; then what hangs on neighbours (an apostrophe inside a word, a capital behind a blank), by shifts of bits.
#include "text.h"

#include <string_view>

#include "bits.h"
#include "unicode.h"

namespace framing {
namespace {

constexpr uint32_t LONGEST = 1u << 26;
constexpr uint32_t LEFT_SINGLE = 0x2018, RIGHT_SINGLE = 0x2019, LEFT_DOUBLE = 0x201C, RIGHT_DOUBLE = 0x201D;
constexpr uint32_t EN_DASH = 0x2013, ELLIPSIS = 0x2026, SIGMA = 0x3A3, FINAL_SIGMA = 0x3C2, SMALL_SIGMA = 0x3C3;

struct Reading {
    uint32_t trouble = 0;
    uint64_t odd = 0, tag = 0;      // bytes that cleaning may change: control characters; "<"
    uint64_t blank = 0, leads = 0;  // of the block before: U+0020, and what may stand before a name's blank
    uint32_t inner = 0;             // bytes that begin no character, by the lengths of the characters
};

// The first pass. Until the third, `joined` holds what may join words, `single` all single marks.
void classify_ascii(Block &block, const char *text, char *lower, uint64_t valid, Reading &reading) {
    const Bytes v[4] = {load(text), load(text + 16), load(text + 32), load(text + 48)};
    for (int i = 0; i < 4; ++i) store(lower + 16 * i, v[i] | (within(v[i], 'A', 'Z') & splat(0x20)));
    block.wide = mask(v, [](Bytes b) { return within(b, 0x80, 0xFF); });
    block.first = ~mask(v, [](Bytes b) { return within(b, 0x80, 0xBF); }) & valid;
    block.digit = mask(v, [](Bytes b) { return within(b, '0', '9'); });
    block.word = block.digit | mask(v, [](Bytes b) { return within(b | splat(0x20), 'a', 'z') | equal(b, '_'); });
    block.stop = mask(v, [](Bytes b) { return equal(b, '.') | equal(b, '!') | equal(b, '?') | equal(b, '\n'); });
    block.mark = mask(v, [](Bytes b) { return equal(b, '"'); });
    block.single = mask(v, [](Bytes b) { return equal(b, '\''); });
    block.joined = block.single | mask(v, [](Bytes b) { return equal(b, '-'); });
    block.token = 0;
    const uint64_t upper = mask(v, [](Bytes b) { return within(b, 'A', 'Z'); });
    const uint64_t blank = mask(v, [](Bytes b) { return equal(b, ' '); });
    const uint64_t leads = block.word | block.wide | mask(v, [](Bytes b) { return equal(b, ',') | equal(b, ';'); });
    block.space = blank | mask(v, [](Bytes b) { return within(b, 9, 13) | within(b, 28, 31); });
    block.name = upper & (blank << 1 | reading.blank >> 63) & (leads << 2 | reading.leads >> 62);
    reading.blank = blank;
    reading.leads = leads;
    reading.odd |= valid & mask(v, [](Bytes b) { return (within(b, 0, 31) & ~(within(b, 9, 10) | equal(b, 13))) | equal(b, 127); });
    reading.tag |= mask(v, [](Bytes b) { return equal(b, '<'); });
}

bool is_utf8(const unsigned char *p, uint32_t code, uint32_t length) {
    static constexpr uint32_t smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
    for (uint32_t i = 1; i < length; ++i)
        if (!continues(p[i])) return false;
    return length > 1 && p[0] < 0xF8 && code >= smallest[length] && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
}

void set(std::vector<Block> &blocks, uint64_t Block::*bits, uint32_t place, uint32_t length) {
    for (uint32_t i = place; i < place + length; ++i) blocks[i >> 6].*bits |= uint64_t{1} << (i & 63);
}

// What a character that is not ASCII adds to the bits. Until the third pass `token` holds what may join words.
void classify(View &view, uint32_t place, uint32_t code, uint32_t length, Reading &reading) {
    const uint32_t flags = character_of(code).flags;
    if (flags & CURIOUS) reading.trouble |= UNCLEAN;
    if (flags & WORD) set(view.blocks, &Block::word, place, length);
    if (flags & SPACE) set(view.blocks, &Block::space, place, length);
    if (flags & DECIMAL) set(view.blocks, &Block::digit, place, 1);
    if (code == ELLIPSIS) set(view.blocks, &Block::stop, place, 1);
    if (code == LEFT_DOUBLE || code == RIGHT_DOUBLE) set(view.blocks, &Block::mark, place, 1);
    if (code == LEFT_SINGLE || code == RIGHT_SINGLE) set(view.blocks, &Block::single, place, 1);
    if (code == RIGHT_SINGLE) set(view.blocks, &Block::token, place, 1);
    if (code == SIGMA) view.sigma = true;
}

// The second pass.
void classify_wide(View &view, uint32_t number, Reading &reading) {
    const auto *text = reinterpret_cast<const unsigned char *>(view.text);
    const Block &block = view.blocks[number];
    for (uint64_t left = block.wide & block.first; left != 0; left &= left - 1) {
        const uint32_t place = number * 64 + lowest(left);
        const uint32_t length = length_of(text[place]), code = decode(text + place);
        if (!is_utf8(text + place, code, length)) {
            reading.trouble |= INVALID;
            return;
        }
        reading.inner += length - 1;
        classify(view, place, code, length, reading);
    }
    reading.inner -= View::count(block.wide & ~block.first);
}

struct Neighbours {
    uint64_t word = 0, joined = 0, barred = 0;  // of the block before; `barred`: characters that are no word, behind which is no name
    uint64_t spill = 0;                         // bytes that a curly apostrophe joins in the next block
};

// The third pass; `behind` are the word characters of the next block.
void join(Block &block, Neighbours &before, uint64_t behind) {
    const uint64_t word = block.word, left = word << 1 | before.word >> 63;
    const uint64_t right = word >> 1 | behind << 63, far = word >> 3 | behind << 61;
    const uint64_t curly = block.token & left & far, barred = block.wide & ~word;
    block.name &= ~(barred << 2 | before.barred >> 62);
    block.single &= ~(left & ((~block.wide & right) | (block.wide & far)));
    block.joined = word | (block.joined & left & right) | curly | curly << 1 | curly << 2 | before.spill;
    block.token = (block.joined & ~(block.joined << 1 | before.joined >> 63)) | (block.first & ~block.joined & ~block.space);
    before = {word, block.joined, barred, curly >> 62 | curly >> 63};
}

void join_all(View &view) {
    Neighbours before;
    uint32_t characters = 0, tokens = 0, words = 0;
    for (size_t i = 0; i < view.blocks.size(); ++i) {
        Block &block = view.blocks[i];
        join(block, before, i + 1 < view.blocks.size() ? view.blocks[i + 1].word : 0);
        block.characters = characters;
        block.tokens = tokens;
        characters += View::count(block.first);
        tokens += View::count(block.token);
        words += View::count(block.token & block.word);
    }
    view.lettered = words;
}

// Room for a text, and its copy.
void prepare(View &view, const char *text, uint32_t size) {
    const size_t blocks = size / 64 + 1;
    view.buffer.resize(blocks * 64 + 2 * View::PAD);
    char *copy = view.buffer.data() + View::PAD;
    memset(copy - View::PAD, 0, View::PAD);
    if (size > 0) memcpy(copy, text, size);
    memset(copy + size, 0, blocks * 64 + View::PAD - size);
    view.text = copy;
    view.size = size;
    view.wide = view.sigma = false;
    view.blocks.resize(blocks);
    view.lower.resize(blocks * 64);
}

void empty(View &view) {
    prepare(view, nullptr, 0);
    view.blocks[0] = Block{};
}

}  // namespace

uint32_t read(View &view, const char *text, size_t size) {
    if (size > LONGEST) {
        empty(view);
        return TOO_LONG;
    }
    prepare(view, text, static_cast<uint32_t>(size));
    Reading reading;
    uint64_t wide = 0;
    for (uint32_t i = 0; i < view.blocks.size(); ++i) {
        const uint64_t valid = view.size - 64 * i < 64 ? View::below(view.size) : ~uint64_t{0};
        classify_ascii(view.blocks[i], view.text + 64 * i, &view.lower[64 * i], valid, reading);
        wide |= view.blocks[i].wide;
    }
    view.wide = wide != 0;
    for (uint32_t i = 0; view.wide && i < view.blocks.size(); ++i) classify_wide(view, i, reading);
    if (reading.inner != 0) reading.trouble |= INVALID;
    if (reading.odd != 0 || (reading.tag != 0 && std::string_view(view.text, view.size).find("</") != std::string_view::npos))
        reading.trouble |= UNCLEAN;
    if (reading.trouble & INVALID) empty(view);
    join_all(view);
    return reading.trouble;
}

namespace {

// What tokens are replaced by stands behind the text in the arena.
constexpr std::string_view REPLACEMENTS = "'\"_0\xE2\x80\x94";
enum Replacement : uint32_t { APOSTROPHE = 0, QUOTATION = 1, NAME = 2, NUMBER = 3, DASH = 4 };

// Whether a bit of one kind stands in a word.
bool any(const std::vector<Block> &blocks, uint64_t Block::*bits, Span word) {
    uint32_t at = word.start >> 6;
    const uint32_t last = word.end >> 6;
    uint64_t held = blocks[at].*bits & ~View::below(word.start);
    while (at < last && held == 0) held = blocks[++at].*bits;
    return (at < last ? held : held & View::below(word.end)) != 0;
}

struct Speller {
    View &view;
    Reader reader;
    uint32_t behind;  // where the replacements begin

    explicit Speller(View &seen) : view(seen), reader(seen), behind(static_cast<uint32_t>(seen.blocks.size() * 64)) {
        view.lower.resize(behind);
        view.lower.append(REPLACEMENTS);
    }
    Span replacement(Replacement which) const { return {behind + which, behind + which + (which == DASH ? 3 : 1)}; }

    // Whether the token that begins with a capital behind a blank is a name: all but "I" and its contractions.
    bool is_name(uint32_t place) const {
        const char next = view.text[place + 1];
        return view.text[place] != 'I' || next == '-' || reader.word(place + 1);
    }

    // What the words of a token are where its span in the text does not tell.
    void spell(uint32_t token) {
        const Span span = view.tokens[token];
        const Block &block = view.blocks[span.start >> 6];
        const uint64_t begin = uint64_t{1} << (span.start & 63);
        if (!(block.joined & begin)) punctuation(token);
        else word(token, block.name & begin, any(view.blocks, &Block::digit, span), any(view.blocks, &Block::wide, span));
    }
    void punctuation(uint32_t token) {
        const uint32_t code = reader.at(view.tokens[token].start);
        if (code == RIGHT_SINGLE) view.words[token] = view.folded[token] = replacement(APOSTROPHE);
        else if (code == LEFT_SINGLE || code == LEFT_DOUBLE || code == RIGHT_DOUBLE) view.folded[token] = replacement(QUOTATION);
        else if (code == EN_DASH) view.folded[token] = replacement(DASH);
        else if (character_of(code).lower != 0) view.words[token] = view.folded[token] = lowered(view.tokens[token], false);
    }

    // A word that is a name, or holds digits or characters that are not ASCII.
    void word(uint32_t token, bool name, bool digit, bool wide) {
        const Span span = view.tokens[token];
        if (wide) view.words[token] = view.folded[token] = lowered(span, false);
        if (name && is_name(span.start)) view.folded[token] = replacement(NAME);
        else if (digit || (wide && view.sigma)) view.folded[token] = lowered(span, true);
    }

    Span lowered(Span span, bool fold) {
        std::string &out = view.lower;
        const auto start = static_cast<uint32_t>(out.size());
        bool number = false;
        for (uint32_t place = span.start; place < span.end; place = reader.next(place)) {
            const uint32_t code = reader.at(place);
            const bool again = number;
            number = fold && is(code, DECIMAL);
            if (!number) append(out, code == RIGHT_SINGLE ? '\'' : code == SIGMA ? sigma(place, fold) : lower_of(code));
            else if (!again) out += '0';
        }
        const auto end = static_cast<uint32_t>(out.size());
        if (!number || end - start != 1) return {start, end};
        out.resize(start);
        return replacement(NUMBER);
    }

    // A capital sigma in lower case: the final one behind a cased letter and not before one (Unicode, Final_Sigma).
    uint32_t sigma(uint32_t place, bool fold) const {
        uint32_t from = place;
        while (from > 0 && is(reader.before(from), IGNORABLE) && !(fold && breaks(reader.prev(from)))) from = reader.prev(from);
        if (from == 0 || !is(reader.before(from), CASED) || (fold && breaks(reader.prev(from)))) return SMALL_SIGMA;
        uint32_t to = reader.next(place);
        while (is(reader.at(to), IGNORABLE) && !(fold && reader.at(to) == LEFT_SINGLE)) to = reader.next(to);
        return is(reader.at(to), CASED) ? SMALL_SIGMA : FINAL_SIGMA;
    }

    // Whether folding puts a mark or mask here that is neither cased nor ignored.
    bool breaks(uint32_t place) const {
        if (reader.at(place) == LEFT_SINGLE) return true;
        const uint32_t token = view.token(place + 1);
        return token > 0 && place < view.tokens[token - 1].end && view.folded[token - 1] == replacement(NAME);
    }
};

// Where tokens may end: at a character that is no part of a word, at the begin of another token, and at the text's end.
uint64_t ends_in(const View &view, uint32_t number) {
    const Block &block = view.blocks[number];
    const uint64_t end = view.size >> 6 == number ? uint64_t{1} << (view.size & 63) : 0;
    return (block.first & ~block.joined) | block.token | end;
}

// The first such place from a block on.
uint32_t end_from(const View &view, uint32_t number) {
    uint64_t ends = ends_in(view, number);
    while (ends == 0) ends = ends_in(view, ++number);
    return number * 64 + lowest(ends);
}

}  // namespace

void find_tokens(View &view) {
    const std::vector<Block> &blocks = view.blocks;
    const uint32_t count = blocks.back().tokens + View::count(blocks.back().token);
    view.tokens.resize(count);
    view.words.resize(count);
    view.folded.resize(count);
    Speller speller(view);
    uint32_t token = 0;
    for (uint32_t number = 0; number < blocks.size(); ++number) {
        const Block &block = blocks[number];
        const uint64_t special = block.name | block.digit | block.wide, ends = ends_in(view, number);
        for (uint64_t left = block.token; left != 0; left &= left - 1, ++token) {
            const uint64_t begin = left & (0 - left), behind = ends & (0 - begin - begin);
            const uint32_t end = behind != 0 ? number * 64 + lowest(behind) : end_from(view, number + 1);
            view.tokens[token] = view.words[token] = view.folded[token] = {number * 64 + lowest(begin), end};
            const uint64_t bytes = (behind & (0 - behind)) - begin;
            if ((special & bytes) != 0 || behind == 0) speller.spell(token);
        }
    }
    view.lower.append(View::PAD, '\0');
    if (view.size && memchr(view.text, '_', view.size))  // the one word character that is neither letter nor digit
        for (const Span span : view.tokens) view.lettered -= view.text[span.start] == '_';
}

}  // namespace framing
