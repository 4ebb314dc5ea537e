#include "static_service.hpp"

#include <algorithm>
#include <map>

#include "http/target.hpp"

namespace legacy {

namespace {

constexpr std::size_t hash_digits = 12;

/// The file's path below its folder, decoded; nothing if a segment is not plainly a name.
std::optional<std::string> relative_path(std::string_view rest) {
    auto decoded = http::percent_decode(rest);
    if (decoded.empty() || decoded.back() == '/') return std::nullopt;
    std::string_view left = decoded;
    while (true) {
        auto name = left.substr(0, left.find('/'));
        bool plain = !name.empty() && name.front() != '.' &&
                     std::none_of(name.begin(), name.end(), [](char c) {
                         return static_cast<unsigned char>(c) < 0x20 || c == '\\' || c == 0x7f;
                     });
        if (!plain) return std::nullopt;
        if (name.size() == left.size()) return decoded;
        left.remove_prefix(name.size() + 1);
    }
}

std::string lower_extension(std::string_view name) {
    auto dot = name.rfind('.');
    if (dot == name.npos) return {};
    std::string extension(name.substr(dot + 1));
    for (auto& c : extension) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return extension;
}

}  // namespace

StaticService::StaticService(std::vector<StaticFolder> folders) : folders_(std::move(folders)) {
    std::stable_sort(folders_.begin(), folders_.end(),
                     [](const auto& a, const auto& b) { return a.path.size() > b.path.size(); });
}

std::optional<http::Response> StaticService::find(const http::Request& request) const {
    bool reads = request.method == http::Method::get || request.method == http::Method::head;
    if (!reads) return std::nullopt;
    auto path = request.target.substr(0, request.target.find('?'));
    auto found = std::find_if(folders_.begin(), folders_.end(),
                              [&](const auto& one) { return path.starts_with(one.path); });
    if (found == folders_.end()) return std::nullopt;
    auto relative = relative_path(path.substr(found->path.size()));
    if (!relative) return std::nullopt;
    auto file = http::FileBody::open_below(found->folder, *relative);
    if (!file) return std::nullopt;

    std::string_view name = *relative;
    name.remove_prefix(name.rfind('/') + 1);
    http::Response response;
    response.content_type = content_type_of(name);
    response.body = std::move(*file);
    response.cache_control = is_hashed(name) ? "public, max-age=31536000, immutable" : "no-cache";
    // Nothing of what our own answers forbid themselves: the files are the site's as they were.
    response.fields.emplace_back("Content-Security-Policy", "frame-ancestors *");
    return response;
}

bool is_hashed(std::string_view name) {
    auto end = name.rfind('.');
    if (end == name.npos || end == 0) return false;
    auto begin = name.rfind('.', end - 1);
    if (begin == name.npos || end - begin - 1 != hash_digits) return false;
    auto hash = name.substr(begin + 1, hash_digits);
    return std::all_of(hash.begin(), hash.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string content_type_of(std::string_view name) {
    static const std::map<std::string, const char*, std::less<>> types = {
        {"aac", "audio/aac"},
        {"atom", "application/atom+xml"},
        {"avif", "image/avif"},
        {"bmp", "image/bmp"},
        {"css", "text/css; charset=utf-8"},
        {"csv", "text/csv; charset=utf-8"},
        {"doc", "application/msword"},
        {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
        {"eot", "application/vnd.ms-fontobject"},
        {"epub", "application/epub+zip"},
        {"gif", "image/gif"},
        {"gz", "application/gzip"},
        {"htm", "text/html; charset=utf-8"},
        {"html", "text/html; charset=utf-8"},
        {"ico", "image/x-icon"},
        {"ics", "text/calendar; charset=utf-8"},
        {"jpeg", "image/jpeg"},
        {"jpg", "image/jpeg"},
        {"js", "text/javascript; charset=utf-8"},
        {"json", "application/json"},
        {"m4a", "audio/mp4"},
        {"m4v", "video/mp4"},
        {"map", "application/json"},
        {"mjs", "text/javascript; charset=utf-8"},
        {"mov", "video/quicktime"},
        {"mp3", "audio/mpeg"},
        {"mp4", "video/mp4"},
        {"odt", "application/vnd.oasis.opendocument.text"},
        {"oga", "audio/ogg"},
        {"ogg", "audio/ogg"},
        {"ogv", "video/ogg"},
        {"otf", "font/otf"},
        {"pdf", "application/pdf"},
        {"png", "image/png"},
        {"ppt", "application/vnd.ms-powerpoint"},
        {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
        {"rss", "application/rss+xml"},
        {"svg", "image/svg+xml"},
        {"tif", "image/tiff"},
        {"tiff", "image/tiff"},
        {"ttf", "font/ttf"},
        {"txt", "text/plain; charset=utf-8"},
        {"vtt", "text/vtt; charset=utf-8"},
        {"wasm", "application/wasm"},
        {"wav", "audio/wav"},
        {"weba", "audio/webm"},
        {"webm", "video/webm"},
        {"webmanifest", "application/manifest+json"},
        {"webp", "image/webp"},
        {"woff", "font/woff"},
        {"woff2", "font/woff2"},
        {"xls", "application/vnd.ms-excel"},
        {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
        {"xml", "application/xml"},
        {"zip", "application/zip"},
    };
    auto found = types.find(lower_extension(name));
    return found == types.end() ? "application/octet-stream" : found->second;
}

}  // namespace legacy
