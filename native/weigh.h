// TF-IDF and logistic regression over records of a pool: the counterpart of framing.linear.
#pragma once

#include <cmath>

#include "tables.h"

namespace framing {

// How often each record occurs in a stream.
struct Hit {
    uint32_t record, count, slot;
};

class Counter {
public:
    std::vector<Hit> hits;

    Counter() : slots(1024, 0), mask(1023) {}
    void add(uint32_t record) {
        if (!record) return;
        uint32_t at = place(record);
        for (; slots[at]; at = (at + 1) & mask)
            if (Hit &hit = hits[slots[at] - 1]; hit.record == record) {
                ++hit.count;
                return;
            }
        hits.push_back({record, 1, at});
        slots[at] = static_cast<uint32_t>(hits.size());
        if (2 * hits.size() > slots.size()) grow();
    }
    void clear() {
        for (const Hit &hit : hits) slots[hit.slot] = 0;
        hits.clear();
    }

private:
    uint32_t place(uint32_t record) const { return static_cast<uint32_t>(record * 0x9E3779B97F4A7C15u >> 32) & mask; }
    void grow() {
        mask = 2 * mask + 1;
        slots.assign(mask + 1, 0);
        for (size_t i = 0; i < hits.size(); ++i) {
            uint32_t at = place(hits[i].record);
            while (slots[at]) at = (at + 1) & mask;
            hits[i].slot = at;
            slots[at] = static_cast<uint32_t>(i + 1);
        }
    }
    std::vector<uint32_t> slots;  // 1 + the number of a hit, 0 for none
    uint32_t mask;
};

// The sums of a pool's heads over the features of a stream.
struct Sums {
    std::vector<double> squares, products;  // of each head; of each of its outputs

    void start(const Pool &pool) {
        squares.assign(pool.heads.size(), 0.0);
        products.assign(pool.width, 0.0);
    }
    // Add features to the heads in `wanted`: a feature that occurs n times weighs sqrt(n) * idf.
    void weigh(const Pool &pool, const std::vector<Hit> &hits, uint32_t wanted) {
        for (const Hit &hit : hits) {
            const uint32_t *p = pool.data.data() + hit.record;
            const double root = hit.count == 1 ? 1.0 : std::sqrt(static_cast<double>(hit.count));
            for (uint32_t known = *p++; known; known &= known - 1) {
                const uint32_t number = static_cast<uint32_t>(__builtin_ctz(known));
                const PoolHead &head = pool.heads[number];
                if (wanted >> number & 1) {
                    const double value = root * number_at(p);
                    squares[number] += value * value;
                    double *product = products.data() + head.at;
                    for (uint32_t k = 0; k < head.outputs; ++k) product[k] += value * number_at(p + 1 + k);
                }
                p += 1 + head.outputs;
            }
        }
    }
    bool knows(uint32_t head) const { return squares[head] > 0; }
    // The scores of a head, in log-odds.
    void scores(const Pool &pool, uint32_t head, double *out) const {
        const PoolHead &one = pool.heads[head];
        const double scale = knows(head) ? 1 / std::sqrt(squares[head]) : 0;
        for (uint32_t k = 0; k < one.outputs; ++k) out[k] = products[one.at + k] * scale + one.intercept[k];
    }

private:
    static double number_at(const uint32_t *p) {
        float value;
        memcpy(&value, p, 4);
        return value;
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
