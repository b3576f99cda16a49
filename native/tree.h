// The terms of all heads as one tree of pieces: the counterpart of framing.tree, which says how it is written.
#pragma once

#include "lookup.h"
#include "score.h"

namespace framing {

// The lines of a text whose beginnings were left out (framing.persist).
struct Lines {
    std::string text;
    std::vector<uint32_t> ends;

    size_t size() const { return ends.size(); }
    std::string_view operator[](size_t i) const {
        const uint32_t start = i ? ends[i - 1] : 0;
        return {text.data() + start, ends[i] - start};
    }
    bool read(const Tensor &blob);
    bool ascending() const;
};

struct Node {
    uint32_t parent, piece;
    uint32_t first;                // child; its children end where those of the next node begin
    uint32_t top : 24, depth : 8;  // its beginning, which has a depth of 1. Node 0 has neither, nor a parent or a piece
};

struct Tree {
    static constexpr uint32_t DEEPEST = 64, MOST_NODES = 1u << 26, MOST_BEGINNINGS = 1u << 24;

    Lines pieces;
    Rows<Node> nodes;  // and one past the last

    // False where the tensors are no tree: whatever they hold, no node leads outside of it.
    bool read(const Tensor &lines, const Tensor &shape, const Tensor &steps);
    uint32_t size() const { return static_cast<uint32_t>(nodes.size() - 1); }
    const Node &at(uint32_t node) const { return nodes[node]; }
    uint32_t terms() const { return nodes[1].first; }  // the first node that is a term: before it stand the top and beginnings
    std::string_view text(uint32_t node) const { return pieces[nodes[node].piece]; }
    // The pieces of a term behind its beginning, joined.
    std::string rest(uint32_t node) const;

private:
    bool grow(const Tensor &shape, const Tensor &steps);
};

// Some of a tree's nodes, as a head knows them.
class Marks {
public:
    bool read(const Tensor &bits, const Tree &tree);
    size_t count() const;
    // visit(node, row) for each in order, until it says false.
    template <class Visit> bool each(Visit visit) const {
        uint32_t row = 0;
        for (size_t i = 0; i < words.size(); ++i)
            for (uint64_t left = words[i]; left; left &= left - 1)
                if (!visit(static_cast<uint32_t>(64 * i + static_cast<uint32_t>(__builtin_ctzll(left))), row++)) return false;
        return true;
    }

private:
    std::vector<uint64_t> words;
};

}  // namespace framing
