// The rules are those of framing/language.py; each function here stands for the one of the same name there.
#include "language.h"

#include <algorithm>
#include <string_view>

#include "unicode.h"
#include "words.h"

namespace framing {
namespace {

constexpr uint32_t ENGLISH = 1;  // the first language's bit
constexpr size_t TONGUES = std::size(LANGUAGES);

const Words &function_words() {
    static const Words words(FUNCTION_WORDS);
    return words;
}

// The words that are read: all, or some runs spread evenly.
class Sample {
  public:
    explicit Sample(const View &view) : text(view.lower.data()) {
        const size_t all = view.words.size();
        if (all <= BLOCKS * BLOCK) {
            for (const Span word : view.words) words[count++] = word;
            return;
        }
        const double stride = static_cast<double>(all - BLOCK) / (BLOCKS - 1);
        for (uint32_t i = 0; i < BLOCKS; ++i)
            for (uint32_t j = 0; j < BLOCK; ++j) words[count++] = view.words[static_cast<size_t>(i * stride) + j];
    }
    size_t size() const { return count; }
    const Span *begin() const { return words; }
    const Span *end() const { return words + count; }

    std::string_view string(Span word) const { return {text + word.start, word.end - word.start}; }
    uint32_t lists(Span word) const { return known.lists(text + word.start, word.end - word.start); }
    uint32_t languages(Span word) const { return lists(word) & (PARTICLE - 1); }
    uint32_t code(uint32_t place) const { return decode(reinterpret_cast<const unsigned char *>(text) + place); }
    uint32_t next(uint32_t place) const { return place + length_of(static_cast<unsigned char>(text[place])); }
    bool ascii(Span word) const {
        uint32_t place = word.start;
        for (; word.end - place > 8; place += 8)
            if (high_bits(place, 8) != 0) return false;
        return high_bits(place, word.end - place) == 0;
    }
    bool one_character(Span word) const { return next(word.start) >= word.end; }
    // Each of the first characters of a word.
    template <class Do> void characters(Span word, Do act) const {
        uint32_t place = word.start;
        for (uint32_t i = 0; i < LONGEST && place < word.end; ++i, place = next(place)) act(code(place));
    }
    // Each character of the words that are not ASCII.
    template <class Do> void odd_characters(Do act) const {
        for (const Span word : *this)
            if (!ascii(word)) characters(word, act);
    }
    bool alphabetic(Span word) const {
        const std::string_view bytes = string(word);
        return std::all_of(bytes.begin(), bytes.end(), [](unsigned char byte) { return byte < 0x80 && is(byte, LETTER); });
    }
    bool number(Span word) const {
        bool decimal = true;
        characters(word, [&](uint32_t code) { decimal = decimal && is(code, DECIMAL); });
        return decimal;
    }

  private:
    // The highest bits of up to 8 bytes.
    uint64_t high_bits(uint32_t place, uint32_t bytes) const {
        uint64_t number;
        memcpy(&number, text + place, sizeof number);
        return number << (64 - 8 * bytes) & 0x8080808080808080u;
    }

    const Words &known = function_words();
    const char *text;
    Span words[BLOCKS * BLOCK];
    size_t count = 0;
};

const Script &script_of(uint32_t code) {
    const auto starts_behind = [](uint32_t at, const Script &script) { return at < script.start; };
    return *(std::upper_bound(std::begin(SCRIPTS), std::end(SCRIPTS), code, starts_behind) - 1);
}

struct Score {
    std::string_view name;
    uint32_t score;
};

// Add to a name's score; the names stay in the order in which they came.
void add(std::vector<Score> &scores, std::string_view name, uint32_t score) {
    const auto found = std::find_if(scores.begin(), scores.end(), [&](const Score &known) { return known.name == name; });
    if (found == scores.end()) scores.push_back({name, score});
    else found->score += score;
}

// The first of the highest.
Score highest(const std::vector<Score> &scores, Score best) {
    for (const Score &other : scores)
        if (other.score > best.score) best = other;
    return best;
}

const char *of_script(const Sample &sample, std::string_view script) {
    uint32_t total = 0;
    sample.odd_characters([&](uint32_t code) { total += code >= 0x370 && is(code, LETTER); });
    for (const Letters &rule : LETTERS) {
        if (rule.script != script) continue;
        uint32_t own = 0;
        const std::u32string_view letters = rule.own;
        sample.odd_characters([&](uint32_t code) { own += letters.find(code) != letters.npos; });
        if (own >= rule.share * total) return rule.language;
    }
    const auto named = [&](const Script &known) { return known.name == script; };
    return std::find_if(std::begin(SCRIPTS), std::end(SCRIPTS), named)->name;
}

const char *by_script(const Sample &sample) {
    std::vector<Score> scripts;
    uint32_t total = 0, latin = 0;
    sample.odd_characters([&](uint32_t code) {
        if (!is(code, LETTER)) return;
        latin += code < 0x370;
        const Script &script = script_of(code);
        if (script.name[0] == '\0' || std::string_view(script.name) == SCRIPTS[0].name) return;
        add(scripts, script.name, script.weight);
        total += script.weight;
    });
    if (scripts.empty()) return nullptr;
    for (const Span word : sample)
        if (sample.alphabetic(word)) sample.characters(word, [&](uint32_t) { ++latin; });
    return total > latin ? of_script(sample, highest(scripts, {}).name) : nullptr;
}

// How many words of each language there are, counted for all languages at once: bit n of a word's languages goes to bit n of
// nine planes, which hold the ones, twos, fours ... of the counts.
class Known {
  public:
    explicit Known(const Sample &of) : sample(of) {
        uint32_t planes[PLANES] = {};
        const Span *word = sample.begin();
        for (; sample.end() - word >= 4; word += 4) add(planes, word);
        for (; word != sample.end(); ++word) carry(planes, 0, languages(*word));
        for (size_t tongue = 0; tongue < TONGUES; ++tongue)
            for (size_t i = 0; i < PLANES; ++i) scores[tongue] += (planes[i] >> tongue & 1) << i;
    }
    uint32_t english() const { return scores[0]; }
    uint32_t only_english() const { return only; }
    uint32_t score(size_t tongue) const { return scores[tongue]; }
    // The highest score of another language.
    uint32_t rival() const { return *std::max_element(scores + 1, scores + TONGUES); }

