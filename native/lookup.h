// Exact look-up of strings and of numbers, by open addressing: nothing is ever taken for another because its hash is the same.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace framing {

constexpr uint32_t ABSENT = 0xFFFFFFFF;

inline uint64_t mix(uint64_t a, uint64_t b) {
    const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// A string as two numbers: its bytes if it has at most 16, else a hash.
struct Key {
    uint64_t low, high;
    uint32_t size;

    static Key of(const char *p, uint32_t size) {
        Key key{0, 0, size};
        if (size <= 16) {
            memcpy(&key.low, p, size < 8 ? size : 8);
            if (size > 8) memcpy(&key.high, p + 8, size - 8);
        } else {
            key.low = hashed(p, size);
        }
        return key;
    }
    // The same where 16 bytes may be read at `p`, whatever the size.
    static Key padded(const char *p, uint32_t size) {
        static constexpr uint64_t all = ~uint64_t{0};
        if (size > 16) return {hashed(p, size), 0, size};
        Key key{0, 0, size};
        memcpy(&key.low, p, 8);
        memcpy(&key.high, p + 8, 8);
        if (size <= 8) {
            key.high = 0;
            key.low &= size ? all >> (64 - 8 * size) : 0;
        } else {
            key.high &= all >> (128 - 8 * size);
        }
        return key;
    }
    uint64_t hash() const { return mix(low ^ 0x9E3779B97F4A7C15u ^ size, high ^ 0xD6E8FEB86659FD93u); }

private:
    static uint64_t hashed(const char *p, uint32_t size) {
        uint64_t hash = size, part;
        uint32_t at = 0;
        for (; at + 8 <= size; at += 8) {
            memcpy(&part, p + at, 8);
            hash = mix(hash ^ part, 0xA0761D6478BD642Fu);
        }
        part = 0;
        memcpy(&part, p + at, size - at);
        return mix(hash ^ part, 0xE7037ED1A0B428DBu);
    }
};

// Strings, numbered from 0 in the order of their coming.
class StringTable {
public:
    uint32_t find(const char *p, const Key &key) const {
        if (slots.empty()) return ABSENT;
        for (uint64_t at = key.hash() & mask;; at = (at + 1) & mask) {
            const Slot &slot = slots[at];
            if (slot.id == ABSENT) return ABSENT;
            if (same(slot, p, key)) return slot.id;
        }
    }
    uint32_t find(std::string_view text) const { return find(text.data(), Key::of(text.data(), static_cast<uint32_t>(text.size()))); }
    void prefetch(const Key &key) const {
        if (!slots.empty()) __builtin_prefetch(&slots[key.hash() & mask]);
    }
    uint32_t add(std::string_view text) { return add(text.data(), Key::of(text.data(), static_cast<uint32_t>(text.size()))); }
    uint32_t add(const char *p, const Key &key) {
        if (2 * (size() + 1) > slots.size()) grow();
        uint64_t at = key.hash() & mask;
        for (; slots[at].id != ABSENT; at = (at + 1) & mask)
            if (same(slots[at], p, key)) return slots[at].id;
        slots[at] = {key.low, key.high, key.size, size()};
        starts.push_back(arena.size());
        arena.append(p, key.size);
        return slots[at].id;
    }
    std::string_view operator[](uint32_t id) const {
        const size_t end = id + 1 < starts.size() ? starts[id + 1] : arena.size();
        return {arena.data() + starts[id], end - starts[id]};
    }
    uint32_t size() const { return static_cast<uint32_t>(starts.size()); }

private:
    struct Slot {
        uint64_t low, high;
        uint32_t size, id;
    };
    bool same(const Slot &slot, const char *p, const Key &key) const {
        if (slot.low != key.low || slot.high != key.high || slot.size != key.size) return false;
        return key.size <= 16 || memcmp(arena.data() + starts[slot.id], p, key.size) == 0;
    }
    void grow() {
        std::vector<Slot> old(slots.size() ? 2 * slots.size() : 64, Slot{0, 0, 0, ABSENT});
        old.swap(slots);
        mask = slots.size() - 1;
        for (const Slot &slot : old) {
            if (slot.id == ABSENT) continue;
            uint64_t at = Key{slot.low, slot.high, slot.size}.hash() & mask;
            while (slots[at].id != ABSENT) at = (at + 1) & mask;
            slots[at] = slot;
        }
    }
    std::vector<Slot> slots;
    std::vector<size_t> starts;
    std::string arena;
    uint64_t mask = 0;
};

// Numbers of 64 bits to numbers of 32.
class NumberTable {
public:
    uint32_t find(uint64_t key) const {
        if (slots.empty()) return ABSENT;
        for (uint64_t at = place(key);; at = (at + 1) & mask) {
            const Slot &slot = slots[at];
            if (slot.key() == key) return slot.value;
            if (slot.key() == EMPTY) return ABSENT;
        }
    }
    void prefetch(uint64_t key) const {
        if (!slots.empty()) __builtin_prefetch(&slots[place(key)]);
    }
    // The value of a key, ABSENT where it is new.
    uint32_t &operator[](uint64_t key) {
        if (2 * (used + 1) > slots.size()) grow();
        uint64_t at = place(key);
        for (; slots[at].key() != key; at = (at + 1) & mask) {
            if (slots[at].key() != EMPTY) continue;
            slots[at] = slot_of(key);
            ++used;
            break;
        }
        return slots[at].value;
    }
    uint32_t size() const { return used; }
    template <class Visit> void each(Visit visit) const {
        for (const Slot &slot : slots)
            if (slot.key() != EMPTY) visit(slot.key(), slot.value);
    }

private:
    static constexpr uint64_t EMPTY = ~uint64_t{0};  // no key of ours: word numbers are smaller
    struct Slot {  // of 12 bytes: a number of 64 bits would make it 16
        uint32_t low, high, value;
        uint64_t key() const { return static_cast<uint64_t>(high) << 32 | low; }
    };
    static Slot slot_of(uint64_t key) { return {static_cast<uint32_t>(key), static_cast<uint32_t>(key >> 32), ABSENT}; }
    uint64_t place(uint64_t key) const { return mix(key ^ 0x9E3779B97F4A7C15u, 0xD6E8FEB86659FD93u) & mask; }
    void grow() {
        std::vector<Slot> old(slots.size() ? 2 * slots.size() : 64, slot_of(EMPTY));
        old.swap(slots);
        mask = slots.size() - 1;
        for (const Slot &slot : old) {
            if (slot.key() == EMPTY) continue;
            uint64_t at = place(slot.key());
            while (slots[at].key() != EMPTY) at = (at + 1) & mask;
            slots[at] = slot;
        }
    }
    std::vector<Slot> slots;
    uint64_t mask = 0;
    uint32_t used = 0;
};

}  // namespace framing
