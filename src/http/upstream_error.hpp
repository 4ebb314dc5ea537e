#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace http {

// What is said of a server behind us that does not do its part. None of the sentences names it:
// they may reach a reader; the log names it.

inline base::Error upstream_refused() {
    return {base::Reason::unavailable, "upstream_refused",
            "The server that this comes from does not take connections. Try again."};
}

inline base::Error upstream_unreachable() {
    return {base::Reason::unavailable, "upstream_unreachable",
            "The server that this comes from cannot be reached. Try again."};
}

inline base::Error upstream_untrusted() {
    return {base::Reason::unavailable, "upstream_untrusted",
            "The server that this comes from cannot prove that it is the right one."};
}

inline base::Error upstream_timeout() {
    return {base::Reason::deadline, "upstream_timeout",
            "The server that this comes from did not answer in time. Try again."};
}

inline base::Error upstream_cut() {
    return {base::Reason::unavailable, "upstream_cut",
            "The server that this comes from ended in the middle of its answer. Try again."};
}

inline base::Error upstream_malformed(std::string_view why) {
    return {base::Reason::unavailable, "upstream_malformed",
            "The answer of the server that this comes from cannot be used. " + std::string(why)};
}

inline base::Error upstream_busy() {
    return {base::Reason::unavailable, "upstream_busy",
            "The server that this comes from has too much to do. Try again."};
}

inline base::Error upstream_forbidden() {
    return {base::Reason::forbidden, "upstream_forbidden",
            "That server has an address that nothing may be sent to."};
}

/// Not the server's doing: whoever asked does not want to know any more.
inline base::Error request_stopped() {
    return {base::Reason::unavailable, "request_stopped", "Nobody waits for this any more."};
}

}  // namespace http
