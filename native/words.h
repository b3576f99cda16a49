// A table of short words, looked up by the bytes of a word.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "word_lists.h"

namespace framing {

class Words {
  public:
    template <size_t N> explicit Words(const Listed (&words)[N]) {
        size_t room = 64;
        while (room < 3 * N) room *= 2;
        slots.resize(room);
        for (const Listed &word : words) insert(word);
    }
    // The lists that a word stands in; 0 if in none.
    uint32_t find(const char *word, uint32_t size) const {
        if (size == 0 || size > 16) return 0;
        const Key key = key_of(word, size);
        for (size_t at = hash(key);; ++at) {
            const Slot &slot = slots[at & (slots.size() - 1)];
            if (slot.key.size == 0) return 0;
            if (slot.key == key) return slot.lists;
        }
    }

  private:
    struct Key {
        uint64_t first = 0, last = 0;
        uint32_t size = 0;
        bool operator==(const Key &other) const { return first == other.first && last == other.last && size == other.size; }
    };
    struct Slot {
        Key key;
        uint32_t lists = 0;
    };
    std::vector<Slot> slots;

    template <class Number> static uint64_t number(const char *p) {
        Number value;
        memcpy(&value, p, sizeof value);
        return value;
    }
    // All bytes of a word of 1 to 16 in two numbers, which overlap.
    static Key key_of(const char *p, uint32_t size) {
        if (size >= 8) return {number<uint64_t>(p), number<uint64_t>(p + size - 8), size};
        if (size >= 4) return {number<uint32_t>(p), number<uint32_t>(p + size - 4), size};
        return {number<uint8_t>(p) | number<uint8_t>(p + size / 2) << 8, number<uint8_t>(p + size - 1), size};
    }
    static size_t hash(const Key &key) {
        const uint64_t mixed = (key.first ^ key.last * 0x9E3779B97F4A7C15u ^ key.size) * 0xD6E8FEB86659FD93u;
        return static_cast<size_t>(mixed >> 32);
    }
    void insert(const Listed &word) {
        const Key key = key_of(word.word, static_cast<uint32_t>(strlen(word.word)));
        size_t at = hash(key);
        while (slots[at & (slots.size() - 1)].key.size != 0) ++at;
        slots[at & (slots.size() - 1)] = {key, word.lists};
    }
};

}  // namespace framing
