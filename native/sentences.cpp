// The rules are those of framing/sentences.py, where they are told; each function here stands for the one of the same name there.
#include "sentences.h"

#include <algorithm>
#include <string_view>

#include "bits.h"
#include "unicode.h"
#include "words.h"

namespace framing {
namespace {

constexpr uint32_t LONGEST_QUOTATION = 2000;  // characters, as all numbers here

// Some characters, the ASCII ones as bits.
struct Set {
    uint64_t ascii[2] = {};
    char32_t others[10] = {};
    int count = 0;

    template <size_t N> explicit constexpr Set(const char32_t (&characters)[N]) {
        for (size_t i = 0; i + 1 < N; ++i) {
            if (characters[i] < 128) ascii[characters[i] >> 6] |= uint64_t{1} << (characters[i] & 63);
            else others[count++] = characters[i];
        }
    }
};

bool in(uint32_t code, const Set &set) {
    if (code < 128) return set.ascii[code >> 6] >> (code & 63) & 1;
    for (int i = 0; i < set.count; ++i)
        if (set.others[i] == code) return true;
    return false;
}

constexpr Set STOPS(U".!?…");
constexpr Set CLOSERS(U"\"'”’»)]}*");
constexpr Set CLOSING_DOUBLE(U"\"”");
constexpr Set GOES_ON(U"\n,;:)]}”’%&/+=");
constexpr Set BRACKETS(U")]}*");
constexpr Set DASHES(U"-–—");
constexpr Set NOTES(U"]}*");
constexpr Set OPENERS(U"\"'“‘«([{*_–—-¿¡");
constexpr Set ROMAN(U"IVXLC");
constexpr Set CLOSING(U"\"”’'");
constexpr Set APOSTROPHES(U"'’");
constexpr Set JOINERS(U"’'-");
constexpr Set BEHIND_CLOSING(U")%”’");
constexpr Set IN_ADDRESSES(U"@/_");
constexpr Set BULLETS(U"-•*–·▪‣●◦");
constexpr Set WRAPPED(U",;-–—&");
constexpr Set LINE_STOPS(U".!?…\"”’");
constexpr Set BEFORE_OPENING(U"([{—–-/“‘\"'");
constexpr Set BEHIND_STOP(U"\"'’)]");
constexpr Set NOT_QUOTED(U".,;:!?)]—–");
constexpr Set NOT_SINGLE(U".,;:!?)]\"”'’");

bool is_letter(unsigned char byte, char low, char high) { return byte >= low && byte <= high; }
bool small(unsigned char byte) { return is_letter(byte, 'a', 'z'); }
bool capital(unsigned char byte) { return is_letter(byte, 'A', 'Z'); }

const Words &abbreviations() {
    static const Words words(ABBREVIATIONS);
    return words;
}

// A text with the looks behind and ahead that sentences and quotations share.
struct Scan : Reader {
    const View &view;
    const Words &words = abbreviations();

    explicit Scan(const View &seen) : Reader(seen), view(seen) {}

