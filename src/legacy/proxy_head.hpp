#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/message.hpp"

namespace legacy {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// What this process puts into, and keeps from, the heads that it passes on.
struct HeadRules {
    std::string pseudonym{};             ///< who we are in Via
    std::vector<std::string> dropped{};  ///< names that no client may say, besides ours
};

/// The head of a client's request as the monolith gets it; pure. What belongs to one hop, frames
/// the message, or says who the client is, is left out; the rest goes byte for byte in its order;
/// what we say ourselves comes last, so that no Connection of a client can take it out again.
/// Content-Length and Transfer-Encoding are the client's that sends it. The monolith is told
/// `trace` as the place in a trace that asks it; zeros: what the client has said of that goes on.
Fields forwarded_fields(const http::Request& request, const HeadRules& rules,
                        const base::Trace& trace = {});

/// The same for a question of our own: what a client has asked before, as http::RequestCopy has it,
/// and not compressed.
Fields repeated_fields(const http::Request& request, const HeadRules& rules);

/// It has come through this process already.
bool has_passed(const http::Request& request, const HeadRules& rules);

/// Only for OPTIONS (RFC 9110, 7.6.2): how often it may be passed on; 0: not even once.
std::optional<std::int64_t> forwards_left(const http::Request& request);

/// The length that an answer's head says, for one that has no content to be measured.
std::optional<std::uint64_t> length_said(const Fields& fields);

/// The monolith wants its answer passed on as it comes.
bool wants_no_buffer(const Fields& fields);

}  // namespace legacy
