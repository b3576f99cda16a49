#include "space.h"

#include <algorithm>

#include "unicode.h"

namespace framing {

namespace {

const unsigned char *bytes(std::string_view text) { return reinterpret_cast<const unsigned char *>(text.data()); }

// The first character of a word; words come from valid UTF-8, so it is whole, but its bytes may be the last that can be read.
uint32_t first_of(std::string_view word) {
    unsigned char room[4] = {0, 0, 0, 0};
    memcpy(room, word.data(), std::min<size_t>(4, word.size()));
    return decode(room);
}

bool ends_in(std::string_view word, std::string_view end) {
    return word.size() >= end.size() && word.substr(word.size() - end.size()) == end;
}

// Where character `count` begins, or the end of a word that has no more.
size_t place_of(std::string_view word, uint32_t count) {
    size_t at = 0;
    for (; count > 0 && at < word.size(); --count) at += length_of(bytes(word)[at]);
    return std::min(at, word.size());
}

bool looks_plural(std::string_view word) {
    if (word == "people" || word == "others") return true;
    if (place_of(word, 3) >= word.size() || !ends_in(word, "s")) return false;
    return !ends_in(word, "ss") && !ends_in(word, "us") && !ends_in(word, "is") && !ends_in(word, "'s");
}

}  // namespace

std::string_view Space::ending_of(std::string_view word) {
    size_t at = word.size();
    for (int count = 0; count < 3 && at > 0; ++count) {
        do --at;
        while (at > 0 && continues(bytes(word)[at]));
    }
    return word.substr(at);
}

std::string_view Space::beginning_of(std::string_view word) { return word.substr(0, place_of(word, 4)); }

std::string_view Space::shape_of(std::string_view word, char *room) {
    char *out = room;
    uint32_t before = 0;
    size_t at = 0;
    for (uint32_t count = 0; at < word.size();) {
        const size_t length = length_of(bytes(word)[at]);
        const uint32_t code = length == 1 ? bytes(word)[at] : first_of(word.substr(at));
        const uint32_t sort = code - 'A' < 26 ? 'X' : code - 'a' < 26 ? 'x' : is(code, DECIMAL) ? 'd' : 0;
        if (!sort || sort != before) {
            if (++count > 6) break;
            if (sort) *out++ = static_cast<char>(sort);
            else out = std::copy_n(word.data() + at, length, out);
        }
        before = sort;
        at += length;
    }
    return {room, static_cast<size_t>(out - room)};
}

uint32_t Space::traits_of(std::string_view word) const {
    if (word.empty()) return 0;
    const uint32_t first = first_of(word);
    const bool is_long = place_of(word, 4) < word.size();
    uint32_t traits = 0;
    if (is_long) traits |= LONG;
    if (is(first, ALNUM)) traits |= ALNUMERIC;
    if (is(first, DIGIT)) traits |= NUMERIC;
    if (ends_in(word, "n't")) traits |= NEGATED;
    if (is_long && ends_in(word, "ed")) traits |= WAS;
    if (looks_plural(word)) traits |= PLURAL;
    if (word.size() != 1) return traits;
    if (word == "_") traits |= BLANKED;
    if (word == "\"") traits |= DOUBLE;
    if (word == "'" || word == "`") traits |= SINGLE;
    if (word == "," || word == "." || word == "!" || word == "?") traits |= ENDS_QUOTE;
    return traits;
}

void Space::describe(std::string_view word) {
    Word made;
    made.traits = traits_of(word);
    about.push_back(made);
}

void Space::list(const Strings &list, uint32_t trait) {
    for (std::string_view word : list) {
        const uint32_t id = add_word(word);
        about[id].traits |= trait;
    }
}

Space::Space(const ModelSpec &lists) {
    blank = pieces.add("");
    bracket_open = add_word("<s>");
    bracket_close = add_word("</s>");
    title_end = add_word("¶");
    target = add_word("^");
    list(lists.opens, OPENING);
    list(lists.negations, NEGATED);
    list(lists.elsewhere, BEARING);
    list(lists.clause, CLAUSAL);
    list(lists.past, WAS);
    list(lists.present, IS);
    list(lists.numerals, NUMERIC);
    list(lists.quantifiers, QUANTIFYING);
    list(lists.open, OPEN_MODAL);
    list(lists.auxiliaries, AUXILIARY);
    list(lists.pronouns, PRONOUN);
    list(lists.stops, STOPPING);
    for (std::string_view pronoun : lists.pronouns) pieces.add(pronoun);
    read_roles(lists.roles);
    places[0] = pieces.add("first");
    places[1] = pieces.add("later");
    const char *signs[] = {"", "-", "+", "+-"}, *digits[] = {"", "d", "x", "dd", "dx", "xd", "xx"};
    for (int i = 0; i < 4; ++i) tenses[i] = pieces.add(signs[i]);
    for (int i = 0; i < 7; ++i) numerals[i] = pieces.add(digits[i]);
    for (uint32_t i = 0; i < QUOTE_COUNT; ++i) quotes[i] = pieces.add(QUOTES[i].name);
    for (int kind = 1; kind < static_cast<int>(sizeof CONTEXTS / sizeof *CONTEXTS); ++kind) {
        const uint32_t head = context_heads.add(CONTEXTS[kind].name);
        if (head < context_kinds.size()) context_kinds[head].second = kind;
        else context_kinds.emplace_back(kind, kind);
    }
}

void Space::read_roles(const std::vector<GroupSpec> &lists) {
    uint32_t number = 0;
    for (const GroupSpec &role : lists) {
        if (number == Roles::MOST || role.name.size() < 3) continue;
        const uint64_t bit = uint64_t{1} << number;
        const char kind = role.name[0];
        const std::string name(role.name.substr(2));
        (kind == 'v' ? roles.verbs : kind == 'p' ? roles.participles : kind == 'n' ? roles.nouns : roles.frames) |= bit;
        roles.pieces[number] = pieces.add(kind == 'p' ? name + "+" : name);
        if (kind == 'f') {
            roles.left[number] = pieces.add(name + "<");
            roles.right[number] = pieces.add(name + ">");
            list(role.types, FRAMING);
        }
        for (std::string_view word : role.types) {
            const uint32_t id = add_word(word);
            if (id >= roles.of.size()) roles.of.resize(id + 1, 0);
            roles.of[id] |= bit;
        }
        ++number;
    }
    for (const auto &[piece, text] : {std::pair(&roles.none, "none"), {&roles.state, "state"}, {&roles.start, "start"}, {&roles.name, "name"}})
        *piece = pieces.add(text);
    const auto digits = [this](uint32_t value, uint32_t count) {
        std::string text;
        while (count--) text += value >> count & 1 ? '1' : '0';
        return pieces.add(text);
    };
    for (uint32_t i = 0; i < 32; ++i) roles.titles[i] = digits(i, 5);
    for (uint32_t i = 0; i < 8; ++i) roles.forms[i] = digits(i, 3);
}

uint32_t Space::add_child(uint32_t node, uint32_t word) {
    const uint64_t edge = static_cast<uint64_t>(node) << 32 | word;
    uint32_t &child = edges[edge];
    if (child == ABSENT) {
        child = base + static_cast<uint32_t>(paths.size());
        paths.push_back(edge);
    }
    return child;
}

void Space::settle(std::vector<uint64_t> nodes) {
    constexpr size_t AHEAD = 16;  // slots fetched before they are filled
    paths = std::move(nodes);
    std::vector<uint8_t> parent(base + paths.size(), 0);
    for (const uint64_t path : paths) {
        parent[path >> 32] = 1;
        about[static_cast<uint32_t>(path)].traits |= CONTINUES;
    }
    for (uint32_t word = 0; word < base; ++word) about[word].traits |= parent[word] ? BEGINS : 0u;
    edges = NumberTable();
    edges.reserve(paths.size());
    for (size_t i = 0; i < paths.size(); ++i) {
        if (i + AHEAD < paths.size()) edges.prefetch(NumberTable::hash_of(paths[i + AHEAD]));
        edges[paths[i]] = (base + static_cast<uint32_t>(i)) | (parent[base + i] ? PARENT : 0u);
    }
    edges.settle();
    lexicons.edges.settle();
}

// Lexicons

bool Space::add_lexicon(std::string_view name, const std::vector<std::pair<std::string_view, std::string_view>> &terms) {
    constexpr size_t TOGETHER = 256, AHEAD = 8;  // terms whose words are looked up together; words fetched before they are asked
    const uint32_t lexicon = static_cast<uint32_t>(lexicons.names.size());
    lexicons.names.emplace_back(name);
    lexicons.values.emplace_back();
    lexicons.terms.emplace_back();
    lexicons.nodes.reserve(lexicons.nodes.size() + terms.size());
    lexicons.found.reserve(lexicons.found.size() + terms.size());
    lexicons.edges.reserve(lexicons.edges.size() + terms.size());
    StringTable wholes;
    std::vector<std::string_view> pieces_of;
    std::vector<uint32_t> ids, ends;
    for (size_t from = 0; from < terms.size(); from += TOGETHER) {
        const size_t count = std::min(TOGETHER, terms.size() - from);
        pieces_of.clear();
        ends.clear();
        for (size_t i = from; i < from + count; ++i) {
            if (!cut(terms[i].first, pieces_of)) return false;
            ends.push_back(static_cast<uint32_t>(pieces_of.size()));
        }
        ids.assign(pieces_of.size() + AHEAD, target);
        add_words(pieces_of.size(), [&](size_t i) { return pieces_of[i]; }, [&](size_t i, uint32_t id) { ids[i] = id; });
        for (size_t i = 0, first = 0; i < count; first = ends[i++]) {
            for (size_t k = first; k < ends[i]; ++k) __builtin_prefetch(&about[ids[k + AHEAD]], 1);
            const auto &[term, category] = terms[from + i];
            const Lexicons::Term made{lexicon, static_cast<uint32_t>(from + i), value_of(lexicon, wholes, category), 0};
            if (!add_term(made, ids.data() + first, ends[i] - first)) return false;
            if (lexicon == cue_lexicon) lexicons.terms[lexicon].add(term);
        }
    }
    return true;
}

// The words of a term; false where they are more than a term may have.
bool Space::cut(std::string_view term, std::vector<std::string_view> &out) {
    uint32_t length = 0;
    for (size_t at = 0, end; at <= term.size(); at = end + 1) {
        if (length++ == Lexicons::LONGEST) return false;
        end = std::min(term.find(' ', at), term.size());
        out.push_back(term.substr(at, end - at));
    }
    return true;
}

// The number of a category among a lexicon's values.
uint32_t Space::value_of(uint32_t lexicon, StringTable &wholes, std::string_view category) {
    const uint32_t value = wholes.add(category);
    if (value == lexicons.values[lexicon].size()) {
        const size_t colon = category.find(':');
        const bool strong = colon != std::string_view::npos && colon + 1 < category.size();
        lexicons.values[lexicon].push_back({pieces.add(category.substr(0, colon)), pieces.add(category), strong});
    }
    return value;
}

// False where the lexicon has the term already.
bool Space::add_term(Lexicons::Term term, const uint32_t *ids, size_t count) {
    uint32_t node = 0;
    for (size_t k = 0; k < count; ++k) {
        Word &word = about[ids[k]];
        uint32_t &next = k == 0 ? word.lexeme : lexicons.edges[edge(node, ids[k])];
        if (next == ABSENT || next == 0) {
            next = static_cast<uint32_t>(lexicons.nodes.size());
            lexicons.nodes.emplace_back();
        }
        if (k == 0) word.lexicons |= (count > 1 ? 1u << 16 : 1u) << term.lexicon;
        else word.traits |= FOLLOWS;
        node = next;
        lexicons.nodes[node].below |= 1u << term.lexicon;
    }
    for (uint32_t at = lexicons.nodes[node].term; at; at = lexicons.found[at].next)
        if (lexicons.found[at].lexicon == term.lexicon) return false;
    term.next = std::exchange(lexicons.nodes[node].term, static_cast<uint32_t>(lexicons.found.size()));
    lexicons.found.push_back(term);
    return true;
}

// Names

std::string Space::node_name(uint32_t node) const {
    if (node < base) return std::string(words[node]);
    const uint64_t edge = paths[node - base];
    std::string name = node_name(static_cast<uint32_t>(edge >> 32));
    return name.append(" ").append(words[static_cast<uint32_t>(edge)]);
}

std::string Space::tag_name(uint64_t tag) const {
    const uint32_t a = tag >> 44 & (MOST_TERMS - 1), b = tag >> 22 & (MOST_WORDS - 1), c = tag & (MOST_WORDS - 1);
    const auto text = [](std::string_view one) { return std::string(one); };
    const auto side = [](uint32_t part) { return std::string(part & 1 ? "r" : "l"); };
    switch (kind_of(tag)) {
        case Kind::PREFIX: return "p=" + text(pieces[b]);
        case Kind::SUFFIX: return "s=" + text(pieces[b]);
        case Kind::CHARS: return "c=" + text(pieces[b]);
        case Kind::LEXICON:
        case Kind::TERMS: return lexicons.names[a] + "=" + text(pieces[b]);
        case Kind::SIDES: {
            if (c == 0) return lexicons.names[a] + "=" + text(pieces[b]);
            const uint32_t v = c - 1;
            const char *distances[] = {"", "a", "b", "c"};
            return lexicons.names[a] + "=" + (v >> 3 ? "!" : "") + text(pieces[b]) + ":" + side(v >> 2) + distances[v & 3];
        }
        case Kind::AT: return side(a) + std::to_string(a >> 1) + "=" + text(words[b]);
        case Kind::BAG: return side(a) + "=" + text(words[b]);
        case Kind::PAIR: return side(a) + "2=" + text(words[b]) + " " + text(words[c]);
        case Kind::QUOTES: return text(pieces[b]);
        case Kind::CUES: return "cue=" + text(pieces[b]);
        default: break;
    }
    const ContextName &kind = CONTEXTS[static_cast<int>(kind_of(tag)) - static_cast<int>(Kind::BIAS)];
    std::string name = kind.name;
    bool second = false;
    for (const char *part = kind.parts; *part; ++part) {
        if (part != kind.parts) name += " ";
        if (*part == 'T') {
            name += lexicons.terms[cue_lexicon][a];
        } else {
            name += (*part == 'w' ? words : pieces)[second ? c : b];
            second = true;
        }
    }
    return name;
}

int Space::context(std::string_view beginning, bool more) const {
    const uint32_t head = context_heads.find(beginning);
    return head == ABSENT ? -1 : more ? context_kinds[head].second : context_kinds[head].first;
}

}  // namespace framing