    // The next place from here on that has a bit, or `end`.
    uint32_t next_of(uint64_t Block::*bits, uint32_t from, uint32_t end) const {
        if (from >= end) return end;
        uint32_t block = from >> 6;
        uint64_t left = view.blocks[block].*bits & ~View::below(from);
        while (left == 0 && ++block * 64 < end) left = view.blocks[block].*bits;
        return left == 0 ? end : std::min(end, block * 64 + lowest(left));
    }
    uint32_t length(uint32_t start, uint32_t end) const { return view.character(end) - view.character(start); }
    // The place of a character of a block.
    uint32_t place_of(uint32_t character, uint32_t block) const {
        uint64_t left = view.blocks[block].first;
        for (uint32_t skipped = view.blocks[block].characters; skipped < character && left != 0; ++skipped) left &= left - 1;
        return left == 0 ? size : block * 64 + lowest(left);
    }
    // The place some characters before this one, or the text's begin.
    uint32_t back(uint32_t place, uint32_t characters) const {
        const uint32_t here = view.character(place), wanted = here > characters ? here - characters : 0;
        uint32_t block = place >> 6;
        while (view.blocks[block].characters > wanted) --block;
        return place_of(wanted, block);
    }
    // The place some characters behind this one, or `limit`.
    uint32_t ahead(uint32_t place, uint32_t characters, uint32_t limit) const {
        if (limit <= place + characters) return limit;
        const uint32_t wanted = view.character(place) + characters;
        uint32_t block = place >> 6;
        while (block + 1 < view.blocks.size() && view.blocks[block + 1].characters <= wanted) ++block;
        return std::min(limit, place_of(wanted, block));
    }
    // The line break in a stretch, or its end.
    uint32_t line_end(uint32_t from, uint32_t to) const {
        const void *found = from < to ? memchr(p + from, '\n', to - from) : nullptr;
        return found == nullptr ? to : static_cast<uint32_t>(static_cast<const unsigned char *>(found) - p);
    }
    uint32_t skip_in_line(uint32_t place) const {
        while (blank(place) && p[place] != '\n') place = next(place);
        return place;
    }
    bool two_breaks(uint32_t from, uint32_t to) const {
        const uint32_t first = line_end(from, to);
        return first < to && line_end(first + 1, to) < to;
    }
    // The word of at most 16 characters that begins here, else nothing.
    Span word_at(uint32_t place) const {
        uint32_t end = place;
        for (int i = 0; i < 16 && word(end); ++i) end = next(end);
        return {place, word(end) ? place : end};
    }
    uint32_t lists(Span span) const { return words.lists(view.text + span.start, span.end - span.start); }
};

struct Candidate {
    uint32_t stop, stop_end, end, after;  // as _CANDIDATE finds them; stop_end is NONE at a line break
};

struct Token : Span {
    uint32_t length;  // characters
};

struct Splitter : Scan {
    uint32_t start = 0;  // of the sentence

    using Scan::Scan;

    Candidate candidate(uint32_t stop) const {
        uint32_t place = next(stop);
        if (p[stop] == '\n') return {stop, NONE, place, skip(place)};
        while (in(at(place), STOPS)) place = next(place);
        while (p[place] == ' ' && p[place + 1] == '.' && !word(place + 2)) place += 2;
        const uint32_t end = footnotes(closers(place));
        return {stop, place, end, skip(end)};
    }
    uint32_t closers(uint32_t place) const {
        while (in(at(place), CLOSERS) || (at(place) == U'“' && blank_or_none(next(place)))) place = next(place);
        return place;
    }
    uint32_t footnotes(uint32_t place) const {
        while (p[place] == '[') {
            const uint32_t behind = digits(place + 1, 3);
            if (behind == place + 1 || p[behind] != ']') break;
            place = behind + 1;
        }
        return place;
    }
    // Behind some digits at the most.
    uint32_t digits(uint32_t place, int most) const {
        while (most-- > 0 && is(at(place), DECIMAL)) place = next(place);
        return place;
    }

    // Where the sentence ends at this candidate, or 0 if it goes on.
    uint32_t end_of(Candidate c) const {
        if (c.stop_end == NONE) return line_ends(c.stop, c.after) ? std::max(start, strip(start, c.stop)) : 0;
        if (c.end == c.after) return glued_ends(c) ? c.end : 0;
        const bool breaks = line_end(c.end, c.after) < c.after;
        if (breaks && (two_breaks(c.end, c.after) || line_mark(c.after))) return c.end;
        if (closes_apart(c.after)) {
            c.end = next(c.after);
            c.after = skip(c.end);
            if (c.after == size) return 0;
        }
        return stop_ends(c, breaks) ? c.end : 0;
    }
    bool closes_apart(uint32_t place) const {
        const uint32_t code = at(place);
        if (!in(code, CLOSING_DOUBLE) || !blank_or_none(next(place))) return false;
        return code != '"' || straight_marks(std::max(start, back(place, 300)), place) % 2 == 1;
    }
    uint32_t straight_marks(uint32_t from, uint32_t to) const {
        uint32_t marks = 0;
        for (uint32_t place = next_of(&Block::mark, from, to); place < to; place = next_of(&Block::mark, place + 1, to)) marks += p[place] == '"';
        return marks;
    }

