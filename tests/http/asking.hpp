#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/task.hpp"
#include "http/client.hpp"

namespace tests {

using namespace std::chrono_literals;

/// A whole answer.
struct Whole {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> fields{};
    std::string body{};
};

inline base::Task<Whole> ask_task(http::Client& client, http::ClientRequest request,
                                  base::Deadline deadline) {
    auto response = co_await client.send(std::move(request), deadline);
    if (!response) co_return response.error();
    Whole whole;
    whole.status = response->status;
    whole.fields = response->fields;
    auto body = co_await http::collect(response->body, 64 << 20);
    if (!body) co_return body.error();
    whole.body = std::move(*body);
    co_return std::move(whole);
}

/// Asks and reads to the end, on a loop of its own.
inline base::Result<Whole> ask(http::Client& client, http::ClientRequest request,
                               base::Deadline deadline = base::Deadline::in(10s)) {
    return base::run(ask_task(client, std::move(request), deadline));
}

/// The code of a refusal; `none` if there is none.
template <class T>
std::string code_of(const base::Result<T>& result) {
    return result ? "none" : result.error().code;
}

/// Content in pieces that a test made.
class Pieces final : public http::ClientBody {
public:
    explicit Pieces(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {}
    /// `count` pieces of 64 KiB.
    explicit Pieces(std::size_t count) : pieces_(count, std::string(65536, 'p')) {}
    /// Refused instead of ending.
    void break_with(base::Error error) { error_ = std::move(error); }

    base::Task<std::string> read_some() override {
        if (asked_ < pieces_.size()) co_return pieces_[asked_++];
        if (error_) co_return *error_;
        co_return std::string();
    }
    /// How many pieces were taken.
    std::size_t asked() const { return asked_; }

private:
    std::vector<std::string> pieces_;
    std::optional<base::Error> error_{};
    std::size_t asked_ = 0;
};

}  // namespace tests
