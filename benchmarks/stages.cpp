// Times the stages of the kernel's text layer against `wc -w` on the same bytes, by turns. benchmarks/stages.py builds and runs it.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "../native/language.h"
#include "../native/sentences.h"
#include "../native/text.h"

using namespace framing;

namespace {

constexpr int TURNS = 15;
constexpr const char *NAMES[] = {"copy (memcpy)", "read", "tokens", "sentences", "quotations", "voices", "language", "all but memcpy", "wc -w"};
constexpr int COPY = 0, ALL = 7, WORDS = 8, STAGES = 9;

using Clock = std::chrono::steady_clock;

struct Turn {
    double seconds[STAGES] = {};
};

// Texts end in a zero byte each.
std::vector<std::string> read_texts(const char *path) {
    std::ifstream file(path, std::ios::binary);
    const std::string all((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    std::vector<std::string> texts;
    for (size_t from = 0; from < all.size(); from += texts.back().size() + 1) texts.emplace_back(all.c_str() + from);
    return texts;
}

double child_seconds() {
    rusage used;
    getrusage(RUSAGE_CHILDREN, &used);
    return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

// One pass over the texts; `sum` keeps the compiler from leaving anything out.
Turn run(const std::vector<std::string> &texts, View &view, std::vector<char> &copy, size_t &sum) {
    Turn turn;
    for (const std::string &text : texts) {
        Clock::time_point last = Clock::now();
        const auto lap = [&](int stage) {
            const Clock::time_point now = Clock::now();
            turn.seconds[stage] += std::chrono::duration<double>(now - last).count();
            last = now;
        };
        copy.resize(std::max(copy.size(), text.size()));
        memcpy(copy.data(), text.data(), text.size());
        lap(COPY);
        sum += read(view, text.data(), text.size());
        lap(1);
        find_tokens(view);
        lap(2);
        find_sentences(view);
        lap(3);
        find_quotations(view);
        lap(4);
        find_voices(view);
        lap(5);
        sum += identify(view) != nullptr;
        lap(6);
        sum += view.tokens.size() + static_cast<size_t>(copy[0]);
    }
    for (int stage = 1; stage < ALL; ++stage) turn.seconds[ALL] += turn.seconds[stage];
    return turn;
}

double middle(const std::vector<Turn> &turns, int stage) {
    std::vector<double> seconds;
    for (const Turn &turn : turns) seconds.push_back(turn.seconds[stage]);
    std::sort(seconds.begin(), seconds.end());
    return seconds[seconds.size() / 2];
}

}  // namespace

int main(int, char **arguments) {
    const std::vector<std::string> texts = read_texts(arguments[1]);
    const std::string command = std::string("wc -w '") + arguments[1] + "' > /dev/null";
    size_t bytes = 0, sum = 0;
    for (const std::string &text : texts) bytes += text.size();
    View view;
    std::vector<char> copy;
    std::vector<Turn> turns;
    for (int i = 0; i < TURNS; ++i) {
        turns.push_back(run(texts, view, copy, sum));
        const double before = child_seconds();
        if (system(command.c_str()) != 0) return 1;
        turns.back().seconds[WORDS] = child_seconds() - before;
    }
    printf("%zu texts, %zu bytes, medians of %d turns (%zu)\n", texts.size(), bytes, TURNS, sum);
    for (int stage = 0; stage < STAGES; ++stage) {
        const double seconds = middle(turns, stage);
        printf("%-15s %8.0f MB/s %6.2f ns/byte %7.3f of wc -w\n", NAMES[stage], static_cast<double>(bytes) / seconds / 1e6,
               seconds / static_cast<double>(bytes) * 1e9, seconds / middle(turns, WORDS));
    }
    return 0;
}
