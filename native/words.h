// A table of short words, looked up by the bytes of a word.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "word_lists.h"

namespace framing {

// The bytes of a word of at most 16, with zeros behind: equal keys are equal words.
struct ShortWord {
    uint64_t first = 0, last = 0;

    // Needs 16 readable bytes.
    static ShortWord of(const char *word, uint32_t size) {
        ShortWord key;
        memcpy(&key, word, sizeof key);
        constexpr uint64_t all = ~uint64_t{0};
        key.first &= size >= 8 ? all : ~(all << 8 * size);
        key.last &= size >= 16 ? all : size <= 8 ? 0 : ~(all << 8 * (size - 8));
        return key;
    }
    bool operator==(const ShortWord &other) const { return ((first ^ other.first) | (last ^ other.last)) == 0; }
    uint64_t hash() const { return (first ^ last * 0x9E3779B97F4A7C15u) * 0xD6E8FEB86659FD93u; }
};

// A perfect hash: one look finds a word or shows that it is not there, so that nothing is left to guess for the processor.
class Words {
  public:
    template <size_t N> explicit Words(const Listed (&words)[N]) : steps(BUCKETS), entries(1) {
        size_t room = 64;
        while (room < 2 * N) room *= 2;
        slots.resize(room);
        std::vector<std::vector<uint16_t>> buckets(BUCKETS);
        for (const Listed &word : words) {
            buckets[bucket(add(word).hash())].push_back(static_cast<uint16_t>(entries.size() - 1));
        }
        std::stable_sort(buckets.begin(), buckets.end(), [](const auto &a, const auto &b) { return a.size() > b.size(); });
        for (const auto &bucket : buckets) place(bucket);
    }
    // The lists that a word stands in; 0 if in none. Needs 16 readable bytes from its begin on.
    uint32_t lists(const char *word, uint32_t size) const {
        const ShortWord key = ShortWord::of(word, std::min(size, 16u));
        const uint64_t hash = key.hash();
        const Entry &entry = entries[slots[slot(hash, steps[bucket(hash)])]];
        return entry.lists & (0u - static_cast<uint32_t>((entry.key == key) & (size <= 16)));
    }

  private:
    static constexpr size_t BUCKETS = 1024;
    struct Entry {
        ShortWord key;
        uint32_t lists = 0;
    };
    std::vector<uint8_t> steps;   // of a bucket: how far its words are moved so that each has a slot of its own
    std::vector<uint16_t> slots;  // numbers of `entries`; the first is no word's
    std::vector<Entry> entries;

    static size_t bucket(uint64_t hash) { return hash >> 54; }
    size_t slot(uint64_t hash, uint8_t step) const { return ((hash >> 36) + step * (hash >> 18 | 1)) & (slots.size() - 1); }
    ShortWord add(const Listed &word) {
        char padded[16] = {};
        memcpy(padded, word.word, strlen(word.word));
        entries.push_back({ShortWord::of(padded, 16), word.lists});
        return entries.back().key;
    }
    void place(const std::vector<uint16_t> &bucket_of) {
        for (uint32_t step = 0; step < 256 && !bucket_of.empty(); ++step) {
            if (!fits(bucket_of, static_cast<uint8_t>(step))) continue;
            steps[bucket(entries[bucket_of[0]].key.hash())] = static_cast<uint8_t>(step);
            return;
        }
    }
    // Whether the words of a bucket find free slots by a step; if so they stand there.
    bool fits(const std::vector<uint16_t> &bucket_of, uint8_t step) {
        size_t placed = 0;
        for (; placed < bucket_of.size(); ++placed) {
            uint16_t &free = slots[slot(entries[bucket_of[placed]].key.hash(), step)];
            if (free != 0) break;
            free = bucket_of[placed];
        }
        if (placed == bucket_of.size()) return true;
        while (placed-- > 0) slots[slot(entries[bucket_of[placed]].key.hash(), step)] = 0;
        return false;
    }
};

}  // namespace framing
