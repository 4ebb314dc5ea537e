#include "base/task.hpp"

#include <thread>

#include "base/watermark.hpp"
#include "resilience/gather.hpp"
#include "support/catch.hpp"

// The coroutine canary: the three forms of co_await that GCC 12 compiles right, under ASan.
namespace {

using namespace std::chrono_literals;

base::Task<std::string> greet(std::string name) {
    co_return "hello " + name;
}

base::Task<std::string> pass_on(std::string name) {
    co_return co_await greet(name);
}

base::Task<int> refuse() {
    co_return base::Error{base::Reason::conflict, "no", "No."};
}

base::Task<int> chain(std::vector<std::string> names) {
    int length = 0;
    for (const auto& name : names) {
        auto greeting = co_await pass_on(name);
        if (!greeting) co_return greeting.error();
        length += static_cast<int>(greeting->size());
    }
    co_return length;
}

base::Task<int> on_other_thread(int value) {
    auto start = [value](base::Completion<int> completion) {
        std::thread([value, moved = std::move(completion)]() mutable {
            moved(value + 1);
        }).detach();
    };
    co_return co_await base::suspend<int>(start);
}

base::Task<int> dropped() {
    auto start = [](base::Completion<int>) {};
    co_return co_await base::suspend<int>(start);
}

base::Task<int> never() {
    auto executor = co_await boost::asio::this_coro::executor;
    resilience::detail::Timer timer(executor);
    timer.expires_after(1h);
    co_await timer.async_wait(base::use_task);
    co_return 0;
}

base::Task<int> breaks() {
    throw std::runtime_error("broken");
    co_return 0;
}

base::Task<std::vector<base::Result<int>>> fan_out() {
    std::vector<base::Task<int>> tasks;
    tasks.push_back(on_other_thread(1));
    tasks.push_back(refuse());
    tasks.push_back(never());
    tasks.push_back(breaks());
    auto deadline = base::Deadline::in(50ms);
    co_return co_await resilience::gather<int>(deadline, std::move(tasks));
}

base::Task<bool> wait_for(base::Watermark& mark, std::int64_t value,
                          std::chrono::milliseconds span) {
    co_return co_await mark.reached(value, span);
}

}  // namespace

TEST_CASE("a task gives its value, or its refusal", "[base]") {
    CHECK(*base::run(chain({"ann", "bob", std::string(100, 'x')})) == 9 + 9 + 106);
    auto refused = base::run(refuse());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "no");
}

TEST_CASE("work on another thread comes back to the coroutine's own executor", "[base]") {
    CHECK(*base::run(on_other_thread(41)) == 42);
}

TEST_CASE("a completion that is thrown away refuses instead of hanging", "[base]") {
    auto result = base::run(dropped());
    REQUIRE_FALSE(result);
    CHECK(result.error().reason == base::Reason::unavailable);
}

TEST_CASE("an exception comes out of run", "[base]") {
    CHECK_THROWS(base::run(breaks()));
}

TEST_CASE("a fan-out keeps order, and names what was refused, late or broken", "[resilience]") {
    auto results = base::run(fan_out());
    REQUIRE(results);
    REQUIRE(results->size() == 4);
    CHECK(*results->at(0) == 2);
    CHECK(results->at(1).error().code == "no");
    CHECK(results->at(2).error().reason == base::Reason::deadline);
    CHECK(results->at(3).error().reason == base::Reason::unavailable);
}

TEST_CASE("a watermark lets those go whose value is reached, and only those", "[base]") {
    base::Watermark mark;
    CHECK_FALSE(*base::run(wait_for(mark, 1, 10ms)));
    mark.advance(3);
    CHECK(*base::run(wait_for(mark, 3, 10ms)));
    std::thread other([&] { mark.advance(7); });
    CHECK(*base::run(wait_for(mark, 7, 10s)));
    other.join();
    mark.advance(5);
    CHECK(mark.value() == 7);
}
