// Exact look-up of strings and of numbers, by open addressing: nothing is ever taken for another because its hash is the same.
//
// A text asks for far more than a model knows, and asks in no order, so what counts is how much memory an answer touches.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace framing {

constexpr uint32_t ABSENT = 0xFFFFFFFF;

inline uint64_t mix(uint64_t a, uint64_t b) {
    const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// Memory that begins with a cache line, on large pages where a table is large and the system has them: a look-up in 4 KB pages misses the page table too.
template <class T> struct Pages {
    using value_type = T;
    static constexpr size_t PAGE = size_t{2} << 20, ENOUGH = PAGE / 2;  // what is worth a large page: it takes as long as a hundred small ones, and memory

    Pages() = default;
    template <class U> Pages(const Pages<U> &) {}
    T *allocate(size_t n) {
        if (n > (~size_t{0} >> 2) / sizeof(T)) std::abort();
        const size_t bytes = n * sizeof(T), unit = bytes < ENOUGH ? 64 : PAGE, whole = bytes + (unit - bytes % unit) % unit;
        void *made = std::aligned_alloc(unit, whole);
        if (!made) std::abort();
#if defined(__linux__) && defined(MADV_HUGEPAGE)
        if (unit == PAGE) madvise(made, whole - bytes <= PAGE - ENOUGH ? whole : bytes / PAGE * PAGE, MADV_HUGEPAGE);
#endif
        return static_cast<T *>(made);
    }
    void deallocate(T *p, size_t) { std::free(p); }
    template <class U> bool operator==(const Pages<U> &) const { return true; }
    template <class U> bool operator!=(const Pages<U> &) const { return false; }
};
template <class T> using Rows = std::vector<T, Pages<T>>;

// Numbers that begin as zeros. The system's fresh memory has them already, so a large table is not written to once more for that.
template <class T> class Zeros {
public:
    explicit Zeros(size_t n = 0) : count(n), bytes(n * sizeof(T)) {
        if (n > (~size_t{0} >> 2) / sizeof(T)) std::abort();
#if defined(__linux__) && defined(MADV_HUGEPAGE)
        if (bytes >= Pages<T>::ENOUGH) {
            map();
            return;
        }
#endif
        mapped = std::calloc(bytes / 64 + 1, 64);
        if (!mapped) std::abort();
        first = static_cast<T *>(mapped);
    }
    Zeros(Zeros &&other) noexcept { swap(other); }
    Zeros &operator=(Zeros &&other) noexcept {
        swap(other);
        return *this;
    }
    ~Zeros() {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
        if (length) munmap(mapped, length);
        else
#endif
            std::free(mapped);
    }
    T *data() { return first; }
    const T *data() const { return first; }
    size_t size() const { return count; }

private:
    T *first = nullptr;
    void *mapped = nullptr;
    size_t count = 0, bytes = 0, length = 0;  // length: of what was mapped, 0 for nothing

#if defined(__linux__) && defined(MADV_HUGEPAGE)
    void map() {
        constexpr size_t PAGE = Pages<T>::PAGE;
        const size_t whole = bytes + (PAGE - bytes % PAGE) % PAGE;
        length = whole + PAGE;  // so that it can begin with a large page
        mapped = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (mapped == MAP_FAILED) std::abort();
        first = reinterpret_cast<T *>((reinterpret_cast<uintptr_t>(mapped) + PAGE - 1) / PAGE * PAGE);
        madvise(first, whole - bytes <= PAGE - Pages<T>::ENOUGH ? whole : bytes / PAGE * PAGE, MADV_HUGEPAGE);
    }
#endif
    void swap(Zeros &other) {
        std::swap(first, other.first);
        std::swap(mapped, other.mapped);
        std::swap(count, other.count);
        std::swap(bytes, other.bytes);
        std::swap(length, other.length);
    }
};

struct Masks {  // of the bytes of a string of each size
    uint64_t of[17][2] = {};
    constexpr Masks() {
        for (uint32_t size = 1; size <= 16; ++size)
            for (uint32_t byte = 0; byte < size; ++byte) of[size][byte / 8] |= uint64_t{0xFF} << byte % 8 * 8;
    }
};
constexpr Masks MASKS;

// A string as two numbers: its bytes if it has at most 16, else a hash.
struct Key {
    uint64_t low, high;
    uint32_t size;

    static Key of(std::string_view text) {
        Key key{0, 0, static_cast<uint32_t>(text.size())};
        if (text.size() > 16) return {hashed(text.data(), key.size), 0, key.size};
        memcpy(&key.low, text.data(), text.size() < 8 ? text.size() : 8);
        if (text.size() > 8) memcpy(&key.high, text.data() + 8, text.size() - 8);
        return key;
    }
    // The same where 16 bytes may be read at `p`, whatever the size. The masks spare a branch that words of mixed lengths mislead.
    static Key padded(const char *p, uint32_t size) {
        if (size > 16) return {hashed(p, size), 0, size};
        Key key{0, 0, size};
        memcpy(&key.low, p, 8);
        memcpy(&key.high, p + 8, 8);
        key.low &= MASKS.of[size][0];
        key.high &= MASKS.of[size][1];
        return key;
    }
    uint32_t hash() const { return static_cast<uint32_t>(mix(low ^ 0x9E3779B97F4A7C15u ^ size, high ^ 0xD6E8FEB86659FD93u)); }

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
    uint32_t find(const char *p, const Key &key, uint32_t hash) const {
        for (uint32_t at = hash & mask;; at = (at + 1) & mask) {
            const Slot slot = slots[at];
            if (slot.id == ABSENT) return ABSENT;
            if (slot.hash == hash && same(slot.id, p, key)) return slot.id;
        }
    }
    uint32_t find(std::string_view text) const {
        const Key key = Key::of(text);
        return slots.empty() ? ABSENT : find(text.data(), key, key.hash());
    }
    uint32_t add(std::string_view text) {
        const Key key = Key::of(text);
        return add(text, key, key.hash());
    }
    // Many, whose slots are fetched together; visit(i, id) for each.
    template <class Text, class Visit> void add_all(size_t count, Text text, Visit visit) {
        constexpr size_t TOGETHER = 32;
        std::string_view texts[TOGETHER];
        Key all[TOGETHER];
        uint32_t hashes[TOGETHER];
        for (size_t from = 0; from < count; from += TOGETHER) {
            const size_t n = std::min(count - from, TOGETHER);
            for (size_t i = 0; i < n; ++i) {
                texts[i] = text(from + i);
                all[i] = Key::of(texts[i]);
                hashes[i] = all[i].hash();
                __builtin_prefetch(slots.data() + (hashes[i] & mask));
            }
            for (size_t i = 0; i < n && !slots.empty(); ++i) {  // where one is known, what it is compared with
                const uint32_t id = slots[hashes[i] & mask].id;
                if (id != ABSENT) __builtin_prefetch(keys.data() + id);
            }
            for (size_t i = 0; i < n; ++i) visit(from + i, add(texts[i], all[i], hashes[i]));
        }
    }
    uint32_t add(std::string_view text, const Key &key, uint32_t hash) {
        if (4 * (keys.size() + 1) > 3 * slots.size()) spread(slots.empty() ? 64 : 2 * slots.size());
        uint32_t at = hash & mask;
        for (; slots[at].id != ABSENT; at = (at + 1) & mask)
            if (slots[at].hash == hash && same(slots[at].id, text.data(), key)) return slots[at].id;
        slots[at] = {hash, size()};
        keys.push_back({key.low, key.high, arena.size(), key.size});
        arena.append(text);
        return slots[at].id;
    }
    std::string_view operator[](uint32_t id) const { return {arena.data() + keys[id].start, keys[id].size}; }
    uint32_t size() const { return static_cast<uint32_t>(keys.size()); }
    void reserve(size_t count) {
        size_t room = 64;
        while (3 * room < 4 * (count + 1)) room *= 2;
        if (room > slots.size()) spread(room);
        keys.reserve(count);
        arena.reserve(8 * count);
    }
private:
    struct Slot {
        uint32_t hash, id;
    };
    struct Known {
        uint64_t low, high, start;
        uint32_t size;
    };
    bool same(uint32_t id, const char *p, const Key &key) const {
        const Known &known = keys[id];
        if (known.low != key.low || known.high != key.high || known.size != key.size) return false;
        return key.size <= 16 || memcmp(arena.data() + known.start, p, key.size) == 0;
    }
    void spread(size_t room) {
        Rows<Slot> old(room, Slot{0, ABSENT});
        old.swap(slots);
        mask = static_cast<uint32_t>(room - 1);
        for (const Slot &slot : old)
            if (slot.id != ABSENT) {
                uint32_t at = slot.hash & mask;
                while (slots[at].id != ABSENT) at = (at + 1) & mask;
                slots[at] = slot;
            }
    }
    Rows<Slot> slots;
    Rows<Known> keys;
    std::string arena;
    uint32_t mask = 0;
};

// A number that is looked up, with its hash and what the caller wants to know of it again.
struct Asked {
    uint64_t key, hash;
    uint32_t note;
};

// Numbers of 64 bits to numbers of 32.
class NumberTable {
public:
    uint32_t find(uint64_t key) const {
        const uint64_t hash = hash_of(key);
        return may_hold(hash) ? find(key, hash) : ABSENT;
    }
    // In two steps, for many keys at once: most are unknown, and the few bits that tell so stay in the cache.
    static uint64_t hash_of(uint64_t key) { return mix(key ^ 0x9E3779B97F4A7C15u, 0xD6E8FEB86659FD93u); }
    bool may_hold(uint64_t hash) const { return sieve.empty() ? used > 0 : sieve[hash >> 6 & sieve_mask] >> (hash & 63) & 1; }
    void prefetch_sieve(uint64_t hash) const { __builtin_prefetch(sieve.data() + (hash >> 6 & sieve_mask)); }
    void prefetch(uint64_t hash) const { __builtin_prefetch(slots.data() + (hash >> 32 & mask)); }
    uint32_t find(uint64_t key, uint64_t hash) const {
        for (uint64_t at = hash >> 32 & mask;; at = (at + 1) & mask) {
            const Slot &slot = slots[at];
            if (slot.key() == key) return slot.value;
            if (slot.key() == EMPTY) return ABSENT;
        }
    }
    // All that are known of many keys at once, so that their memory is fetched together. Which may be is told without a branch:
    // half of them are not, and no processor guesses that.
    template <class Visit> void find_all(Asked *asked, size_t count, Visit visit) const {
        size_t left = 0;
        for (size_t i = 0; i < count; ++i) {
            const Asked one = asked[i];
            asked[left] = one;
            left += may_hold(one.hash);
        }
        for (size_t i = 0; i < left; ++i) prefetch(asked[i].hash);
        for (size_t i = 0; i < left; ++i)
            if (const uint32_t value = find(asked[i].key, asked[i].hash); value != ABSENT) visit(value, asked[i].note);
    }
    template <class Visit> void find_all(std::vector<Asked> &asked, Visit visit) const { find_all(asked.data(), asked.size(), visit); }
    // The value of a key, ABSENT where it is new.
    uint32_t &operator[](uint64_t key) {
        if (5 * (size_t{used} + 1) > 4 * slots.size()) spread(slots.empty() ? 64 : 2 * slots.size());
        uint64_t at = hash_of(key) >> 32 & mask;
        for (; slots[at].key() != key; at = (at + 1) & mask) {
            if (slots[at].key() != EMPTY) continue;
            slots[at] = slot_of(key);
            ++used;
            break;
        }
        return slots[at].value;
    }
    uint32_t size() const { return used; }
    void reserve(size_t count) {
        size_t room = 64;
        while (4 * room < 5 * (count + 1)) room *= 2;
        if (room > slots.size()) spread(room);
    }
    template <class Visit> void each(Visit visit) {
        for (Slot &slot : slots)
            if (slot.key() != EMPTY) visit(slot.key(), slot.value);
    }
    // Fill the sieve; nothing may be added after.
    void settle() {
        size_t words = 1;
        while (64 * words < 10 * size_t{used}) words *= 2;
        sieve.assign(words, 0);
        sieve_mask = words - 1;
        each([this](uint64_t key, uint32_t) {
            const uint64_t hash = hash_of(key);
            sieve[hash >> 6 & sieve_mask] |= uint64_t{1} << (hash & 63);
        });
    }

private:
    static constexpr uint64_t EMPTY = ~uint64_t{0};  // no key of ours
    struct Slot {  // of 12 bytes: a number of 64 bits would make it 16
        uint32_t low, high, value;
        uint64_t key() const { return static_cast<uint64_t>(high) << 32 | low; }
    };
    static Slot slot_of(uint64_t key) { return {static_cast<uint32_t>(key), static_cast<uint32_t>(key >> 32), ABSENT}; }
    void spread(size_t room) {
        Rows<Slot> old(room, slot_of(EMPTY));
        old.swap(slots);
        mask = room - 1;
        for (const Slot &slot : old)
            if (slot.key() != EMPTY) {
                uint64_t at = hash_of(slot.key()) >> 32 & mask;
                while (slots[at].key() != EMPTY) at = (at + 1) & mask;
                slots[at] = slot;
            }
    }
    Rows<Slot> slots;
    std::vector<uint64_t> sieve;  // a bit for every hash that is there
    uint64_t mask = 0, sieve_mask = 0;
    uint32_t used = 0;
};

}  // namespace framing
