// Trees of terms from their texts, as framing.tree plants them.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace framing {

using Path = std::vector<std::string>;

struct Planted {
    std::string pieces, shape, steps;
    std::vector<std::string> known;  // of each head
};

// A term as its beginning and its pieces.
inline Path path_of(std::string_view term) {
    const size_t sign = term.find_first_of(" =<>~");
    size_t from = sign == std::string_view::npos || sign == 0 || term[sign] == ' ' ? 0 : sign + 1;
    Path path{std::string(term.substr(0, from))};
    while (from <= term.size()) {
        const size_t blank = std::min(term.find(' ', from), term.size());
        path.emplace_back(term.substr(from, blank - from));
        from = blank + 1;
    }
    return path;
}

inline std::vector<Path> paths_of(std::string_view lines) {
    std::vector<Path> paths;
    for (size_t at = 0; !lines.empty() && at <= lines.size();) {
        const size_t end = std::min(lines.find('\n', at), lines.size());
        paths.push_back(path_of(lines.substr(at, end - at)));
        at = end + 1;
    }
    return paths;
}

inline void set_bit(std::string &bits, size_t at) { bits[at / 8] = static_cast<char>(bits[at / 8] | 1 << at % 8); }

inline std::string varint(size_t number) {
    std::string made;
    for (; number > 127; number >>= 7) made += static_cast<char>(number | 128);
    return made += static_cast<char>(number);
}

// The tree of the terms of some heads, which stand one a line.
inline Planted plant(const std::vector<std::string_view> &heads) {
    std::set<std::string> pieces;
    std::map<std::pair<size_t, Path>, size_t> nodes{{{0, {}}, 0}};  // in the order of the tree
    for (const std::string_view lines : heads)
        for (const Path &path : paths_of(lines)) {
            pieces.insert(path.begin(), path.end());
            for (size_t n = 1; n <= path.size(); ++n) nodes[{n, Path(path.begin(), path.begin() + static_cast<long>(n))}] = 0;
        }
    Planted made;
    for (const std::string &piece : pieces) made.pieces += (made.pieces.empty() ? " " : "\n ") + piece;
    std::map<Path, std::pair<size_t, size_t>> children;  // how many, and one more than the last one's piece
    size_t number = 0;
    for (auto &[path, node] : nodes) {
        node = number++;
        if (!path.first) continue;
        const size_t piece = static_cast<size_t>(std::distance(pieces.begin(), pieces.find(path.second.back())));
        auto &[count, next] = children[Path(path.second.begin(), path.second.end() - 1)];
        made.steps += varint(piece - next);
        next = piece + 1;
        ++count;
    }
    made.shape.assign((2 * nodes.size() + 6) / 8, 0);
    size_t at = 0;
    for (const auto &[path, node] : nodes) {
        for (size_t n = children[path.second].first; n > 0; --n) set_bit(made.shape, at++);
        ++at;
    }
    for (const std::string_view lines : heads) {
        made.known.emplace_back((nodes.size() + 7) / 8, 0);
        for (const Path &path : paths_of(lines)) set_bit(made.known.back(), nodes[{path.size(), path}]);
    }
    return made;
}

}  // namespace framing
