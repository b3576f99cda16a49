#include "tree.h"

#include <algorithm>
#include <cstring>

namespace framing {

namespace {

constexpr size_t MOST_BYTES = 1u << 30;  // of lines, unpacked

// Valid UTF-8 without NUL, which no text that was cleaned holds.
bool valid_utf8(const unsigned char *p, size_t size) {
    constexpr uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
    for (size_t at = 0; at < size;) {
        for (uint64_t eight; at + 8 <= size; at += 8) {  // most is ASCII
            memcpy(&eight, p + at, 8);
            if ((eight | (eight - ones)) & high) break;
        }
        if (at == size) break;
        const unsigned char first = p[at];
        if (first == 0) return false;
        if (first < 0x80) {
            ++at;
            continue;
        }
        const size_t more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
        if (first < 0xC2 || first > 0xF4 || size - at <= more) return false;
        for (size_t k = 1; k <= more; ++k)
            if ((p[at + k] & 0xC0) != 0x80) return false;
        const unsigned char second = p[at + 1];
        if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)) return false;
        if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return false;
        at += more + 1;
    }
    return true;
}

bool bit_of(const Tensor &bits, size_t at) { return bits.data[at >> 3] >> (at & 7) & 1; }

// Whether a tensor holds so many bits and noughts behind them.
bool holds_bits(const Tensor &bits, size_t count) {
    if (bits.kind != 'B' || bits.bytes != (count + 7) / 8) return false;
    for (size_t at = count; at < 8 * bits.bytes; ++at)
        if (bit_of(bits, at)) return false;
    return true;
}

// A number of seven bits a byte; false where it does not end or is over 32 bits.
bool take_step(const unsigned char *&at, const unsigned char *stop, uint64_t &step) {
    step = 0;
    for (uint32_t shift = 0; at < stop && shift <= 28; shift += 7) {
        step |= static_cast<uint64_t>(*at & 127) << shift;
        if (*at++ < 128) return true;
    }
    return false;
}

}  // namespace

bool Lines::read(const Tensor &blob) {
    if (blob.kind != 'B' || blob.bytes > MOST_BYTES || !valid_utf8(blob.data, blob.bytes)) return false;
    if (!blob.bytes) return true;
    const char *p = reinterpret_cast<const char *>(blob.data), *stop = p + blob.bytes;
    ends.reserve(static_cast<size_t>(std::count(p, stop, '\n')) + 1);
    text.reserve(3 * blob.bytes);
    for (size_t before = 0;; ++p) {
        const char *end = static_cast<const char *>(memchr(p, '\n', static_cast<size_t>(stop - p)));
        if (!end) end = stop;
        if (p == end || *p < ' ' || *p > '~' || text.size() > MOST_BYTES) return false;
        size_t shared = before;
        for (int left = *p - ' '; left > 0 && shared < text.size(); --left) {  // counted in characters
            do ++shared;
            while (shared < text.size() && (text[shared] & 0xC0) == 0x80);
        }
        const size_t start = text.size();
        text.append(text, before, std::min(shared, start) - before);
        text.append(p + 1, static_cast<size_t>(end - p - 1));
        ends.push_back(static_cast<uint32_t>(text.size()));
        before = start;
        p = end;
        if (p == stop) return true;
    }
}

bool Lines::ascending() const {
    for (size_t i = 1; i < size(); ++i)
        if (!((*this)[i - 1] < (*this)[i])) return false;
    return true;
}

bool Tree::read(const Tensor &lines, const Tensor &shape, const Tensor &steps) {
    if (!pieces.read(lines) || !pieces.ascending() || pieces.text.find(' ') != std::string::npos || steps.kind != 'B') return false;
    const size_t count = 1 + static_cast<size_t>(std::count_if(steps.data, steps.data + steps.bytes, [](unsigned char byte) { return byte < 128; }));
    if (count > MOST_NODES || !holds_bits(shape, 2 * count - 1)) return false;
    nodes.assign(count + 1, Node{0, 0, 0, 0, 0});
    return grow(shape, steps);
}

bool Tree::grow(const Tensor &shape, const Tensor &steps) {
    const uint32_t count = size();
    const unsigned char *at = steps.data, *stop = at + steps.bytes;
    uint32_t next = 1;
    size_t bit = 0;
    for (uint32_t node = 0; node < count; ++node, ++bit) {
        if (node >= next) return false;
        nodes[node].first = next;
        const uint32_t top = nodes[node].top, depth = nodes[node].depth;
        uint64_t place = 0, step;  // one more than the piece before
        for (; bit < 2 * size_t{count} - 1 && bit_of(shape, bit); ++bit, ++next) {
            if (next >= count || depth == DEEPEST || at == stop) return false;
            if (*at < 128) step = *at++;  // nearly all
            else if (!take_step(at, stop, step)) return false;
            place += step + 1;
            if (place > pieces.size() || (!node && next == MOST_BEGINNINGS)) return false;
            Node &made = nodes[next];
            made.parent = node;
            made.piece = static_cast<uint32_t>(place - 1);
            made.top = (node ? top : next) & (MOST_BEGINNINGS - 1);
            made.depth = (depth + 1) & 255;
        }
    }
    nodes[count].first = next;
    return bit == 2 * size_t{count} - 1 && next == count && at == stop;
}

std::string Tree::rest(uint32_t node) const {
    if (nodes[node].depth < 2) return {};
    std::string made(text(node));
    for (uint32_t at = nodes[node].parent; nodes[at].depth > 1; at = nodes[at].parent) made.insert(0, 1, ' ').insert(0, text(at));
    return made;
}

bool Marks::read(const Tensor &bits, const Tree &tree) {
    if (!holds_bits(bits, tree.size())) return false;
    words.assign((bits.bytes + 7) / 8, 0);
    memcpy(words.data(), bits.data, bits.bytes);
    for (uint32_t node = 0; node < tree.terms(); ++node)  // they are in order, so the first few tell
        if (words[node >> 6] >> (node & 63) & 1) return false;
    return true;
}

size_t Marks::count() const {
    size_t count = 0;
    for (uint64_t word : words) count += View::count(word);
    return count;
}

}  // namespace framing
