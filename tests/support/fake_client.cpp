#include "support/fake_client.hpp"

#include <utility>

namespace support {

namespace {

base::Error too_late() {
    return {base::Reason::deadline, "upstream_timeout", "It did not answer in time."};
}

class FakeBody final : public http::ClientBody {
public:
    FakeBody(std::vector<std::string> pieces, std::optional<base::Error> breaks,
             base::Deadline deadline)
        : pieces_(std::move(pieces)), breaks_(std::move(breaks)), deadline_(deadline) {}

    base::Task<std::string> read_some() override {
        if (!failure_ && next_ < pieces_.size()) {
            if (!deadline_.passed()) co_return pieces_[next_++];
            failure_ = too_late();
        } else if (!failure_) {
            failure_ = breaks_;
        }
        if (failure_) co_return *failure_;
        co_return std::string();
    }

private:
    std::vector<std::string> pieces_;
    std::optional<base::Error> breaks_;
    std::optional<base::Error> failure_;
    base::Deadline deadline_;
    std::size_t next_ = 0;
};

}  // namespace

void FakeClient::answer(const std::string& target, Answer answer) {
    std::lock_guard lock(mutex_);
    answers_[target] = std::move(answer);
}

std::vector<FakeClient::Seen> FakeClient::seen() const {
    std::lock_guard lock(mutex_);
    return seen_;
}

FakeClient::Answer FakeClient::answer_for(const std::string& target) const {
    std::lock_guard lock(mutex_);
    auto known = answers_.find(target);
    if (known != answers_.end()) return known->second;
    Answer nobody;
    nobody.refusal = {base::Reason::unavailable, "upstream_refused", "Nobody is there."};
    return nobody;
}

base::Task<http::ClientResponse> FakeClient::send(http::ClientRequest request,
                                                  base::Deadline deadline) {
    auto checked = http::check(request);
    if (!checked) co_return checked.error();
    if (deadline.passed()) co_return too_late();
    auto answer = answer_for(request.target);
    Seen seen{request, {}};
    auto* upload = std::get_if<http::ClientUpload>(&request.body);
    if (upload) {
        auto source = upload->source;
        auto content = co_await http::collect(source, std::size_t(-1));
        if (!content) co_return content.error();
        if (upload->length && *upload->length != content->size()) {
            co_return base::Error{base::Reason::invalid, "invalid_request",
                                  "The content is not as long as was said."};
        }
        seen.content = std::move(*content);
    } else {
        seen.content = std::get<std::string>(request.body);
    }
    {
        std::lock_guard lock(mutex_);
        seen_.push_back(std::move(seen));
    }
    if (answer.refusal) co_return *answer.refusal;
    http::ClientResponse response;
    response.status = answer.status;
    response.fields = std::move(answer.fields);
    bool empty =
        request.method == http::Method::head || answer.status == 204 || answer.status == 304;
    if (empty) {
        answer.pieces.clear();
        answer.breaks.reset();
    }
    response.body =
        std::make_shared<FakeBody>(std::move(answer.pieces), std::move(answer.breaks), deadline);
    co_return std::move(response);
}

}  // namespace support