    bool stop_ends(const Candidate &c, bool new_line) const {
        const uint32_t opened = is(at(c.after), ALNUM) ? c.after : first(c.after);
        const uint32_t code = at(opened), closing = before(c.end);
        const bool closed = c.stop_end < c.end;
        if (c.stop == start || code == NONE || in(code, GOES_ON)) return false;
        if (closed && !in(closing, BRACKETS) && in(at(c.after), DASHES)) return false;
        const bool lower = is(code, LOWER) && !brand(opened);
        if (lower && closed && !in(closing, NOTES)) return false;
        if (p[c.stop] != '.' || c.stop_end - c.stop > 1) return shout_or_ellipsis_ends(c, opened, lower, new_line);
        return full_stop_ends(c, opened, lower, new_line);
    }
    uint32_t first(uint32_t place) const {
        while (in(at(place), OPENERS) || (blank(place) && p[place] != '\n')) place = next(place);
        return place;
    }
    bool shout_or_ellipsis_ends(const Candidate &c, uint32_t opened, bool lower, bool new_line) const {
        if (c.stop_end < c.end && speaker(opened) && !starter(opened)) return false;
        if (shouts(c)) return (!lower || new_line) && (!(lists(token(c.stop)) & SHOUT) || starter(opened));
        if (lower || is(at(opened), DIGIT) || next(start) >= c.stop) return false;
        const Span word = word_at(opened);
        const Token last = token(p[c.stop - 1] == ' ' ? c.stop - 1 : c.stop);
        return word.start == word.end || text(word) != text(last);
    }
    bool shouts(const Candidate &c) const {
        const auto *end = p + c.stop_end;
        return std::any_of(p + c.stop, end, [](unsigned char byte) { return byte == '!' || byte == '?'; });
    }
    std::string_view text(Span span) const { return {view.text + span.start, span.end - span.start}; }

    bool full_stop_ends(const Candidate &c, uint32_t opened, bool lower, bool new_line) const {
        const Token last = token(c.stop);
        if (enumeration(last) && !new_line && (last.start == start || behind_colon(last.start))) return false;
        const uint32_t kinds = lists(last);
        if ((kinds & NEVER) || title(last)) return c.stop_end < c.end && abbreviation_ends(c, opened, false);
        if (clock(last)) return !lower && !(lists(word_at(opened)) & CLOCK);
        if ((kinds & SOMETIMES) || acronym(last)) return abbreviation_ends(c, opened, new_line);
        if (kinds & BEFORE_NUMBER) return !lower && !is(at(opened), DIGIT);
        return !lower || new_line || (plain(last) && !(lists(word_at(opened)) & DOMAIN_NAME));
    }
    bool behind_colon(uint32_t place) const { return place >= 2 && p[place - 2] == ':' && p[place - 1] == ' '; }
    bool enumeration(Token token) const {
        const uint32_t from = token.start, bytes = token.end - from;
        if (bytes == 0 || token.length > 5) return false;
        if (digits(from, 3) == token.end) return true;
        if (bytes == 1) return small(p[from] | 0x20);
        return std::all_of(p + from, p + token.end, [](unsigned char byte) { return in(byte, ROMAN); });
    }
    // What stands behind the last dot is a title: `then-Sen`, `U.S.Sen`.
    bool title(Token token) const {
        uint32_t from = token.end;
        while (from > token.start && p[from - 1] != '.') --from;
        return from > token.start && from < token.end && (lists({from, token.end}) & NEVER) && is(at(from), UPPER);
    }
    bool clock(Token token) const {
        const std::string_view word = text(token);
        return word == "a.m" || word == "p.m" || word == "A.M" || word == "P.M";
    }
    bool acronym(Token token) const {
        if (token.length % 2 == 0 || (token.length == 1 && !is(at(token.start), UPPER))) return false;
        bool letter = true;
        for (uint32_t place = token.start; place < token.end; place = next(place), letter = !letter)
            if (letter ? !is(at(place), ALNUM) || is(at(place), DECIMAL) : p[place] != '.') return false;
        return true;
    }
    bool plain(Token token) const {
        if (token.length < 4) return false;
        for (uint32_t place = token.start; place < token.end; place = next(place))
            if (!is(at(place), LOWER)) return false;
        return true;
    }
    bool abbreviation_ends(const Candidate &c, uint32_t opened, bool new_line) const {
        if (in(at(c.after), DASHES) || is(at(opened), LOWER)) return false;
        if (c.stop_end < c.end && in(before(c.end), CLOSING)) return is(at(opened), UPPER) && !speaker(opened);
        return starter(opened) || (new_line && line_ends(c.end, c.after));
    }

