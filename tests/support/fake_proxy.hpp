#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "legacy/proxy.hpp"

namespace support {

/// A monolith that says of each request what it is told to, `legacy` to begin with. Thread-safe.
class FakeProxy final : public legacy::Proxy {
public:
    using Answer = std::function<http::Response(const http::Request&)>;

    /// What was forwarded.
    struct Forwarded {
        std::string method;
        std::string target;
        legacy::Passage passage;
    };

    bool configured() const override { return is_there; }
    bool has_folders() const override { return !files.empty(); }
    bool has_file(const http::Request& request) const override {
        return files.contains(std::string(request.target));
    }
    void retire() override { retired_.store(true); }
    bool retired() const override { return retired_.load(); }
    bool has_upstream(const std::string& name) const override { return upstreams.contains(name); }

    base::Task<http::Response> forward(http::Request& request, http::BodyReader& body,
                                       const legacy::Passage& passage,
                                       legacy::Heard heard) override {
        for (;;) {
            auto piece = co_await body.next();
            if (!piece) co_return piece.error();
            if (piece->empty()) break;
        }
        count_.fetch_add(1);
        if (remembers) {
            std::lock_guard lock(mutex_);
            forwarded_.push_back(
                {std::string(http::name_of(request.method)), std::string(request.target), passage});
        }
        auto made = answer(request);
        if (heard) heard(http::plain(request, made), std::chrono::microseconds(1000));
        co_return made;
    }

    base::Task<http::PlainResponse> ask(const http::RequestCopy& request, const legacy::Passage&,
                                        base::Deadline deadline) override {
        auto asked = request.request(0, deadline);
        co_return http::plain(asked, answer(asked));
    }

    static http::Response text(std::string body) {
        http::Response response;
        response.content_type = "text/plain; charset=utf-8";
        response.body = std::move(body);
        response.origin = http::Origin::elsewhere;
        return response;
    }

    std::vector<Forwarded> forwarded() const {
        std::lock_guard lock(mutex_);
        return forwarded_;
    }
    std::int64_t count() const { return count_.load(); }

    // Before it is used.
    bool is_there = true;
    bool remembers = true;
    std::set<std::string> upstreams{};
    std::set<std::string> files{};  ///< targets
    Answer answer = [](const http::Request&) { return text("legacy"); };

private:
    std::atomic<std::int64_t> count_{0};
    std::atomic<bool> retired_{false};
    mutable std::mutex mutex_;
    std::vector<Forwarded> forwarded_;
};

}  // namespace support
