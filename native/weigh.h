// TF-IDF and logistic regression over records of a pool: the counterpart of framing.linear.
#pragma once

#include <cmath>
#include <utility>

#include "tables.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace framing {

// The records of a stream's features, with how often each occurs there.
struct Hit {
    uint32_t record, count, slot;
};

class Counter {
public:
    std::vector<Hit> hits;

    Counter() : slots(1024, Slot{0, 0}), mask(1023) {}
    // Records that occur nowhere else in the stream, for which room was made.
    void room(size_t count) {
        if (alone.size() < single + count) alone.resize(2 * (single + count));
    }
    void add_single(uint32_t record) {
        alone[single] = record;
        single += record != 0;
    }
    const uint32_t *singles() const { return alone.data(); }
    size_t single_count() const { return single; }
    void add(uint32_t record) {
        if (!record) return;
        uint32_t at = place(record);
        for (; slots[at].record; at = (at + 1) & mask)
            if (slots[at].record == record) {
                ++hits[slots[at].hit].count;
                return;
            }
        slots[at] = {record, static_cast<uint32_t>(hits.size())};
        hits.push_back({record, 1, at});
        if (__builtin_expect(2 * hits.size() > slots.size(), 0)) grow();
    }
    void clear() {
        for (const Hit &hit : hits) slots[hit.slot].record = 0;
        hits.clear();
        single = 0;
    }

private:
    struct Slot {
        uint32_t record, hit;
    };
    uint32_t place(uint32_t record) const { return (record * 0x9E3779B1u >> 7) & mask; }
    __attribute__((noinline)) void grow() {
        mask = 2 * mask + 1;
        slots.assign(size_t{mask} + 1, Slot{0, 0});
        for (size_t i = 0; i < hits.size(); ++i) {
            uint32_t at = place(hits[i].record);
            while (slots[at].record) at = (at + 1) & mask;
            hits[i].slot = at;
            slots[at] = {hits[i].record, static_cast<uint32_t>(i)};
        }
    }
    std::vector<Slot> slots;  // record 0 for none
    std::vector<uint32_t> alone;
    size_t single = 0;
    uint32_t mask;
};

// The same for a long stream, with a place for every record: nothing to search, and no branch.
class Tally {
public:
    void fit(size_t records) {
        if (counts.size() < records) counts.resize(records, 0), touched.resize(records + 1);
    }
    void add(uint32_t record) {
        touched[distinct] = record;
        distinct += counts[record]++ == 0;
    }
    // Tells records that occur once from others, and forgets them all.
    void settle(std::vector<Hit> &repeated) {
        repeated.resize(distinct);
        size_t more = 0;
        once = 0;
        for (size_t i = 0; i < distinct; ++i) {
            const uint32_t record = touched[i], count = counts[record];
            counts[record] = 0;
            repeated[more] = {record, count, 0};
            more += count > 1;
            touched[once] = record;
            once += count == 1;
        }
        repeated.resize(more);
        distinct = 0;
    }
    const uint32_t *singles() const { return touched.data(); }
    size_t single_count() const { return once; }

private:
    std::vector<uint32_t> counts, touched;
    size_t distinct = 0, once = 0;
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
    // A feature that occurs n times weighs sqrt(n) * idf; those of `singles` occur once.
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
    void weigh(const Plate &plate, const Counter &counter) { weigh(plate, counter.singles(), counter.single_count(), counter.hits); }
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
        const float *data = plate.data.data();
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
            if (hits[i].count == 1) {
                ((total[K] += two(row + 2 * K)), ...);
            } else {
                const double count = hits[i].count, root = std::sqrt(count);
                ((total[K] += two(row + 2 * K) * (root + two(plate.squares.data() + 2 * K) * (count - root))), ...);
            }
        }
        ((sums[2 * K] = total[K][0], sums[2 * K + 1] = total[K][1]), ...);
    }
    void add_wide(const Plate &plate, const uint32_t *singles, size_t n, const std::vector<Hit> &hits) {
        const auto add_one = [&](uint32_t number, double count) {
            const float *row = plate.data.data() + size_t{number} * plate.width;
            const double root = std::sqrt(count);
            for (uint32_t k = 0; k < plate.width; ++k) sums[k] += row[k] * (root + plate.squares[k] * (count - root));
        };
        for (size_t i = 0; i < n; ++i) add_one(singles[i], 1);
        for (const Hit &hit : hits) add_one(hit.record, hit.count);
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