    // The other language with the highest score; of several the one whose word came first, or stands first among the word's.
    size_t best() const {
        const uint32_t highest = rival();
        for (const Span word : sample)
            for (size_t tongue = 1; tongue < TONGUES; ++tongue)
                if (scores[tongue] == highest && sample.languages(word) >> tongue & 1) return tongue;
        return TONGUES;
    }

  private:
    static constexpr size_t PLANES = 9;

    uint32_t languages(Span word) {
        const uint32_t known = sample.languages(word);
        only += known == ENGLISH;
        return known;
    }
    // Add bits to the planes from one on.
    static void carry(uint32_t *planes, size_t from, uint32_t bits) {
        for (size_t i = from; i < PLANES; ++i) {
            const uint32_t both = planes[i] & bits;
            planes[i] ^= bits;
            bits = both;
        }
    }
    // Two rows of bits and a plane: what stays in it; gives what is carried.
    static uint32_t full(uint32_t &plane, uint32_t a, uint32_t b) {
        const uint32_t odd = a ^ b, carried = (a & b) | (odd & plane);
        plane ^= odd;
        return carried;
    }
    void add(uint32_t *planes, const Span *four) {
        const uint32_t one = full(planes[0], languages(four[0]), languages(four[1])), other = full(planes[0], languages(four[2]), languages(four[3]));
        carry(planes, 2, full(planes[1], one, other));
    }
    static_assert(BLOCKS * BLOCK < 1u << PLANES, "a count must fit");
    const Sample &sample;
    uint32_t only = 0, scores[TONGUES + 1] = {};
};

// How many words of a language are not such as stand in names, nor initials.
bool proof(const Sample &sample, size_t tongue) {
    uint32_t words = 0;
    for (const Span word : sample) {
        const uint32_t lists = sample.lists(word);
        words += (lists >> tongue & 1) && !(lists & PARTICLE) && !sample.one_character(word);
    }
    return words >= PROOF;
}

bool ends_as_english(std::string_view word) {
    return std::any_of(std::begin(ENDINGS), std::end(ENDINGS), [&](std::string_view ending) {
        return word.size() >= ending.size() && word.substr(word.size() - ending.size()) == ending;
    });
}

const char *doubtful(const Sample &sample, const Known &known, size_t best) {
    uint32_t words = 0, letters = 0, plain = 0, looks = known.english();
    for (const Span word : sample) {
        if (sample.one_character(word) && !is(sample.code(word.start), ALNUM)) continue;
        ++words;
        if (sample.number(word)) continue;
        ++letters;
        plain += !(sample.lists(word) & PARTICLE);
        looks += ends_as_english(sample.string(word));
    }
    if (words < ENOUGH) return letters > 0 ? LANGUAGES[0] : nullptr;
    if (looks > 0 && looks * 7 >= plain) return LANGUAGES[0];
    const uint32_t score = known.score(best);
    const bool dense = score >= known.english() + 1 && score >= LEAD && score >= letters / 8.0;
    return dense && best < TONGUES && proof(sample, best) ? LANGUAGES[best] : "und";
}

const char *by_words(const Sample &sample) {
    const Known known(sample);
    const size_t best = known.rival() >= LEAD ? known.best() : TONGUES;
    if (known.score(best) >= known.english() + LEAD && proof(sample, best)) return LANGUAGES[best];
    if (known.only_english() * 10 >= sample.size() && sample.size() > 0) return LANGUAGES[0];
    return doubtful(sample, known, best);
}

}  // namespace

const char *identify(const View &view) {
    const Sample sample(view);
    const char *script = view.wide ? by_script(sample) : nullptr;
    return script != nullptr ? script : by_words(sample);
}

}  // namespace framing
