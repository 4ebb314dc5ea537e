#include "base/task.hpp"

#include <future>
#include <thread>

#include "base/task_scope.hpp"
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

/// Resumed by another thread, but not before `told`.
base::Task<int> late(std::shared_future<void> told, bool& came_back) {
    auto start = [told](base::Completion<int> completion) {
        std::thread([told, moved = std::move(completion)]() mutable {
            told.wait();
            moved(1);
        }).detach();
    };
    auto value = co_await base::suspend<int>(start);
    came_back = true;
    co_return value;
}

/// Gives up on `late`, and only then lets it go on.
base::Task<int> leaves_behind(bool& came_back) {
    std::promise<void> told;
    std::vector<base::Task<int>> tasks;
    tasks.push_back(late(told.get_future().share(), came_back));
    auto deadline = base::Deadline::in(1ms);
    auto results = co_await resilience::gather<int>(deadline, std::move(tasks));
    told.set_value();
    co_return results->front().has_value() ? 0 : 7;
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

TEST_CASE("run ends only when no other thread has anything of its loop", "[base]") {
    bool came_back = false;
    CHECK(*base::run(leaves_behind(came_back)) == 7);
    CHECK(came_back);
}

TEST_CASE("a scope of tasks is left only when all of them have ended", "[base]") {
    std::promise<void> told;
    auto future = told.get_future().share();
    bool first = false;
    bool second = false;
    int done = 0;
    auto count = [&](base::Result<int> result) { done += result ? 1 : 0; };

    auto leave = [&] {
        base::TaskScope scope;
        scope.spawn(late(future, first), count);
        scope.spawn(late(future, second), count);
        told.set_value();
        throw std::runtime_error("something else");
    };

    CHECK_THROWS(leave());
    CHECK(first);
    CHECK(second);
    CHECK(done == 2);
}

TEST_CASE("what a task of a scope throws comes out of the wait for it", "[base]") {
    base::TaskScope scope;
    int done = 0;
    auto count = [&](base::Result<int>) { ++done; };
    scope.spawn(on_other_thread(1), count);
    scope.spawn(breaks(), count);

    CHECK_THROWS_AS(scope.wait(0), std::runtime_error);
    CHECK_NOTHROW(scope.wait(0));
    CHECK(done == 1);
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
