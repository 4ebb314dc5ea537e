// What the ranking of what is read next takes in, gives out and keeps, without a server around it.
//
//   ranking_load [READERS [ARTICLES [VISITS [FILE]]]]
//
// Invented visits, 2.6 a second: half of them follow a rule from the reader's last article (one of
// four), the others are to few articles more than to many (the cube of an even chance). Each
// article has three labels. Then readers by chance are ranked the first 20 and 200 articles, once
// by itself and once as the server asks, through the one thread that ranks, while it learns 5,000
// visits a second. Last the state goes to a file and back.
// Prints one line of JSON: visits per second on one core, microseconds per question, bytes,
// seconds.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/work_pool.hpp"
#include "ranking_snapshot.hpp"

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

    /// The same as a server has it: through the thread that also learns so many visits a second, in
    /// batches that are 50 ms apart.
    std::vector<double> ask_beside(std::size_t most, std::size_t visits_per_second) {
        constexpr std::size_t batches_per_second = 20;
        base::WorkPool::Options options;
        options.name = "ranking";
        options.queue_max = 256;
        base::WorkPool pool(options);
        std::atomic<bool> ended{false};
        std::thread learner([&] {
            auto next = Clock::now();
            while (!ended.load()) {
                next += std::chrono::milliseconds(1000 / batches_per_second);
                std::this_thread::sleep_until(next);
                auto learn = [&] {
                    visit(visits_per_second / batches_per_second);
                    return true;
                };
                if (!base::run(pool.run<bool>({}, 0, learn))) std::abort();
            }
        });
        std::vector<double> taken;
        std::mt19937_64 random(2);
        for (int i = 0; i < questions; ++i) {
            auto rank = [&, reader = random() % last_.size()] {
                Wanted wanted;
                wanted.reader = state_.readers().find(reader);
                return state_.ranking().rank(wanted, at_, most).size();
            };
            auto begin = Clock::now();
            auto ranked = base::run(pool.run<std::size_t>({}, 0, rank));
            if (!ranked || *ranked == 0) std::abort();
            taken.push_back(seconds_since(begin) * 1e6);
        }
        ended = true;
        learner.join();
        std::ranges::sort(taken);
        return taken;
    }

    /// Seconds to write all of it to a file, and to read that.
    std::pair<double, double> keep(const std::string& file) {
        SnapshotSettings settings{RankingWeights{}, {last_.size(), articles_, articles_}};
        auto begin = Clock::now();
        write_snapshot(file, {1, 1}, settings, state_);
        auto written = seconds_since(begin);
        state_ = RankingState(settings.weights, settings.limits);
        begin = Clock::now();
        read_snapshot(file, 1, settings, state_);
        return {written, seconds_since(begin)};
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
        std::fputs(
            "ranking_load [READERS [ARTICLES [VISITS [FILE]]]], each a number of 1 or more\n",
            stderr);
        return 2;
    }
    Load load(readers, articles);
    auto rate = load.visit(visits);
    auto page = load.ask(20);
    auto list = load.ask(200);
    auto beside = load.ask_beside(20, 5000);
    auto at = [](const std::vector<double>& all, std::size_t percent) {
        return all[all.size() * percent / 100];
    };
    auto bytes = resident_bytes();
    auto room = load.make_room();
    auto file = std::filesystem::temp_directory_path() / "ranking_load.snapshot";
    if (count > 4) file = values[4];
    auto [written, read] = load.keep(file.string());
    auto file_bytes = std::filesystem::file_size(file);
    std::filesystem::remove(file);
    std::printf(
        "{\"readers\": %zu, \"articles\": %zu, \"visits\": %zu, \"visits_per_s\": %.0f, "
        "\"rank_20_us\": {\"p50\": %.0f, \"p99\": %.0f}, \"rank_200_us\": {\"p50\": %.0f, "
        "\"p99\": %.0f}, \"beside_5000_us\": {\"p50\": %.0f, \"p99\": %.0f}, \"make_room_ms\": "
        "%.0f, \"resident_bytes\": %ld, \"file_bytes\": %ju, \"write_s\": %.1f, \"read_s\": "
        "%.1f}\n",
        readers, articles, visits, rate, at(page, 50), at(page, 99), at(list, 50), at(list, 99),
        at(beside, 50), at(beside, 99), room, bytes, static_cast<std::uintmax_t>(file_bytes),
        written, read);
    return 0;
}
