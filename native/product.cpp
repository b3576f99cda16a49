#include "product.h"

#include <algorithm>
#include <numeric>

namespace framing {

std::unique_ptr<Product> Product::build(std::vector<int32_t> ends, std::vector<int32_t> places, std::vector<double> values, size_t columns) {
    const auto column = [columns](int32_t place) { return place >= 0 && static_cast<size_t>(place) < columns; };
    if (ends.empty() || ends[0] != 0 || !std::is_sorted(ends.begin(), ends.end()) || static_cast<size_t>(ends.back()) != values.size()) return nullptr;
    if (places.size() != values.size() || !std::all_of(places.begin(), places.end(), column)) return nullptr;
    return std::unique_ptr<Product>(new Product(std::move(ends), std::move(places), std::move(values), columns));
}

Product::Product(std::vector<int32_t> each_end, std::vector<int32_t> each_place, std::vector<double> each_value, size_t count)
    : rows(each_end.size() - 1), columns(count), ends(std::move(each_end)), places(std::move(each_place)), values(std::move(each_value)), rank(count) {
    std::vector<uint32_t> often(columns);
    for (const int32_t place : places) ++often[static_cast<size_t>(place)];
    std::vector<int32_t> order(columns);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return often[static_cast<size_t>(a)] > often[static_cast<size_t>(b)]; });
    for (size_t at = 0; at < columns; ++at) rank[static_cast<size_t>(order[at])] = static_cast<int32_t>(at);
    for (int32_t &place : places) place = rank[static_cast<size_t>(place)];
}

template <size_t K> void Product::curved(const double *way, const double *chances, const double *weights, double *out, double *bent) {
    const size_t width = columns + 1;
    const int32_t *place = places.data();
    const double *value = values.data();
    change.resize(columns * K);
    sums.assign(columns * K, 0);
    for (size_t k = 0; k < K; ++k)
        for (size_t column = 0; column < columns; ++column) change[static_cast<size_t>(rank[column]) * K + k] = way[k * width + column];
    const double *before = change.data();
    double *after = sums.data();
    for (size_t row = 0; row < rows; ++row) {
        double score[K] = {}, mean = 0;
        for (int32_t i = ends[row]; i < ends[row + 1]; ++i) {
            const double *of = before + static_cast<size_t>(place[i]) * K;
            for (size_t k = 0; k < K; ++k) score[k] += value[i] * of[k];
        }
        for (size_t k = 0; k < K; ++k) {
            score[k] += way[k * width + columns];
            mean += chances[k * rows + row] * score[k];
        }
        for (size_t k = 0; k < K; ++k) bent[k * rows + row] = score[k] = weights[k * rows + row] * (score[k] - mean);
        for (int32_t i = ends[row]; i < ends[row + 1]; ++i) {
            double *of = after + static_cast<size_t>(place[i]) * K;
            for (size_t k = 0; k < K; ++k) of[k] += value[i] * score[k];
        }
    }
    for (size_t k = 0; k < K; ++k)
        for (size_t column = 0; column < columns; ++column) out[k * width + column] = sums[static_cast<size_t>(rank[column]) * K + k];
}

void Product::curved(size_t scores, const double *way, const double *chances, const double *weights, double *out, double *bent) {
    switch (scores) {
        case 1: return curved<1>(way, chances, weights, out, bent);
        case 2: return curved<2>(way, chances, weights, out, bent);
        case 3: return curved<3>(way, chances, weights, out, bent);
        case 4: return curved<4>(way, chances, weights, out, bent);
        case 5: return curved<5>(way, chances, weights, out, bent);
        case 6: return curved<6>(way, chances, weights, out, bent);
        case 7: return curved<7>(way, chances, weights, out, bent);
        case 8: return curved<8>(way, chances, weights, out, bent);
        default: return;
    }
}

}  // namespace framing
