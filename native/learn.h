// Features of a corpus as numbers, without a model: what training counts, by the rules of families.h and cues.h.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "families.h"

namespace framing {

// A word list: terms with their categories, in order.
struct TermList {
    std::string_view name;
    std::vector<std::pair<std::string_view, std::string_view>> terms;
};

// The counts of rows: terms in order, and for each entry of a row its term and its count; `ends` begins with 0.
struct Counted {
    std::vector<std::string> terms;
    std::vector<int64_t> columns, numbers, ends;
};

struct Spot {  // a candidate: bytes of the text, the number of its term
    uint32_t start, end, term;
};

struct Corpus;

class Learner {
public:
    // Null, with the reason in `why`, for families or lexicons that the kernel does not know. `cues` names the list whose terms are
    // candidates of cues, if any is.
    static std::unique_ptr<Learner> build(const ModelSpec &lists, const std::vector<TermList> &lexicons, std::string_view cues, const Strings &families,
                                          std::string &why);
    ~Learner();

    // Each adds a row (`candidates` one for each place) and is false, adding none, where there is nothing to read: no sentence, a target
    // without a word. The views of sentences hold one.
    void article(const View &view, const Strings &title);
    bool sentence(const View &view, bool author, const Strings &types);
    bool around(const View &view, Span target);
    void candidates(const View &view, std::vector<Spot> &places);

    size_t rows() const;
    bool full() const;  // no more different words can be told apart
    Counted counted(uint32_t least) const;  // terms of `least` rows or more

private:
    explicit Learner(std::unique_ptr<Corpus> corpus);
    std::unique_ptr<Corpus> corpus;
};

// Make all of a text one sentence: corpora of sentences are cut already.
void join(View &view);

}  // namespace framing
