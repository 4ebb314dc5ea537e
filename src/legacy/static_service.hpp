#pragma once

#include <optional>
#include <string>
#include <vector>

#include "http/message.hpp"
#include "legacy/module.hpp"

namespace legacy {

/// Serves the files that a Django site would leave to its web server (STATIC_ROOT, MEDIA_ROOT): by
/// sendfile, with Range and ETag. Immutable, thread-safe; opens files on the caller's thread.
class StaticService {
public:
    explicit StaticService(std::vector<StaticFolder> folders);

    bool empty() const { return folders_.empty(); }
    /// The file that a GET or HEAD asks for. Nothing if it asks for none, or if there is none: then
    /// the monolith may know it. Nothing that lies outside of a folder is served, nor what begins
    /// with a dot.
    std::optional<http::Response> find(const http::Request& request) const;

private:
    std::vector<StaticFolder> folders_;  ///< the longest path first
};

/// What a file of that name is, by its extension; `application/octet-stream` if that says nothing.
std::string content_type_of(std::string_view name);

/// Whether a name carries the hash of its content, as Django's ManifestStaticServiceStorage writes
/// it
/// (`base.5af66c1b1797.css`): such a file never changes.
bool is_hashed(std::string_view name);

}  // namespace legacy
