#include "product.h"

#include <algorithm>
#include <type_traits>

namespace framing {

namespace {

// The sum of `at` from one place up to another, in numpy's order: halves of halves, of at most 128 by eight sums side by side.
template <class At> double summed(size_t from, size_t n, At &at) {
    if (n < 8) {
        double sum = 0;
        for (size_t i = 0; i < n; ++i) sum += at(from + i);
        return sum;
    }
    if (n > 128) {
        const size_t half = n / 2 - n / 2 % 8;
        const double low = summed(from, half, at);
        return low + summed(from + half, n - half, at);
    }
    double eight[8];
    size_t i = 8;
    for (size_t j = 0; j < 8; ++j) eight[j] = at(from + j);
    for (; i + 8 <= n; i += 8)
        for (size_t j = 0; j < 8; ++j) eight[j] += at(from + i + j);
    double sum = ((eight[0] + eight[1]) + (eight[2] + eight[3])) + ((eight[4] + eight[5]) + (eight[6] + eight[7]));
    for (; i < n; ++i) sum += at(from + i);
    return sum;
}

template <class At> double sum_of(size_t n, At at) { return summed(0, n, at); }

// Calls with a number of scores that the compiler knows.
template <class Call, size_t K = 1> void with_scores(size_t scores, Call call) {
    if (scores == K) return call(std::integral_constant<size_t, K>());
    if constexpr (K < Product::MOST_SCORES) with_scores<Call, K + 1>(scores, call);
}

}  // namespace

std::unique_ptr<Product> Product::build(std::vector<int32_t> ends, std::vector<int32_t> places, std::vector<double> values, size_t columns) {
    const auto column = [columns](int32_t place) { return place >= 0 && static_cast<size_t>(place) < columns; };
    if (ends.empty() || ends[0] != 0 || !std::is_sorted(ends.begin(), ends.end()) || static_cast<size_t>(ends.back()) != values.size()) return nullptr;
    if (places.size() != values.size() || !std::all_of(places.begin(), places.end(), column)) return nullptr;
    return std::unique_ptr<Product>(new Product(std::move(ends), std::move(places), std::move(values), columns));
}

Product::Product(std::vector<int32_t> each_end, std::vector<int32_t> each_place, std::vector<double> each_value, size_t count)
    : rows(each_end.size() - 1), columns(count), ends(std::move(each_end)), places(std::move(each_place)), values(std::move(each_value)), rank(count) {
    std::vector<uint32_t> often(columns);
    std::vector<int32_t> order;  // of rare columns those stand together that the same rows have
    for (const int32_t place : places)
        if (often[static_cast<size_t>(place)]++ == 0) order.push_back(place);
    for (size_t column = 0; column < columns; ++column)
        if (often[column] == 0) order.push_back(static_cast<int32_t>(column));
    std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return often[static_cast<size_t>(a)] > often[static_cast<size_t>(b)]; });
    for (size_t at = 0; at < columns; ++at) rank[static_cast<size_t>(order[at])] = static_cast<int32_t>(at);
    for (int32_t &place : places) place = rank[static_cast<size_t>(place)];
    places.resize(places.size() + AHEAD);
}

// Scores of each row in turn, but for intercepts. Four rows side by side take longer: a processor looks ahead into the next by itself.
template <size_t K, size_t WIDTH, class Visit> void Product::scored(const double *before, Visit visit) const {
    const int32_t *place = places.data();
    const double *value = values.data();
    for (size_t row = 0; row < rows; ++row) {
        double score[K] = {};
        for (int32_t end = ends[row + 1], i = ends[row]; i < end; ++i) {
            __builtin_prefetch(before + static_cast<size_t>(place[i + AHEAD]) * WIDTH);
            const double *of = before + static_cast<size_t>(place[i]) * WIDTH;
            for (size_t k = 0; k < K; ++k) score[k] += value[i] * of[k];
        }
        visit(row, score);
    }
}

template <size_t K> void Product::add(double *after, size_t row, const double *score) const {
    const int32_t *place = places.data();
    const double *value = values.data();
    for (int32_t end = ends[row + 1], i = ends[row]; i < end; ++i) {
        double *of = after + static_cast<size_t>(place[i]) * 2 * K;
        for (size_t k = 0; k < K; ++k) of[k] += value[i] * score[k];
    }
}

