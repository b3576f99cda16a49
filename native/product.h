// Products of a regression's fit: what each step of conjugate gradients asks of all rows, read once for all classes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace framing {

// What a Newton step is made of: vectors of `scores` rows of columns and an intercept (wide), or of `scores` rows of rows (tall).
struct Newton {
    size_t scores;
    const double *slope, *scale;      // wide
    const double *chances, *weights;  // tall
    double ridge;                     // penalty of an intercept; that of all else is one
    double share;                     // of the square of the slope, by `scale`, that may be left
    size_t turns;                     // at most
};

// Sparse rows of values, as scipy's csr_matrix has them. Sums run in the order of scipy's products and of numpy's sums, so that they end in
// the same bits. Threads may share one.
class Product {
public:
    static constexpr size_t MOST_SCORES = 8;
    const size_t rows, columns;

    // Null where the ends do not rise to the number of values, or a place is no column's.
    static std::unique_ptr<Product> build(std::vector<int32_t> ends, std::vector<int32_t> places, std::vector<double> values, size_t columns);

    // The scores (tall) of all rows under some weights (wide).
    void scores(size_t count, const double *weights, double *out) const;

    // The sums (wide, but for intercepts) of values, or of their squares, times numbers of the rows (tall).
    void sums(size_t count, const double *numbers, bool squared, double *out) const;

    // A step (wide) against the slope, by conjugate gradients: `framing.regression._step` says the same in numpy.
    void step(const Newton &asked, double *out) const;

private:
    static constexpr int32_t AHEAD = 48;  // entries from now: what they ask for is fetched meanwhile
    Product(std::vector<int32_t> ends, std::vector<int32_t> places, std::vector<double> values, size_t columns);
    template <size_t K, size_t WIDTH, class Visit> void scored(const double *before, Visit visit) const;
    template <size_t K> void add(double *after, size_t row, const double *score) const;
    template <size_t K, size_t WIDTH> void spread(const double *wide, double *ranked) const;
    template <size_t K> void curved(const Newton &asked, const double *way, double *both, double *bent) const;
    template <size_t K> void step(const Newton &asked, double *out) const;
    std::vector<int32_t> ends, places;  // behind the last place, AHEAD of nought
    std::vector<double> values;
    std::vector<int32_t> rank;  // of each column by how many rows have it: what most rows ask for lies together
};

}  // namespace framing