    Token token(uint32_t stop) const {
        uint32_t from = stop, length = 0;
        for (; from > start && length < 24 && part_of_token(before(from)); ++length) from = prev(from);
        const uint32_t behind = before(from);
        const bool inside = part_of_token(behind) || (in(behind, APOSTROPHES) && is(before(prev(from)), WORD));
        return inside ? Token{{stop, stop}, 0} : Token{{from, stop}, length};
    }
    static bool part_of_token(uint32_t code) { return code == '.' || code == '&' || is(code, WORD); }

    bool starter(uint32_t place) const {
        const Span word = word_at(place);
        return (lists(word) & STARTER) && (word.end - word.start > 1 || p[place + 1] != '.');
    }
    bool speaker(uint32_t place) const {
        for (int names = 0; names < 4 && capital(p[place]); ++names) {
            uint32_t end = place + 1;
            for (int i = 0; i < 20 && (word(end) || in(at(end), JOINERS)); ++i) end = next(end);
            if (p[end] == '.') ++end;
            if (!blank(end)) return false;
            place = next(end);
            if (lists(word_at(place)) & SPEECH) return true;
        }
        return false;
    }
    // `iPhone`, `al-Shabab`
    bool brand(uint32_t place) const {
        const uint32_t from = place;
        while (place < from + 3 && small(p[place])) ++place;
        return place > from && capital(p[place] == '-' ? p[place + 1] : p[place]);
    }

    bool glued_ends(const Candidate &c) const {
        if (c.stop == start) return false;
        const uint32_t behind = before(c.stop), code = at(c.end), follows = at(next(c.end));
        if (!is(behind, LOWER | DIGIT) && !in(behind, BEHIND_CLOSING)) return false;
        if (code == U'“' || (code == '(' && is(follows, UPPER))) return true;
        if (!is(code, UPPER) || !(is(follows, LOWER) || follows == ' ')) return false;
        const Span word = word_at(c.end);
        const uint32_t kinds = lists(word), tail = at(word.end);
        if (word.start == word.end || (kinds & DOMAIN_NAME) || in(tail, IN_ADDRESSES) || (tail == '.' && is(at(word.end + 1), ALNUM))) return false;
        const Token last = token(c.stop);
        const uint32_t known = lists(last);
        if ((known & (NEVER | SHOUT)) || ((known & SOMETIMES) && !(kinds & STARTER)) || enumeration(last)) return false;
        return !address(std::max(start, back(c.stop, 64)), c.stop);
    }
    // Whether the last piece without a blank in a stretch is an address or a path.
    bool address(uint32_t from, uint32_t to) const {
        to = strip(from, to);
        uint32_t begin = to;
        while (begin > from && !is(before(begin), SPACE)) begin = prev(begin);
        const std::string_view piece = text({begin, to});
        const size_t dot = piece.find('.');
        const bool path = dot != std::string_view::npos && piece.find('/', dot) != std::string_view::npos;
        return path || piece.find('@') != piece.npos || piece.find("//") != piece.npos || piece.find("www.") != piece.npos;
    }

