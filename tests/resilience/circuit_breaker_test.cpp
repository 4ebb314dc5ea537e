#include "resilience/circuit_breaker.hpp"

#include <atomic>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "config/reader.hpp"
#include "resilience/retry_budget.hpp"
#include "support/catch.hpp"

using namespace std::chrono_literals;
using resilience::CircuitBreaker;
using State = CircuitBreaker::State;

namespace {

const char* name_of(State state) {
    static constexpr const char* names[] = {"closed", "open", "half_open"};
    return names[static_cast<std::size_t>(state)];
}

/// A breaker at a time that only the test moves, with the permits that it has given out.
struct Bench {
    explicit Bench(resilience::CircuitBreakerConfig config = {})
        : breaker(
              config,
              [this](State from, State to) {
                  heard += std::string(name_of(from)) + ">" + name_of(to) + " ";
              },
              [this] { return CircuitBreaker::Time(1000h) + std::chrono::microseconds(micros); }) {}

    void advance(std::chrono::microseconds span) { micros += span.count(); }
    void call(bool good, std::chrono::microseconds length = 0us) {
        auto permit = breaker.acquire();
        REQUIRE(permit);
        advance(length);
        if (good) {
            permit->succeeded();
        } else {
            permit->failed();
        }
    }
    void calls(int good, int bad) {
        for (int i = 0; i < good; ++i) call(true);
        for (int i = 0; i < bad; ++i) call(false);
    }
    std::string state() const { return name_of(breaker.state()); }

    std::atomic<std::int64_t> micros{0};
    std::string heard;
    CircuitBreaker breaker;
};

/// A script of one word per step: `+` a good call, `-` a failed one, `s` a slow good one (1 s),
/// `x` a call that must be refused, `p` takes a permit and keeps it, `d` drops the oldest kept one,
/// `g` and `b` let it report success and failure, `c` cancels it; a number is so many milliseconds;
/// a number, `*` and a step is that step so often; anything else is the state that is expected.
void play(Bench& bench, const std::string& script) {
    std::vector<CircuitBreaker::Permit> kept;
    auto pop = [&kept] {
        REQUIRE_FALSE(kept.empty());
        auto permit = std::move(kept.front());
        std::vector<CircuitBreaker::Permit> rest;
        for (std::size_t i = 1; i < kept.size(); ++i) rest.push_back(std::move(kept[i]));
        kept.swap(rest);
        return permit;
    };
    std::istringstream words(script);
    for (std::string word; words >> word;) {
        CAPTURE(script, word);
        int count = 1;
        if (auto star = word.find('*'); star != std::string::npos) {
            count = std::stoi(word.substr(0, star));
            word = word.substr(star + 1);
        }
        for (; count > 0; --count) {
            if (word == "+") {
                bench.call(true);
            } else if (word == "-") {
                bench.call(false);
            } else if (word == "s") {
                bench.call(true, 1s);
            } else if (word == "x") {
                auto refused = bench.breaker.acquire();
                REQUIRE_FALSE(refused);
                CHECK(refused.error().code == "circuit_open");
                CHECK(refused.error().reason == base::Reason::unavailable);
            } else if (word == "p") {
                auto permit = bench.breaker.acquire();
                REQUIRE(permit);
                kept.push_back(std::move(*permit));
            } else if (word == "d") {
                pop();
            } else if (word == "g") {
                pop().succeeded();
            } else if (word == "b") {
                pop().failed();
            } else if (word == "c") {
                pop().cancelled();
            } else if (word.find_first_not_of("0123456789") == std::string::npos) {
                bench.advance(std::chrono::milliseconds(std::stoi(word)));
            } else {
                CHECK(bench.state() == word);
            }
        }
    }
    for (auto& permit : kept) permit.cancelled();
}

}  // namespace

TEST_CASE("a breaker changes its state as its table says, and never by other ways",
          "[resilience]") {
    const std::map<std::string, std::string> scripts = {
        {"few calls open nothing, however bad", "19*- closed"},
        {"half of twenty opens", "10*+ 9*- closed - open x"},
        {"less than half does not", "11*+ 9*- closed"},
        {"what is older than the window is forgotten", "19*- 10000 + closed"},
        {"what is within the window is not", "19*- 8900 - open"},
        {"open lasts five seconds", "20*- open 4999 x open 1 p half_open"},
        {"three good probes close", "20*- 5000 + half_open + + closed"},
        {"one bad probe of three is forgiven", "20*- 5000 + - + closed"},
        {"two bad ones open again, for twice as long",
         "20*- 5000 - half_open - open 9999 x 1 p half_open"},
        {"the rest doubles up to a minute",
         "20*- 5000 2*- 10000 2*- 20000 2*- 40000 2*- 59999 x 1 2*- 59999 x 1 p half_open"},
        {"once closed, the rest is short again", "20*- 5000 2*- 10000 3*+ closed 20*- 4999 x 1 p"},
        {"no fourth probe", "20*- 5000 p p p x x g x g x g closed +"},
        {"a dropped probe counts as failed", "20*- 5000 p p d half_open d open x"},
        {"a cancelled probe goes to the next", "20*- 5000 p p p x c p x g g g closed"},
        {"probes that never report fail in time", "20*- 5000 3*p 29999 x 1 x open 9999 x 1 p"},
        {"a late report of an old probe changes nothing",
         "20*- 5000 3*p 30000 x open 3*g open 10000 3*+ closed"},
        {"a call of before the opening changes nothing after it",
         "p p 20*- open b open 5000 + half_open b half_open 2*+ closed"},
        {"a dropped call counts as failed", "20*p 20*d open"},
        {"a cancelled call counts as nothing", "19*- p c closed - open"},
        {"slow probes open again", "20*- 5000 3*s open"},
        {"what only fails opens after a window, however seldom it is asked",
         "- 5000 - 4999 - closed 1 - open"},
        {"a good call begins that anew", "- 5000 - + 5000 - - closed 9999 - closed 1 - open"},
        {"two failures are no proof", "- 10000 - closed - open"},
        {"two slow probes of three are not four of five", "20*- 5000 s s half_open + closed"},
    };
    for (const auto& [sentence, script] : scripts) {
        CAPTURE(sentence);
        Bench bench;
        play(bench, script);
    }
}

