#include "telemetry/metrics.hpp"

#include <limits>
#include <thread>

#include "support/catch.hpp"

TEST_CASE("metrics are written as Prometheus reads them", "[telemetry]") {
    telemetry::Metrics metrics;
    metrics.counter("portal_requests_total", "Requests.", {{"route", "/a"}, {"code", "200"}})
        .add(3);
    metrics.counter("portal_requests_total", "Requests.", {{"route", "/b"}, {"code", "200"}}).add();
    metrics.counter("portal_drops_total", "Lost lines.\nSee \\docs \"here\".").add();
    auto depth = metrics.gauge("portal_queue_depth", "Waiting.", {{"queue", "a\"b\\c\nd"}},
                               [] { return 2.5; });

    CHECK(metrics.text() ==
          "# HELP portal_drops_total Lost lines.\\nSee \\\\docs \"here\".\n"
          "# TYPE portal_drops_total counter\n"
          "portal_drops_total 1\n"
          "# HELP portal_queue_depth Waiting.\n"
          "# TYPE portal_queue_depth gauge\n"
          "portal_queue_depth{queue=\"a\\\"b\\\\c\\nd\"} 2.5\n"
          "# HELP portal_requests_total Requests.\n"
          "# TYPE portal_requests_total counter\n"
          "portal_requests_total{code=\"200\",route=\"/a\"} 3\n"
          "portal_requests_total{code=\"200\",route=\"/b\"} 1\n");
}

TEST_CASE("metrics are written as OpenMetrics wants them", "[telemetry]") {
    telemetry::Metrics metrics;
    metrics.counter("portal_drops_total", "Lost \"lines\".", {{"code", "200"}}).add();
    auto depth = metrics.gauge("portal_queue_depth", "Waiting.", {}, [] { return 2.5; });

    CHECK(metrics.text(telemetry::MetricsForm::open) ==
          "# HELP portal_drops Lost \\\"lines\\\".\n"
          "# TYPE portal_drops counter\n"
          "portal_drops_total{code=\"200\"} 1\n"
          "# HELP portal_queue_depth Waiting.\n"
          "# TYPE portal_queue_depth gauge\n"
          "portal_queue_depth 2.5\n"
          "# EOF\n");
}

TEST_CASE("a counter is one, whoever asks for it and in whatever order of labels", "[telemetry]") {
    telemetry::Metrics metrics;
    auto& one = metrics.counter("portal_x_total", "X.", {{"a", "1"}, {"b", "2"}});
    auto& same = metrics.counter("portal_x_total", "X.", {{"b", "2"}, {"a", "1"}});
    CHECK(&one == &same);
    CHECK(&one != &metrics.counter("portal_x_total", "X.", {{"a", "1"}}));
}

TEST_CASE("a histogram counts up to and including each bound", "[telemetry]") {
    telemetry::Metrics metrics;
    auto& wait = metrics.histogram("portal_wait_seconds", "Wait.", {{"queue", "q"}});
    for (double seconds : {0.0, 0.0001, 0.0002, 0.5, 11.0}) wait.observe(seconds);

    auto text = metrics.text();
    for (const char* line : {
             "# TYPE portal_wait_seconds histogram\n",
             "portal_wait_seconds_bucket{queue=\"q\",le=\"0.0001\"} 2\n",
             "portal_wait_seconds_bucket{queue=\"q\",le=\"0.0005\"} 3\n",
             "portal_wait_seconds_bucket{queue=\"q\",le=\"0.1\"} 3\n",
             "portal_wait_seconds_bucket{queue=\"q\",le=\"0.5\"} 4\n",
             "portal_wait_seconds_bucket{queue=\"q\",le=\"10\"} 4\n",
             "portal_wait_seconds_bucket{queue=\"q\",le=\"+Inf\"} 5\n",
             "portal_wait_seconds_sum{queue=\"q\"} 11.5003\n",
             "portal_wait_seconds_count{queue=\"q\"} 5\n",
         }) {
        CAPTURE(line);
        CHECK_THAT(text, Catch::Contains(line));
    }
}

TEST_CASE("a gauge is gone with its registration", "[telemetry]") {
    telemetry::Metrics metrics;
    {
        auto held = metrics.gauge("portal_open", "Open.", {}, [] { return 1.0; });
        auto moved = std::move(held);
        CHECK_THAT(metrics.text(), Catch::Contains("portal_open 1\n"));
    }
    CHECK(metrics.text().empty());
}

TEST_CASE("a gauge that is registered again shows the newer value", "[telemetry]") {
    telemetry::Metrics metrics;
    auto first = metrics.gauge("portal_open", "Open.", {}, [] { return 1.0; });
    auto second = metrics.gauge("portal_open", "Open.", {}, [] { return 2.0; });
    first = {};
    CHECK_THAT(metrics.text(), Catch::Contains("portal_open 2\n"));
}

TEST_CASE("values that are no plain numbers have their words", "[telemetry]") {
    telemetry::Metrics metrics;
    double value = 0;
    auto held = metrics.gauge("portal_odd", "Odd.", {}, [&] { return value; });
    for (auto [given, word] : {std::pair{std::numeric_limits<double>::infinity(), "+Inf"},
                               {-std::numeric_limits<double>::infinity(), "-Inf"},
                               {std::numeric_limits<double>::quiet_NaN(), "NaN"},
                               {1e18, "1e+18"}}) {
        value = given;
        CHECK_THAT(metrics.text(), Catch::Contains(std::string("portal_odd ") + word + "\n"));
    }
}

TEST_CASE("metrics may be made, counted and read on any thread", "[telemetry]") {
    telemetry::Metrics metrics;
    auto work = [&] {
        for (int i = 0; i < 500; ++i) {
            metrics.counter("portal_x_total", "X.").add();
            metrics.histogram("portal_x_seconds", "X.").observe(0.001);
            auto held = metrics.gauge("portal_x", "X.", {}, [] { return 1.0; });
            metrics.text();
        }
    };
    std::thread first(work), second(work);
    first.join();
    second.join();
    CHECK(metrics.counter("portal_x_total", "X.").value() == 1000);
}
