#pragma once

#include <string_view>

#include "http/message.hpp"

namespace http {

/// What the preconditions of a GET or HEAD make of its answer.
enum class Condition { send, not_modified, failed };

/// If-Match (strong), then If-None-Match (weak), against the answer's entity tag; RFC 9110, 13.2.2.
/// If-Modified-Since and If-Unmodified-Since are left out as the RFC allows, since no answer of
/// this server has a Last-Modified. Several field lines of a name are one list. Pure.
Condition evaluate(const Request& request, std::string_view etag);

/// A strong entity tag made from content.
std::string make_etag(std::string_view content);

}  // namespace http