// A wide vector without intercepts, by rank, the scores side by side.
template <size_t K, size_t WIDTH> void Product::spread(const double *wide, double *ranked) const {
    for (size_t k = 0; k < K; ++k)
        for (size_t column = 0; column < columns; ++column) ranked[static_cast<size_t>(rank[column]) * WIDTH + k] = wide[k * (columns + 1) + column];
}

void Product::scores(size_t count, const double *weights, double *out) const {
    with_scores(count, [&](auto known) {
        constexpr size_t K = decltype(known)::value;
        std::vector<double> before(columns * K);
        spread<K, K>(weights, before.data());
        scored<K, K>(before.data(), [&](size_t row, const double *score) {
            for (size_t k = 0; k < K; ++k) out[k * rows + row] = score[k] + weights[k * (columns + 1) + columns];
        });
    });
}

void Product::sums(size_t count, const double *numbers, bool squared, double *out) const {
    for (size_t k = 0; k < count; ++k) {
        std::vector<double> after(columns);
        for (size_t row = 0; row < rows; ++row)
            for (int32_t end = ends[row + 1], i = ends[row]; i < end; ++i) {
                const double value = values[static_cast<size_t>(i)];
                after[static_cast<size_t>(places[static_cast<size_t>(i)])] += (squared ? value * value : value) * numbers[k * rows + row];
            }
        for (size_t column = 0; column < columns; ++column) out[k * (columns + 1) + column] = after[static_cast<size_t>(rank[column])];
    }
}

// The curvature of the rows' loss times a way: by rank to `both`, beside the way itself, for a row that asks for one asks for the other;
// and by row to `bent` (tall), which sums up for intercepts.
template <size_t K> void Product::curved(const Newton &asked, const double *way, double *both, double *bent) const {
    std::fill(both, both + columns * 2 * K, 0.0);
    spread<K, 2 * K>(way, both);
    scored<K, 2 * K>(both, [&](size_t row, double *score) {
        double mean = 0;
        for (size_t k = 0; k < K; ++k) {
            score[k] += way[k * (columns + 1) + columns];
            mean += asked.chances[k * rows + row] * score[k];
        }
        for (size_t k = 0; k < K; ++k) bent[k * rows + row] = score[k] = asked.weights[k * rows + row] * (score[k] - mean);
        add<K>(both + K, row, score);
    });
}

template <size_t K> void Product::step(const Newton &asked, double *out) const {
    const size_t width = columns + 1, wide = K * width;
    std::vector<double> way(wide), rest(wide), bent(wide), near(wide), both(columns * 2 * K), tall(K * rows);
    for (size_t i = 0; i < wide; ++i) {
        out[i] = 0;
        rest[i] = -asked.slope[i];
        way[i] = asked.scale[i] * rest[i];
    }
    double size = sum_of(wide, [&](size_t i) { return rest[i] * way[i]; });
    const double goal = asked.share * size;
    for (size_t turn = 0; turn < asked.turns; ++turn) {
        curved<K>(asked, way.data(), both.data(), tall.data());
        for (size_t k = 0; k < K; ++k) {
            double *of = bent.data() + k * width;
            for (size_t column = 0; column < columns; ++column) of[column] = way[k * width + column] + both[(static_cast<size_t>(rank[column]) * 2 + 1) * K + k];
            of[columns] = asked.ridge * way[k * width + columns] + sum_of(rows, [&](size_t row) { return tall[k * rows + row]; });
        }
        const double far = size / sum_of(wide, [&](size_t i) { return way[i] * bent[i]; });
        const double before_size = size;
        size = sum_of(wide, [&](size_t i) {
            out[i] += way[i] * far;
            rest[i] -= bent[i] * far;
            near[i] = asked.scale[i] * rest[i];
            return rest[i] * near[i];
        });
        if (size <= goal) return;
        const double kept = size / before_size;
        for (size_t i = 0; i < wide; ++i) way[i] = way[i] * kept + near[i];
    }
}

void Product::step(const Newton &asked, double *out) const {
    with_scores(asked.scores, [&](auto known) { step<decltype(known)::value>(asked, out); });
}

}  // namespace framing
