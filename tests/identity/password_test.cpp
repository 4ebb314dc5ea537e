// Hashes, and the pool in which they are made.
#include <sodium.h>

#include <condition_variable>
#include <mutex>

#include "password_crypto.hpp"
#include "password_pool.hpp"
#include "support/catch.hpp"
#include "support/stepped_loop.hpp"

namespace identity {

namespace {

using namespace std::chrono_literals;

const PasswordCost cost{};
constexpr std::int64_t memory = 1000;

/// Holds the threads of a pool until it is opened.
class Gate {
public:
    void wait() {
        std::unique_lock lock(mutex_);
        ++waiting_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_; });
    }
    void wait_for(int count) {
        std::unique_lock lock(mutex_);
        REQUIRE(changed_.wait_for(lock, 20s, [&] { return waiting_ >= count; }));
    }
    void open() {
        std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int waiting_ = 0;
    bool open_ = false;
};

/// One who has given the pool a piece of work, and waits for its outcome.
class Caller {
public:
    template <class Work>
    Caller(PasswordPool& pool, Work work, base::Deadline deadline = {}, std::int64_t bytes = 0) {
        loop_.spawn(pool.run<int>(deadline, bytes, std::move(work)), outcome_);
        loop_.begin();
    }
    ~Caller() { loop_.settle(); }
    base::Result<int> outcome() {
        loop_.settle();
        return *outcome_;
    }

private:
    std::optional<base::Result<int>> outcome_;
    support::SteppedLoop loop_;
};

}  // namespace

TEST_CASE("a password matches its own hash only, and no hash is like another", "[identity]") {
    auto hash = hash_password("correct horse", cost);
    CHECK_THAT(hash, Catch::StartsWith("$argon2id$v=19$m=19456,t=2,p=1$"));
    CHECK(hash_password("correct horse", cost) != hash);
    auto match = match_password("correct horse", hash, cost);
    CHECK(match.right);
    CHECK_FALSE(match.better_hash);
    CHECK_FALSE(match_password("correct horsf", hash, cost).right);
    CHECK_FALSE(match_password("", hash, cost).right);
}

TEST_CASE("a hash of lower cost is made anew", "[identity]") {
    auto hash = hash_password("correct horse", cost);
    auto higher = cost;
    higher.passes = 3;
    auto match = match_password("correct horse", hash, higher);
    REQUIRE(match.right);
    REQUIRE(match.better_hash);
    CHECK_THAT(*match.better_hash, Catch::StartsWith("$argon2id$v=19$m=19456,t=3,p=1$"));
    CHECK_FALSE(match_password("wrong", hash, higher).better_hash);
}

TEST_CASE("a hash of another form matches nothing", "[identity]") {
    for (const char* bad : {"", "!", "portal-test", "$argon2id$v=19$m=8,t=1,p=1$x$y"}) {
        CAPTURE(bad);
        CHECK_FALSE(match_password("portal-test", bad, cost).right);
        CHECK(match_memory_bytes(bad, cost) == 19456 * 1024);
    }
}

TEST_CASE("a full pool refuses, and goes on with what it took", "[identity]") {
    PasswordPool pool(1, 1, memory);
    Gate gate;
    Caller running(pool, [&] {
        gate.wait();
        return 1;
    });
    gate.wait_for(1);
    Caller waiting(pool, [] { return 2; });
    CHECK(pool.queued() == 1);
    auto refused = base::run(pool.run<int>({}, 0, [] { return 3; }));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "password_pool_full");
    CHECK(refused.error().reason == base::Reason::unavailable);
    gate.open();
    CHECK(*running.outcome() == 1);
    CHECK(*waiting.outcome() == 2);
}

TEST_CASE("work that does not fit into the memory waits, and what came after it too",
          "[identity]") {
    PasswordPool pool(4, 8, memory);
    Gate gate;
    std::atomic<std::int64_t> most{0};
    auto note = [&] {
        auto now = pool.memory_bytes();
        auto before = most.load();
        while (now > before && !most.compare_exchange_weak(before, now)) {
        }
    };
    auto held = [&] {
        note();
        gate.wait();
        return 1;
    };
    Caller first(pool, held, {}, 600);
    gate.wait_for(1);
    CHECK(pool.memory_bytes() == 600);
    Caller big(pool, held, {}, 500);
    Caller small(pool, held, {}, 100);
    CHECK(pool.queued() == 2);

    auto refused = base::run(pool.run<int>({}, memory + 1, [] { return 3; }));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "password_pool_full");
    CHECK(pool.memory_bytes() == 600);
    gate.open();
    CHECK(*first.outcome() == 1);
    CHECK(*big.outcome() == 1);
    CHECK(*small.outcome() == 1);
    CHECK(most.load() <= memory);
}

TEST_CASE("work whose deadline passed in the queue is not done", "[identity]") {
    PasswordPool pool(1, 8, memory);
    Gate gate;
    Caller running(pool, [&] {
        gate.wait();
        return 1;
    });
    gate.wait_for(1);
    bool done = false;
    Caller late(
        pool,
        [&] {
            done = true;
            return 2;
        },
        base::Deadline::in(-1s));
    CHECK(pool.queued() == 1);
    gate.open();
    CHECK(late.outcome().error().reason == base::Reason::deadline);
    CHECK_FALSE(done);
}

TEST_CASE("a pool that stops refuses what waits and what comes", "[identity]") {
    PasswordPool pool(1, 8, memory);
    Gate gate;
    Caller running(pool, [&] {
        gate.wait();
        return 1;
    });
    gate.wait_for(1);
    Caller waiting(pool, [] { return 2; });
    CHECK(pool.queued() == 1);
    pool.stop();
    CHECK(waiting.outcome().error().code == "stopping");
    CHECK(base::run(pool.run<int>({}, 0, [] { return 3; })).error().code == "stopping");
    gate.open();
    CHECK(*running.outcome() == 1);
}

TEST_CASE("an exception of the work comes to who waits", "[identity]") {
    PasswordPool pool(1, 8, memory);
    auto work = []() -> int { throw std::runtime_error("no memory"); };
    CHECK_THROWS_WITH(base::run(pool.run<int>({}, 0, work)), "no memory");
    CHECK(*base::run(pool.run<int>({}, 0, [] { return 4; })) == 4);
}

TEST_CASE("a password is the same however its letters are put together", "[identity]") {
    const std::string composed = "caf\xc3\xa9 au lait";
    const std::string decomposed = "cafe\xcc\x81 au lait";
    for (const auto& stored : {hash_password(composed, cost), hash_password(decomposed, cost)}) {
        for (const auto& typed : {composed, decomposed}) {
            auto match = match_password(typed, stored, cost);
            CHECK(match.right);
            CHECK_FALSE(match.better_hash);
        }
        CHECK_FALSE(match_password("cafe au lait", stored, cost).right);
    }
    // As it was hashed before: the bytes as they came.
    char raw[crypto_pwhash_STRBYTES];
    REQUIRE(crypto_pwhash_str_alg(raw, decomposed.data(), decomposed.size(), 2, 19456 * 1024,
                                  crypto_pwhash_ALG_ARGON2ID13) == 0);
    auto match = match_password(decomposed, raw, cost);
    CHECK(match.right);
    REQUIRE(match.better_hash);
    CHECK(match_password(composed, *match.better_hash, cost).right);
    CHECK_FALSE(match_password(composed, raw, cost).right);
    // What is no UTF-8 is taken as it is.
    CHECK(match_password("\xff long enough", hash_password("\xff long enough", cost), cost).right);
}

}  // namespace identity
