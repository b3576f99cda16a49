// Products of a regression's fit: what each step of conjugate gradients asks of all rows, read once for all classes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace framing {

// Sparse rows of values, as scipy's csr_matrix has them.
class Product {
public:
    static constexpr size_t MOST_SCORES = 8;
    const size_t rows, columns;

    // Null where the ends do not rise to the number of values, or a place is no column's.
    static std::unique_ptr<Product> build(std::vector<int32_t> ends, std::vector<int32_t> places, std::vector<double> values, size_t columns);

    // The curvature of the rows' loss times a change `way` of the weights (`scores` rows of `columns` and an intercept): to `out`,
    // of that shape, but for intercepts; and by row to `bent` (`scores` rows of `rows`). `chances` and `weights` are of the latter shape.
    // Sums run in the order of scipy's products, so they end in the same bits.
    void curved(size_t scores, const double *way, const double *chances, const double *weights, double *out, double *bent);

private:
    Product(std::vector<int32_t> ends, std::vector<int32_t> places, std::vector<double> values, size_t columns);
    template <size_t K> void curved(const double *way, const double *chances, const double *weights, double *out, double *bent);
    std::vector<int32_t> ends, places;
    std::vector<double> values;
    std::vector<int32_t> rank;         // of each column by how many rows have it: what most rows ask for lies together
    std::vector<double> change, sums;  // of each rank, its scores side by side
};

}  // namespace framing
