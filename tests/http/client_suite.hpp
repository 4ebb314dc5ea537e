#pragma once

#include <string>
#include <vector>

#include "support/fake_client.hpp"

namespace tests {

/// A client, and a way to say what the server that it asks will answer.
class ClientStage {
public:
    virtual ~ClientStage() = default;
    virtual http::Client& client() = 0;
    virtual http::UpstreamAddress upstream() = 0;
    virtual void answer(const std::string& target, support::FakeClient::Answer answer) = 0;
    /// The content of the last request that came.
    virtual std::string last_content() = 0;
};

/// What every http::Client does.
void client_suite(ClientStage& stage);

}  // namespace tests
