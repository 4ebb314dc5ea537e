#include "manifest.hpp"

#include <algorithm>

namespace backup {

namespace {

/// The last two names in one, if they are a digest; else empty.
std::string digest_in(const std::string& name) {
    constexpr std::size_t letters = 64;
    constexpr std::size_t fan_letters = 2;
    constexpr std::size_t all = letters + 1;
    if (name.size() < all) return {};
    auto digest = name.substr(name.size() - all);
    if (digest[fan_letters] != '/') return {};
    digest.erase(fan_letters, 1);
    bool is_one = digest.find_first_not_of("0123456789abcdef") == std::string::npos;
    return is_one ? digest : std::string();
}

}  // namespace

std::vector<StoredFile> files_of(const Manifest& manifest) {
    std::vector<StoredFile> all;
    for (const auto& store : manifest.stores) {
        all.push_back(store.rest);
        for (const auto& segment : store.segments) all.push_back(segment.file);
    }
    for (const auto& kept : manifest.files) all.push_back(kept.file);
    return all;
}

const StoredStore* find_store(const Manifest& manifest, const std::string& name) {
    auto found = std::find_if(manifest.stores.begin(), manifest.stores.end(),
                              [&](const StoredStore& store) { return store.name == name; });
    return found == manifest.stores.end() ? nullptr : &*found;
}

std::string make_id(std::int64_t number, base::Time at) {
    constexpr std::size_t digits = 6;
    auto text = std::to_string(number);
    if (text.size() < digits) text.insert(0, digits - text.size(), '0');
    text += '-';
    // 2026-03-01T12:00:00.000Z without what names of files do not need.
    auto written = base::to_rfc3339(at);
    for (char c : written.substr(0, written.find('.'))) {
        if (c != '-' && c != ':') text += c;
    }
    return text + 'Z';
}

bool is_called_by_digest(const std::string& name) {
    return !digest_in(name).empty();
}

bool fits(const std::string& name, const StoredFile& file) {
    auto digest = digest_in(name);
    return digest.empty() || digest == file.sha256;
}

}  // namespace backup
