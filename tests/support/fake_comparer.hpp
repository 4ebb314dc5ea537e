#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "legacy/comparison.hpp"

namespace support {

/// Keeps what it is offered, and reports what it is told to. Thread-safe.
class FakeComparer final : public legacy::Comparer {
public:
    struct Route {
        legacy::CompareRules rules;
        Ask ask_legacy;
        Ask ask_native;
    };

    void add_route(const std::string& route, legacy::CompareRules rules, Ask ask_legacy,
                   Ask ask_native) override {
        routes.insert_or_assign(
            route, Route{std::move(rules), std::move(ask_legacy), std::move(ask_native)});
    }
    void offer(legacy::Comparison comparison) override {
        std::lock_guard lock(mutex_);
        offered_.push_back(std::move(comparison));
    }
    bool has_room() const override { return room.load(); }
    std::size_t body_bytes_max() const override { return 1 << 20; }
    legacy::CompareReport report(const std::string& route) const override {
        std::lock_guard lock(mutex_);
        auto found = reports_.find(route);
        return found == reports_.end() ? legacy::CompareReport() : found->second;
    }
    base::Task<void> restart(std::string route) override {
        std::lock_guard lock(mutex_);
        reports_.erase(route);
        co_return base::Result<void>();
    }

    void say(const std::string& route, legacy::CompareReport report) {
        std::lock_guard lock(mutex_);
        reports_[route] = std::move(report);
    }
    std::vector<legacy::Comparison> offered() const {
        std::lock_guard lock(mutex_);
        return offered_;
    }

    std::map<std::string, Route> routes;
    std::atomic<bool> room{true};

private:
    mutable std::mutex mutex_;
    std::map<std::string, legacy::CompareReport> reports_;
    std::vector<legacy::Comparison> offered_;
};

}  // namespace support
