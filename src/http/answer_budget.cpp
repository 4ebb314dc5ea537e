#include "answer_budget.hpp"

#include <utility>

#include "http/ip_network.hpp"

namespace http {

namespace {

constexpr std::int64_t shrunk_by = 32 * 1024 * 1024;

}  // namespace

bool AnswerBudget::admits(std::string_view peer, std::size_t bytes) const {
    auto held = held_.load(std::memory_order_relaxed);
    if (bytes < bytes_min || held == 0) return true;
    auto wanted = static_cast<std::int64_t>(bytes);
    if (held + wanted > bytes_max_) return false;
    std::lock_guard lock(mutex_);
    auto client = clients_.find(client_of(peer));
    return client == clients_.end() || client->first.empty() ||
           client->second.bytes + wanted <= client_bytes_max_;
}

AnswerBudget::Share AnswerBudget::hold(std::string_view peer,
                                       std::shared_ptr<const PreparedResponse> answer) {
    Share share;
    if (answer->body.size() < bytes_min) return share;
    auto bytes = static_cast<std::int64_t>(answer->body.size());
    share.client_ = client_of(peer);
    std::lock_guard lock(mutex_);
    auto& client = clients_[share.client_];
    if (++client.answers[answer.get()] == 1) client.bytes += bytes;
    if (++answers_[answer.get()] == 1) {
        auto held = held_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
        if (held > most_.load(std::memory_order_relaxed)) {
            most_.store(held, std::memory_order_relaxed);
        }
    }
    share.budget_ = this;
    share.answer_ = std::move(answer);
    return share;
}

void AnswerBudget::release(const std::string& client, const PreparedResponse& answer) {
    auto bytes = static_cast<std::int64_t>(answer.body.size());
    std::lock_guard lock(mutex_);
    auto holding = clients_.find(client);
    if (--holding->second.answers[&answer] == 0) {
        holding->second.answers.erase(&answer);
        holding->second.bytes -= bytes;
    }
    if (holding->second.answers.empty()) clients_.erase(holding);
    auto counted = answers_.find(&answer);
    if (--counted->second > 0) return;
    answers_.erase(counted);
    held_.fetch_sub(bytes, std::memory_order_relaxed);
}

bool AnswerBudget::shrank() {
    auto most = most_.load(std::memory_order_relaxed);
    auto held = held_.load(std::memory_order_relaxed);
    if (most - held < shrunk_by) return false;
    most_.store(held, std::memory_order_relaxed);
    return true;
}

AnswerBudget::Share::Share(Share&& other) noexcept
    : budget_(std::exchange(other.budget_, nullptr)),
      client_(std::move(other.client_)),
      answer_(std::move(other.answer_)) {}

AnswerBudget::Share& AnswerBudget::Share::operator=(Share&& other) noexcept {
    if (this == &other) return *this;
    if (budget_) budget_->release(client_, *answer_);
    budget_ = std::exchange(other.budget_, nullptr);
    client_ = std::move(other.client_);
    answer_ = std::move(other.answer_);
    return *this;
}

AnswerBudget::Share::~Share() {
    if (budget_) budget_->release(client_, *answer_);
}

}  // namespace http
