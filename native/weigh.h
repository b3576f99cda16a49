// TF-IDF and logistic regression over records of a pool: the counterpart of framing.linear.
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>

#include "tables.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace framing {

// A record that occurs more than once, and how often the list of occurrences beside it has it.
struct Hit {
    uint32_t record, count, listed;
};

// The features of a long stream: a place for every record, nothing to search, and no branch.
class Tally {
public:
    std::vector<Hit> repeated;

    void fit(size_t records) {
        if (counts.size() < records) counts.resize(records, 0), touched.resize(records + 1);
    }
    void add(uint32_t record) {
        uint8_t &count = counts[record];
        touched[distinct] = record;
        distinct += count == 0;
        if (__builtin_expect(++count == 0, 0)) {
            count = 1;
            full.push_back(record);
        }
    }
    // Tells records that occur once from others, and forgets them all.
    void settle() {
        repeated.resize(distinct);
        std::sort(full.begin(), full.end());
        size_t more = 0;
        once = 0;
        for (size_t i = 0; i < distinct; ++i) {
            const uint32_t record = touched[i];
            uint32_t count = counts[record];
            counts[record] = 0;
            if (__builtin_expect(!full.empty(), 0)) {
                const auto [low, high] = std::equal_range(full.begin(), full.end(), record);
                count += 255 * static_cast<uint32_t>(high - low);
            }
            repeated[more] = {record, count, 0};
            more += count > 1;
            touched[once] = record;
            once += count == 1;
        }
        repeated.resize(more);
        full.clear();
        distinct = 0;
    }
    const uint32_t *data() const { return touched.data(); }
    size_t size() const { return once; }

private:
    std::vector<uint8_t> counts;  // of one byte, that they stay near
    std::vector<uint32_t> touched, full;  // a record for each 255 times that it occurred more
    size_t distinct = 0, once = 0;
};

// The features of a short stream: all that occur one after another, and which of them do so again.
class Bag {
public:
    static constexpr size_t LONG = 1024;
    std::vector<Hit> repeated;

    void clear() { n = 0; }
    void room(size_t more) {
        if (records.size() < n + more) records.resize(2 * (n + more));
    }
    // Needs room.
    void put(uint32_t record) {
        records[n] = record;
        n += record != 0;
    }
    void add(uint32_t record) {
        room(1);
        put(record);
    }
    const uint32_t *data() const { return records.data(); }
    size_t size() const { return n; }

    // Find what is repeated: a few bytes tell most of what is not, each by whether it was marked in this turn. What they cannot tell
    // is looked for; all but the first of what is repeated are among it.
    void settle() {
        if (++turn == 0) {
            std::fill(std::begin(seen), std::end(seen), uint8_t{0});
            turn = 1;
        }
        size_t left = 0;
        if (suspects.size() <= n) suspects.resize(2 * n + 1);
        const uint32_t *const all = records.data(), count = static_cast<uint32_t>(n);
        Suspect *const found = suspects.data();
        const uint8_t now = turn;
        for (uint32_t i = 0; i < count; ++i) {
            uint8_t &mark = seen[all[i] * 0x9E3779B1u >> 20];
            found[left] = {all[i], i};
            left += mark == now;
            mark = now;
        }
        repeated.clear();
        for (size_t i = 0; i < left; ++i) judge(i, left);
    }

private:
    struct Suspect {
        uint32_t record, at;
    };
    void judge(size_t number, size_t left) {
        const auto [record, at] = suspects[number];
        if (!record) return;  // judged
        uint32_t count = 1;
        for (size_t i = number + 1; i < left; ++i) {
            const bool same = suspects[i].record == record;
            count += same;
            suspects[i].record = same ? 0 : suspects[i].record;
        }
        count += std::find(records.begin(), records.begin() + at, record) != records.begin() + at;
        if (count > 1) repeated.push_back({record, count, count});
    }
    std::vector<uint32_t> records;
    std::vector<Suspect> suspects;
    uint8_t seen[4096] = {}, turn = 0;
    size_t n = 0;
};

typedef double Pair __attribute__((vector_size(16)));

inline Pair two(const float *p) {
#if defined(__SSE2__)
    return reinterpret_cast<Pair>(_mm_cvtps_pd(_mm_castsi128_ps(_mm_loadl_epi64(reinterpret_cast<const __m128i *>(p)))));
#elif defined(__aarch64__)
    return reinterpret_cast<Pair>(vcvt_f64_f32(vld1_f32(p)));
#else
    return Pair{p[0], p[1]};
#endif
}

