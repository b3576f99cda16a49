// Fuzzes the text layer: no byte is read outside of a text, and what is found keeps the promises of view.h.
//
// An input that is no UTF-8 is read once as it is and once with each byte over 127 as a character that some rule names.
#include <cstdlib>
#include <string>
#include <string_view>

#include "../language.h"
#include "../unicode.h"
#include "../view.h"

using namespace framing;

namespace {

constexpr const char *NAMED[] = {"“", "”", "‘", "’", "…", "–", "—", "«", "»", "•", "\u00a0", "\u2028", "\u0085", "é", "É", "ß",
                                 "Σ", "σ", "ʰ", "\u0301", "İ", "٣", "²", "中", "か", "ж", "\U0001F600", "Ⓐ", "K", "Ⱥ", "U.S.", "\n\n"};

void expect(bool held) {
    if (!held) abort();
}

// Spans lie in order and apart, from character to character.
void expect_apart(const View &view, const std::vector<Span> &spans) {
    uint32_t last = 0;
    for (const Span span : spans) {
        expect(last <= span.start && span.start < span.end && span.end <= view.size);
        expect(!continues(static_cast<unsigned char>(view.text[span.start])) && !continues(static_cast<unsigned char>(view.text[span.end])));
        last = span.end;
    }
}

// All that lies outside of the spans is blank.
void expect_cover(const View &view, const std::vector<Span> &spans) {
    const Reader reader(view);
    uint32_t place = 0;
    for (const Span span : spans) {
        expect(reader.skip(place) >= span.start);
        place = span.end;
    }
    expect(reader.skip(place) == view.size);
}

void expect_words(const View &view, const std::vector<Span> &words) {
    expect(words.size() == view.tokens.size());
    for (const Span word : words) expect(word.start < word.end && word.end + View::PAD <= view.lower.size());
}

void expect_sentences(const View &view) {
    expect(view.voices.size() == view.sentences.size() && view.bounds.size() == view.sentences.size());
    uint32_t last = 0;
    for (const Span tokens : view.bounds) {
        expect(last == tokens.start && tokens.start < tokens.end && tokens.end <= view.tokens.size());
        last = tokens.end;
    }
    expect(last == view.tokens.size());
}

bool same(const View &one, const View &other) {
    return one.tokens == other.tokens && one.words == other.words && one.folded == other.folded && one.lower == other.lower &&
           one.sentences == other.sentences && one.bounds == other.bounds && one.quoted == other.quoted && one.voices == other.voices;
}

// What another text left in a view's memory changes nothing. Asked of a part of the texts only: to make memory anew is most of the work.
void expect_as_fresh(const View &view, std::string_view text, uint32_t trouble) {
    View fresh;
    expect(cut(fresh, text.data(), text.size()) == trouble && same(view, fresh));
}

uint32_t read_one(std::string_view text) {
    static View view;  // its memory still holds the text before
    const uint32_t trouble = cut(view, text.data(), text.size());
    if (text.size() % 4 == 0) expect_as_fresh(view, text, trouble);
    expect((trouble & INVALID) ? view.size == 0 : view.size == text.size());
    expect_apart(view, view.tokens);
    expect_apart(view, view.sentences);
    expect_apart(view, view.quoted);
    expect_cover(view, view.tokens);
    expect_cover(view, view.sentences);
    expect_words(view, view.words);
    expect_words(view, view.folded);
    expect_sentences(view);
    expect(view.character(view.size) <= view.size && view.token(view.size) == view.tokens.size());
    identify(view);
    return trouble;
}

std::string named(std::string_view bytes) {
    std::string text;
    for (const char byte : bytes) {
        if (byte & 0x80) text += NAMED[byte & 31];
        else text += byte;
    }
    return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    if (read_one(text) & INVALID) expect(!(read_one(named(text)) & INVALID));
    return 0;
}
