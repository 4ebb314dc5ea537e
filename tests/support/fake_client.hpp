#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "http/client.hpp"

namespace support {

/// Other servers in memory: what was said for a target is what it answers, to any upstream.
/// Thread-safe. What was not said is `upstream_refused`.
class FakeClient final : public http::Client {
public:
    struct Answer {
        int status = 200;
        std::vector<std::pair<std::string, std::string>> fields{};
        std::vector<std::string> pieces{};     ///< of its content, none of them empty
        std::optional<base::Error> breaks{};   ///< after them, instead of an end
        std::optional<base::Error> refusal{};  ///< instead of all of it
    };
    struct Seen {
        http::ClientRequest request;
        std::string content;
    };

    void answer(const std::string& target, Answer answer);
    /// What was asked, in order.
    std::vector<Seen> seen() const;

    base::Task<http::ClientResponse> send(http::ClientRequest request,
                                          base::Deadline deadline) override;

private:
    Answer answer_for(const std::string& target) const;

    mutable std::mutex mutex_;
    std::map<std::string, Answer> answers_;
    std::vector<Seen> seen_;
};

}  // namespace support