    bool line_mark(uint32_t place) const {
        const uint32_t code = at(place), behind = next(place);
        if (in(code, BULLETS) && blank(behind)) return true;
        if (code == U'—') return blank(behind) && !small(p[next(behind)]);
        if (small(p[place])) return p[place + 1] == ')' && blank(place + 2);
        const uint32_t end = digits(place, 3);
        return end > place && (p[end] == '.' || p[end] == ')') && blank(end + 1);
    }
    bool line_ends(uint32_t place, uint32_t after) const {
        if (two_breaks(place, after) || line_mark(after)) return true;
        if (is(at(after), LOWER) && !brand(after)) return false;
        const uint32_t low = back(place, 202), begin = line_begin(low, place);
        const Span line = stripped(begin, place);
        const uint32_t size_of_line = length(line.start, line.end), last = line.start < line.end ? before(line.end) : NONE;
        if (size_of_line > 100 || last == ':') return true;
        if (begin > low && length(line_begin(low, begin - 1), begin - 1) > 100) return true;
        if (in(last, WRAPPED)) return false;
        return size_of_line < 24 || !has_plain_word(line) || had_room(size_of_line, after);
    }
    // Behind the last line break in a stretch, or its begin.
    uint32_t line_begin(uint32_t from, uint32_t to) const {
        while (to > from && p[to - 1] != '\n') --to;
        return to;
    }
    Span stripped(uint32_t from, uint32_t to) const {
        while (from < to && blank(from)) from = next(from);
        return {from, strip(from, to)};
    }
    bool has_plain_word(Span line) const {
        uint32_t behind = NONE;
        for (uint32_t place = line.start; place < line.end; behind = at(place), place = next(place))
            if (small(p[place]) && !is(behind, WORD) && !in(behind, APOSTROPHES) && four(place, line.end)) return true;
        return false;
    }
    bool four(uint32_t place, uint32_t end) const {
        int letters = 0;
        for (; letters < 4 && place < end && word(place); ++letters) place = next(place);
        return letters == 4;
    }
    bool had_room(uint32_t line, uint32_t after) const {
        const uint32_t end = strip(after, line_end(after, ahead(after, 101, size))), following = length(after, end);
        if (following > 100) return true;
        if (!in(before(end), LINE_STOPS) && (10 * following < 7 * line || date_line(after, end))) return true;
        uint32_t word = after;
        while (word < end && !blank(word)) word = next(word);
        return line + 1 + length(after, word) <= following;
    }
    // `Tuesday, M`, `By J`, `May 1, 2024`
    bool date_line(uint32_t place, uint32_t end) const {
        const std::string_view line = text({place, end});
        if (line.size() < 4 || !capital(p[place])) return false;
        if (line.substr(0, 3) == "By " && capital(p[place + 3])) return true;
        size_t name = 1;
        while (name < line.size() && small(line[name])) ++name;
        if (name >= 5 && line.substr(name - 3, 5) == "day, " && name + 2 < line.size() && capital(line[name + 2])) return true;
        return name >= 3 && name <= 9 && date(place + static_cast<uint32_t>(name), end);
    }
    bool date(uint32_t place, uint32_t end) const {
        if (p[place] == '.') ++place;
        if (p[place] != ' ') return false;
        const uint32_t behind = digits(place + 1, 2);
        if (behind == place + 1 || p[behind] != ',' || p[behind + 1] != ' ') return false;
        const uint32_t year = digits(behind + 2, 4);
        return year <= end && length(behind + 2, year) == 4;
    }

    void split(std::vector<Span> &spans) {
        start = skip(0);
        uint32_t after = start;
        for (uint32_t stop = next_of(&Block::stop, after, size); stop < size; stop = next_of(&Block::stop, after, size)) {
            const Candidate found = candidate(stop);
            after = found.after;
            if (after == size) break;
            const uint32_t end = end_of(found);
            if (end <= start) continue;
            spans.push_back({start, end});
            start = end <= after ? after : skip(end);
        }
        const uint32_t end = strip(start, size);
        if (end > start) spans.push_back({start, end});
    }
};

struct Quotations : Scan {
    std::vector<Span> found;

    using Scan::Scan;