// The sums of a plate's rows over the features of a stream, for all of its heads.
class Sums {
public:
    // A feature that occurs n times weighs sqrt(n) * idf; `singles` are added once for each time that they stand there, and those
    // of `hits` made up for that.
    void weigh(const Plate &plate, const uint32_t *singles, size_t n, const std::vector<Hit> &hits) {
        sums.assign(plate.width, 0);
        switch (plate.width / 2) {
            case 1: return add(plate, singles, n, hits, std::make_index_sequence<1>());
            case 2: return add(plate, singles, n, hits, std::make_index_sequence<2>());
            case 3: return add(plate, singles, n, hits, std::make_index_sequence<3>());
            case 4: return add(plate, singles, n, hits, std::make_index_sequence<4>());
            case 5: return add(plate, singles, n, hits, std::make_index_sequence<5>());
            case 6: return add(plate, singles, n, hits, std::make_index_sequence<6>());
            case 7: return add(plate, singles, n, hits, std::make_index_sequence<7>());
            case 8: return add(plate, singles, n, hits, std::make_index_sequence<8>());
            default: return add_wide(plate, singles, n, hits);
        }
    }
    template <class Counted> void weigh(const Plate &plate, const Counted &counted) { weigh(plate, counted.data(), counted.size(), counted.repeated); }
    bool knows(const PoolHead &head) const { return sums[head.at] > 0; }
    // The scores of a head, in log-odds.
    void scores(const PoolHead &head, double *out) const {
        const double scale = knows(head) ? 1 / std::sqrt(sums[head.at]) : 0;
        for (uint32_t k = 0; k < head.outputs; ++k) out[k] = sums[head.at + 1 + k] * scale + head.intercept[k];
    }

private:
    static constexpr size_t AHEAD = 16;  // rows fetched before they are read: they lie anywhere
    std::vector<double> sums;

    template <size_t... K>
    void add(const Plate &plate, const uint32_t *singles, size_t n, const std::vector<Hit> &hits, std::index_sequence<K...>) {
        constexpr size_t WIDTH = 2 * sizeof...(K);
        const float *data = plate.data;
        Pair total[sizeof...(K)] = {};
        const auto fetch = [data](uint32_t number) {
            const float *row = data + size_t{number} * WIDTH;
            __builtin_prefetch(row);
            if (WIDTH > 4) __builtin_prefetch(row + WIDTH - 1);  // it may lie across two lines
        };
        for (size_t i = 0; i < std::min(AHEAD, n); ++i) fetch(singles[i]);
        for (size_t i = 0; i < std::min(AHEAD, hits.size()); ++i) fetch(hits[i].record);
        for (size_t i = 0; i < n; ++i) {
            if (i + AHEAD < n) fetch(singles[i + AHEAD]);
            const float *row = data + size_t{singles[i]} * WIDTH;
            ((total[K] += two(row + 2 * K)), ...);
        }
        for (size_t i = 0; i < hits.size(); ++i) {
            if (i + AHEAD < hits.size()) fetch(hits[i + AHEAD].record);
            const float *row = data + size_t{hits[i].record} * WIDTH;
            const double count = hits[i].count, root = std::sqrt(count), listed = hits[i].listed;
            ((total[K] += two(row + 2 * K) * (root - listed + two(plate.squares.data() + 2 * K) * (count - root))), ...);
        }
        ((sums[2 * K] = total[K][0], sums[2 * K + 1] = total[K][1]), ...);
    }
    void add_wide(const Plate &plate, const uint32_t *singles, size_t n, const std::vector<Hit> &hits) {
        const auto add_one = [&](uint32_t number, double count, double listed) {
            const float *row = plate.row(number);
            const double root = std::sqrt(count);
            for (uint32_t k = 0; k < plate.width; ++k) sums[k] += row[k] * (root - listed + plate.squares[k] * (count - root));
        };
        for (size_t i = 0; i < n; ++i) add_one(singles[i], 1, 0);
        for (const Hit &hit : hits) add_one(hit.record, hit.count, hit.listed);
    }
};

inline double sigmoid(double score) {
    if (score >= 0) return 1 / (1 + std::exp(-score));
    const double odds = std::exp(score > -700 ? score : -700.0);
    return odds / (1 + odds);
}

inline double logit(double probability) {
    const double kept = std::min(std::max(probability, 2e-16), 1 - 2e-16);
    return std::log(kept) - std::log1p(-kept);
}

}  // namespace framing
