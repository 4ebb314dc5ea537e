// What the ranking of what is read next takes in, gives out and keeps, without a server around it.
//
//   ranking_load [READERS [ARTICLES [VISITS]]]
//
// Invented visits, 2.6 a second: half of them follow a rule from the reader's last article (one of
// four), the others are to few articles more than to many (the cube of an even chance). Each
// article has three labels. Then readers by chance are ranked the first 20 and 200 articles.
// Prints one line of JSON: visits per second on one core, microseconds per question, bytes.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "ranking_state.hpp"

namespace {

using namespace recommendation;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::microseconds between_visits{390'000};
constexpr int questions = 20'000;

std::size_t number(int count, char** values, int place, std::size_t otherwise) {
    if (count <= place) return otherwise;
    return static_cast<std::size_t>(std::strtoull(values[place], nullptr, 10));
}

double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

long resident_bytes() {
    std::ifstream status("/proc/self/status");
    std::string line;
    while (std::getline(status, line)) {
        if (line.starts_with("VmRSS:")) return std::strtol(line.c_str() + 6, nullptr, 10) * 1024;
    }
    return 0;
}

class Load {
public:
    Load(std::size_t readers, std::size_t articles)
        : state_(RankingWeights{}, {readers, articles, articles}),
          articles_(articles),
          last_(readers, 0) {
        for (std::size_t article = 0; article < articles; ++article) {
            state_.publish(
                name(article), at_,
                {"l" + std::to_string(article % 2000), "m" + std::to_string(article % 37),
                 "n" + std::to_string(article % 11)});
        }
    }

    /// Visits per second.
    double visit(std::size_t visits) {
        auto begin = Clock::now();
        for (std::size_t i = 0; i < visits; ++i) {
            at_ += between_visits;
            auto reader = random_() % last_.size();
            auto chance = static_cast<double>(random_() % 1'000'000) / 1e6;
            last_[reader] = random_() % 2 == 0
                                ? (last_[reader] * 31 + 7 + random_() % 4) % articles_
                                : static_cast<std::size_t>(std::pow(chance, 3) *
                                                           static_cast<double>(articles_));
            state_.visit(reader, name(last_[reader]), at_);
        }
        return static_cast<double>(visits) / seconds_since(begin);
    }

    /// Microseconds of each question, in order.
    std::vector<double> ask(std::size_t most) {
        std::vector<double> taken;
        for (int i = 0; i < questions; ++i) {
            Wanted wanted;
            wanted.reader = state_.readers().find(random_() % last_.size());
            auto begin = Clock::now();
            if (state_.ranking().rank(wanted, at_, most).empty()) std::abort();
            taken.push_back(seconds_since(begin) * 1e6);
        }
        std::ranges::sort(taken);
        return taken;
    }

    /// Milliseconds until there is room for articles where there is none.
    double make_room() {
        auto begin = Clock::now();
        state_.publish({"politics", 1}, at_, {"vote"});
        return seconds_since(begin) * 1e3;
    }

private:
    static ArticleName name(std::size_t article) {
        return {"sports", static_cast<std::int64_t>(article)};
    }

    RankingState state_;
    std::size_t articles_;
    std::vector<std::size_t> last_;
    std::mt19937_64 random_{1};
    base::Time at_ = base::from_micros(1'700'000'000'000'000);
};

}  // namespace

int main(int count, char** values) {
    auto readers = number(count, values, 1, 1'000'000);
    auto articles = number(count, values, 2, 100'000);
    auto visits = number(count, values, 3, 8'000'000);
    if (readers == 0 || articles == 0) {
        std::fputs("ranking_load [READERS [ARTICLES [VISITS]]], each a number of 1 or more\n",
                   stderr);
        return 2;
    }
    Load load(readers, articles);
    auto rate = load.visit(visits);
    auto page = load.ask(20);
    auto list = load.ask(200);
    auto at = [](const std::vector<double>& all, std::size_t percent) {
        return all[all.size() * percent / 100];
    };
    auto bytes = resident_bytes();
    std::printf(
        "{\"readers\": %zu, \"articles\": %zu, \"visits\": %zu, \"visits_per_s\": %.0f, "
        "\"rank_20_us\": {\"p50\": %.0f, \"p99\": %.0f}, \"rank_200_us\": {\"p50\": %.0f, "
        "\"p99\": %.0f}, \"make_room_ms\": %.0f, \"resident_bytes\": %ld}\n",
        readers, articles, visits, rate, at(page, 50), at(page, 99), at(list, 50), at(list, 99),
        load.make_room(), bytes);
    return 0;
}