    bool far(uint32_t opened, uint32_t mark) const {
        return mark - opened > LONGEST_QUOTATION && length(opened, mark) > LONGEST_QUOTATION;
    }
    void add(uint32_t from, uint32_t to) {
        while (from < to && blank(from)) from = next(from);
        to = strip(from, to);
        if (from < to) found.push_back({from, to});
    }
    static bool is_left(uint32_t code) { return code == NONE || is(code, SPACE) || in(code, BEFORE_OPENING); }

    // Behind the first paragraph's end in a stretch, or with `stops` behind the first line that ends in a stop; NONE if there is none.
    uint32_t paragraph_end(uint32_t from, uint32_t to, bool stops) const {
        for (uint32_t place = next_of(&Block::stop, from, to); place < to; place = next_of(&Block::stop, next(place), to)) {
            if (p[place] != '\n' && !stops) continue;
            uint32_t end = next(place);
            while (p[place] != '\n' && end < to && in(at(end), BEHIND_STOP)) end = next(end);
            end = skip_in_line(end);
            if (end < to && p[end] == '\n') return end + 1;
        }
        return NONE;
    }
    uint32_t unclosed(uint32_t opened, uint32_t limit) const {
        limit = ahead(opened, LONGEST_QUOTATION, limit);
        if (p[opened] == '"') return line_end(opened, limit);
        const uint32_t end = paragraph_end(opened, limit, true);
        return end == NONE ? limit : end;
    }

    void find_double() {
        uint32_t opened = NONE, previous = NONE;
        for (uint32_t mark = next_of(&Block::mark, 0, size); mark < size; mark = next_of(&Block::mark, mark + 1, size)) {
            if (opened != NONE && (far(opened, mark) || breaks_off(previous, mark))) {
                add(next(opened), unclosed(opened, mark));
                opened = NONE;
            }
            if (opened == NONE) {
                opened = opens(mark) ? mark : NONE;
            } else if (!plainly_opens(mark)) {
                add(next(opened), mark);
                opened = NONE;
            } else if (blank(next(opened))) {
                opened = mark;
            }
            previous = mark;
        }
        if (opened != NONE) add(next(opened), unclosed(opened, size));
    }
    bool breaks_off(uint32_t previous, uint32_t mark) const {
        if (line_end(previous, mark) == mark) return false;
        return paragraph_end(previous, mark, false) != NONE || !plainly_closes(mark);
    }
    bool opens(uint32_t mark) const {
        const uint32_t code = at(mark), left = before(mark), right = at(next(mark));
        if (code == U'”' || right == '\n') return false;
        if (is_left(left)) return true;
        return code == '"' ? !is(left, WORD) && is(right, WORD) : !blank_or_none(next(mark));
    }
    bool plainly_opens(uint32_t mark) const {
        const uint32_t code = at(mark), behind = next(mark);
        if (code == U'“') return is_left(before(mark)) || !blank_or_none(behind);
        return code == '"' && is_left(before(mark)) && !blank_or_none(behind) && !in(at(behind), NOT_QUOTED);
    }
    bool plainly_closes(uint32_t mark) const {
        const uint32_t code = at(mark);
        return code == '"' ? !is(before(mark), SPACE) && !word(mark + 1) : code == U'”';
    }

