#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/trace.hpp"

namespace telemetry {

using Labels = std::vector<std::pair<std::string, std::string>>;

/// How the numbers are written: Prometheus' exposition format 0.0.4, or OpenMetrics 1.0.0.
enum class MetricsForm { classic, open };

/// A number that only grows. Adding is one relaxed atomic addition.
class Counter {
public:
    void add(std::uint64_t amount = 1) { value_.fetch_add(amount, std::memory_order_relaxed); }
    std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
    alignas(64) std::atomic<std::uint64_t> value_{0};
};

/// How long things take, in seconds, in buckets from 100 µs to 10 s. Thread-safe.
class Histogram {
public:
    static constexpr std::array<double, 12> bounds_seconds = {
        0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10.0};

    void observe(double seconds);
    /// The same, of what belongs to a trace: in OpenMetrics its bucket names the newest one that
    /// is sampled, as an exemplar. Takes a lock if it is.
    void observe(double seconds, const base::Trace& trace);

private:
    friend class Metrics;
    struct Exemplar {
        base::Trace trace{};
        double seconds = 0;
        base::Time at{};
    };
    using Exemplars = std::array<Exemplar, bounds_seconds.size() + 1>;

    void append_to(std::string& out, const std::string& name, const std::string& labels,
                   MetricsForm form) const;

    std::array<std::atomic<std::uint64_t>, bounds_seconds.size() + 1> counts_{};
    std::atomic<std::uint64_t> sum_nanos_{0};
    mutable std::mutex exemplars_mutex_;
    std::unique_ptr<Exemplars> exemplars_;  ///< null until there is one
};

/// What the process measures, and its text form for Prometheus. One per process, handed to whoever
/// measures. Thread-safe. Names follow Prometheus: `portal_` first, the unit last, `_total` on
/// counters. One name is one kind of metric; its first help text stays.
class Metrics {
public:
    /// The counter of that name and those labels, made on first use; lives as long as the Metrics.
    Counter& counter(const std::string& name, const std::string& help, Labels labels = {});
    Histogram& histogram(const std::string& name, const std::string& help, Labels labels = {});

    /// Keeps a gauge alive; once it is destroyed, `read` is never called again.
    class Registration {
    public:
        Registration() = default;
        explicit Registration(std::shared_ptr<void> held) : held_(std::move(held)) {}

    private:
        std::shared_ptr<void> held_;
    };

    /// A value that `read` gives when somebody asks, on any thread. Keep the Registration no longer
    /// than what `read` refers to. `read` must be quick, must not throw, and must not use this
    /// Metrics. A later gauge of the same name and labels takes the place of an earlier one.
    [[nodiscard]] Registration gauge(const std::string& name, const std::string& help,
                                     Labels labels, std::function<double()> read);

    /// Everything measured, in the order of the names.
    std::string text(MetricsForm form = MetricsForm::classic) const;

private:
    struct Gauge {
        std::mutex mutex;
        std::function<double()> read;
    };
    struct Family {
        std::string help;
        std::string type;
        std::map<std::string, std::unique_ptr<Counter>> counters;
        std::map<std::string, std::unique_ptr<Histogram>> histograms;
        std::map<std::string, std::weak_ptr<Gauge>> gauges;
    };

    Family& family(const std::string& name, const std::string& help, const char* type);

    mutable std::mutex mutex_;
    std::map<std::string, Family> families_;
};

}  // namespace telemetry