TEST_CASE("a breaker opens on slow calls alone", "[resilience]") {
    resilience::CircuitBreakerConfig config;
    config.slow_call = 100ms;
    Bench bench(config);
    for (int i = 0; i < 4; ++i) bench.call(true);
    for (int i = 0; i < 15; ++i) bench.call(true, 100ms);
    CHECK(bench.state() == "closed");
    bench.call(true, 100ms);
    CHECK(bench.state() == "open");
    CHECK(bench.breaker.counts().slow == 16);
    CHECK(bench.breaker.counts().failed == 0);
}

TEST_CASE("a refusal says how long the rest lasts", "[resilience]") {
    Bench bench;
    bench.calls(0, 20);
    CHECK(bench.breaker.acquire().error().retry_after == 5s);
    bench.advance(3500ms);
    CHECK(bench.breaker.acquire().error().retry_after == 2s);
}

TEST_CASE("what a breaker does can be heard and counted", "[resilience]") {
    Bench bench;
    bench.calls(3, 17);
    CHECK_FALSE(bench.breaker.acquire());
    bench.advance(5s);
    bench.calls(3, 0);
    CHECK(bench.heard == "closed>open open>half_open half_open>closed ");
    auto counts = bench.breaker.counts();
    CHECK(counts.succeeded == 6);
    CHECK(counts.failed == 17);
    CHECK(counts.refused == 1);
    CHECK(counts.opened == 1);
    CHECK(counts.abandoned == 0);
}

TEST_CASE("threads that probe at once get three permits between them, and all ends well",
          "[resilience]") {
    Bench bench;
    bench.calls(0, 20);
    for (int round = 0; round < 50; ++round) {
        bench.advance(60s);
        std::atomic<int> through{0};
        std::vector<std::optional<CircuitBreaker::Permit>> permits(8);
        std::vector<std::thread> threads;
        for (auto& place : permits) {
            threads.emplace_back([&bench, &through, &place] {
                auto permit = bench.breaker.acquire();
                if (!permit) return;
                ++through;
                place.emplace(std::move(*permit));
            });
        }
        for (auto& thread : threads) thread.join();
        CHECK(through == 3);
        permits.clear();
        CHECK(bench.state() == "open");
    }
}

TEST_CASE("calls of many threads are all counted", "[resilience]") {
    Bench bench;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&bench, i] {
            for (int call = 0; call < 1000; ++call) {
                auto permit = bench.breaker.acquire();
                if (permit && i > 0) permit->succeeded();
                bench.advance(100us);
            }
        });
    }
    for (auto& thread : threads) thread.join();
    auto counts = bench.breaker.counts();
    CHECK(counts.succeeded + counts.failed + counts.refused == 4000);
    CHECK(counts.failed == counts.abandoned);
}

TEST_CASE("a breaker's settings are held to their ranges", "[resilience]") {
    resilience::CircuitBreakerConfig config;
    resilience::RetryBudgetConfig budget;
    auto describe = [&](config::Section& section) {
        resilience::describe(section.section("breaker", ""), config);
        resilience::describe(section.section("budget", ""), budget);
    };
    config::Sources sources;
    sources.overrides = {"breaker.open_max_ms=90000", "budget.percent=20"};
    CHECK(config::read(sources, describe).empty());
    CHECK(config.open_max == 90s);
    CHECK(budget.percent == 20);
    sources.overrides = {"breaker.open_min_ms=100000", "breaker.calls_min=0", "budget.percent=101"};
    CHECK(config::read(sources, describe).size() == 3);
}

TEST_CASE("one call in ten may be tried again, from the first on", "[resilience]") {
    resilience::RetryBudget budget({10, 10});
    std::uint64_t retries = 0;
    for (int call = 1; call <= 1000; ++call) {
        budget.called();
        if (budget.may_retry()) ++retries;
        CHECK(retries * 10 <= static_cast<std::uint64_t>(call));
    }
    CHECK(retries == 100);
    CHECK(budget.granted() == 100);
    CHECK(budget.refused() == 900);
}

TEST_CASE("retries are saved up to a limit", "[resilience]") {
    resilience::RetryBudget budget({10, 10});
    for (int call = 0; call < 100000; ++call) budget.called();
    int retries = 0;
    while (budget.may_retry()) ++retries;
    CHECK(retries == 10);
}

TEST_CASE("threads share one budget", "[resilience]") {
    resilience::RetryBudget budget({10, 1000});
    std::atomic<int> retries{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int call = 0; call < 1000; ++call) {
                budget.called();
                if (budget.may_retry()) ++retries;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(retries <= 400);
    while (budget.may_retry()) ++retries;
    CHECK(retries == 400);
}