    void find_single() {
        uint32_t opened = NONE, doubtful = NONE, previous = NONE;
        for (uint32_t mark = next_of(&Block::single, 0, size); mark < size; mark = next_of(&Block::single, mark + 1, size)) {
            const bool open = single_opens(mark);
            if (opened != NONE && (open || far(opened, mark) || paragraph_end(previous, mark, true) != NONE)) {
                give_up(opened, doubtful, mark);
                opened = doubtful = NONE;
            }
            if (open) {
                opened = mark;
            } else if (opened != NONE && at(mark) != U'‘' && !is(before(mark), SPACE)) {
                if (!possessive(mark)) {
                    add(next(opened), mark);
                    opened = doubtful = NONE;
                } else if (doubtful == NONE) {
                    doubtful = mark;
                }
            }
            previous = mark;
        }
        if (opened != NONE) give_up(opened, doubtful, size);
    }
    void give_up(uint32_t opened, uint32_t doubtful, uint32_t limit) {
        if (doubtful != NONE) add(next(opened), doubtful);
        else if (at(opened) == U'‘' && (opened == 0 || p[opened - 1] == '\n')) add(next(opened), unclosed(opened, limit));
    }
    bool single_opens(uint32_t mark) const {
        const uint32_t behind = next(mark);
        if (at(mark) == U'’' || blank_or_none(behind) || !is_left(before(mark))) return false;
        return !elision(behind) && !in(at(behind), NOT_SINGLE);
    }
    // `'90s`, `'em`
    bool elision(uint32_t place) const {
        const Span word = word_at(place);
        if (lists(word) & ELISION) return true;
        uint32_t end = place;
        for (int i = 0; i < 2; ++i, end = next(end))
            if (!is(at(end), DECIMAL)) return false;
        return end == word.end || (p[end] == 's' && end + 1 == word.end);
    }
    bool possessive(uint32_t mark) const {
        const uint32_t behind = next(mark);
        if (p[behind] != ' ' || !is(at(behind + 1), ALNUM)) return false;
        const unsigned char last = p[mark - 1];
        return last == 's' || last == 'S' || (last == 'n' && mark >= 2 && p[mark - 2] == 'i');
    }
};

bool crosses(Span span, const std::vector<Span> &others) {
    const auto ends_by = [](uint32_t place, Span other) { return place < other.end; };
    const auto starts_before = [](Span other, uint32_t place) { return other.start < place; };
    const auto first = std::upper_bound(others.begin(), others.end(), span.start, ends_by);
    const auto last = std::lower_bound(others.begin(), others.end(), span.end, starts_before);
    if (first >= last) return false;
    const bool around = first->start >= span.start && (last - 1)->end <= span.end;
    const bool within = first->start < span.start && span.end <= first->end;
    return !around && !within;
}

// How many word characters there are.
uint32_t word_characters(const View &view, uint32_t from, uint32_t to) {
    uint32_t characters = 0;
    for (uint32_t block = from >> 6; block <= to >> 6; ++block) {
        uint64_t bits = view.blocks[block].word & view.blocks[block].first;
        if (block == from >> 6) bits &= ~View::below(from);
        if (block == to >> 6) bits &= View::below(to);
        characters += View::count(bits);
    }
    return characters;
}

bool mostly_quoted(const View &view, Span span, size_t index) {
    uint32_t inside = 0;
    for (; index < view.quoted.size() && view.quoted[index].start < span.end; ++index)
        inside += word_characters(view, std::max(span.start, view.quoted[index].start), std::min(span.end, view.quoted[index].end));
    return inside > 0 && 2 * inside > word_characters(view, span.start, span.end);
}

}  // namespace

void find_sentences(View &view) {
    view.sentences.clear();
    Splitter(view).split(view.sentences);
}

void find_quotations(View &view) {
    Quotations doubled(view), single(view);
    doubled.find_double();
    single.find_single();
    std::vector<Span> all = doubled.found;
    for (const Span span : single.found)
        if (!crosses(span, doubled.found)) all.push_back(span);
    std::sort(all.begin(), all.end(), [](Span a, Span b) { return a.start < b.start || (a.start == b.start && a.end < b.end); });
    view.quoted.clear();
    for (const Span span : all)
        if (view.quoted.empty() || span.start >= view.quoted.back().end) view.quoted.push_back(span);
}

void find_voices(View &view) {
    view.voices.clear();
    size_t index = 0;
    for (const Span sentence : view.sentences) {
        while (index < view.quoted.size() && view.quoted[index].end <= sentence.start) ++index;
        view.voices.push_back(mostly_quoted(view, sentence, index));
    }
}

bool is_quoted(const View &view, uint32_t place) {
    const auto starts_behind = [](uint32_t at, Span span) { return at < span.start; };
    const auto next = std::upper_bound(view.quoted.begin(), view.quoted.end(), place, starts_behind);
    return next != view.quoted.begin() && place < (next - 1)->end;
}

}  // namespace framing
