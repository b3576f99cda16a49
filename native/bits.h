// Bytes by vectors of 16 and their answers as bits: SSE2, NEON or plain C++, whichever the target has without being asked.
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "The kernel reads bits and keys of words in little-endian order; the pure engine runs everywhere."
#endif

namespace framing {

typedef uint8_t Bytes __attribute__((vector_size(16)));

inline Bytes load(const char *p) {
    Bytes v;
    memcpy(&v, p, sizeof v);
    return v;
}
inline void store(char *p, Bytes v) { memcpy(p, &v, sizeof v); }

inline Bytes splat(uint8_t byte) { return Bytes{} + byte; }
inline Bytes equal(Bytes v, uint8_t byte) { return reinterpret_cast<Bytes>(v == splat(byte)); }
inline Bytes within(Bytes v, uint8_t low, uint8_t high) {
    return reinterpret_cast<Bytes>(v - splat(low) <= splat(static_cast<uint8_t>(high - low)));
}

// One bit of each byte of four vectors, whose bytes are 0 or 255.
#if defined(__SSE2__)
inline uint64_t bits_of(Bytes a, Bytes b, Bytes c, Bytes d) {
    const auto bits = [](Bytes v) { return static_cast<uint64_t>(_mm_movemask_epi8(reinterpret_cast<__m128i>(v))); };
    return bits(a) | bits(b) << 16 | bits(c) << 32 | bits(d) << 48;
}
#elif defined(__aarch64__)
inline uint64_t bits_of(Bytes a, Bytes b, Bytes c, Bytes d) {
    const Bytes place = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    const auto pairs = vpaddq_u8(vpaddq_u8(a & place, b & place), vpaddq_u8(c & place, d & place));
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(pairs, pairs)), 0);
}
#else
inline uint64_t bits_of(Bytes a, Bytes b, Bytes c, Bytes d) {
    const Bytes all[4] = {a, b, c, d};
    uint64_t bits = 0;
    for (int i = 0; i < 64; ++i) bits |= static_cast<uint64_t>(all[i / 16][i % 16] & 1) << i;
    return bits;
}
#endif

// The bits of 64 bytes for which a test of vectors holds.
template <class Test> inline uint64_t mask(const Bytes (&v)[4], Test test) { return bits_of(test(v[0]), test(v[1]), test(v[2]), test(v[3])); }

inline uint32_t lowest(uint64_t bits) { return static_cast<uint32_t>(__builtin_ctzll(bits)); }

}  // namespace framing
