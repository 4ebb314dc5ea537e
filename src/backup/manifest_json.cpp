#include "manifest_json.hpp"

#include <nlohmann/json.hpp>

#include "base/ids.hpp"

namespace backup {

namespace {

using Json = nlohmann::json;

base::Error damaged(const std::string& why) {
    return {base::Reason::unavailable, "manifest_damaged", why};
}

std::string text(const Json& json, const char* member) {
    return json.at(member).get<std::string>();
}

std::int64_t number(const Json& json, const char* member) {
    return json.at(member).get<std::int64_t>();
}

std::string hex(const bus::Hash& hash) {
    return base::to_hex(hash.data(), hash.size());
}

/// Throws Json::exception, as everything that reads here does, for what it is not.
bus::Hash hash_from(const std::string& text) {
    bus::Hash hash{};
    constexpr std::string_view digits = "0123456789abcdef";
    if (text.size() != 2 * hash.size()) throw Json::other_error::create(500, "hash", nullptr);
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto value = digits.find(text[i]);
        if (value == std::string_view::npos) throw Json::other_error::create(500, "hash", nullptr);
        hash[i / 2] = static_cast<unsigned char>(hash[i / 2] * 16 + value);
    }
    return hash;
}

Json to_json(const bus::Cursor& cursor) {
    return {{"position", cursor.position}, {"hash", hex(cursor.hash)}};
}

bus::Cursor cursor_from(const Json& json) {
    return {number(json, "position"), hash_from(text(json, "hash"))};
}

Json to_json(const StoredFile& file) {
    return {{"path", file.path}, {"bytes", file.bytes}, {"sha256", file.sha256}};
}

/// A path that leads out of the folder is none that was written here.
StoredFile file_from(const Json& json) {
    StoredFile file{text(json, "path"), number(json, "bytes"), text(json, "sha256")};
    bool leads_out = file.path.starts_with('/') || file.path.find("..") != std::string::npos;
    if (leads_out || file.path.empty()) throw Json::other_error::create(500, "path", nullptr);
    return file;
}

std::string name_from(const Json& json) {
    auto name = json.get<std::string>();
    bool is_name = !name.empty() && name.find('/') == std::string::npos && name.front() != '.';
    if (!is_name) throw Json::other_error::create(500, "name", nullptr);
    return name;
}

/// The place of a file in the data folder.
std::string place_from(const Json& json) {
    auto place = json.get<std::string>();
    bool leads_out = place.starts_with('/') || place.find("..") != std::string::npos;
    if (leads_out || place.empty() || place.front() == '.') {
        throw Json::other_error::create(500, "name", nullptr);
    }
    return place;
}

Json to_json(const StoredStore& store) {
    auto segments = Json::array();
    for (const auto& segment : store.segments) {
        segments.push_back({{"file", to_json(segment.file)},
                            {"before", to_json(segment.before)},
                            {"last", to_json(segment.last)}});
    }
    auto schema = Json::array();
    for (const auto& step : store.schema) {
        schema.push_back({{"set", step.set}, {"name", step.name}, {"checksum", step.checksum}});
    }
    return {{"name", store.name},
            {"file", store.file},
            {"kind", store.is_log ? "log" : "other"},
            {"rows", store.rows},
            {"rest", to_json(store.rest)},
            {"head", to_json(store.head)},
            {"segments", std::move(segments)},
            {"schema", std::move(schema)}};
}

StoredStore store_from(const Json& json) {
    StoredStore store;
    store.name = name_from(json.at("name"));
    store.file = name_from(json.at("file"));
    store.is_log = text(json, "kind") == "log";
    store.rows = number(json, "rows");
    store.rest = file_from(json.at("rest"));
    store.head = cursor_from(json.at("head"));
    for (const auto& segment : json.at("segments")) {
        store.segments.push_back({file_from(segment.at("file")), cursor_from(segment.at("before")),
                                  cursor_from(segment.at("last"))});
    }
    for (const auto& step : json.at("schema")) {
        store.schema.push_back({text(step, "set"), text(step, "name"), text(step, "checksum")});
    }
    return store;
}

}  // namespace

std::string to_json(const Manifest& manifest, Digest digest) {
    auto stores = Json::array();
    for (const auto& store : manifest.stores) stores.push_back(to_json(store));
    auto files = Json::array();
    for (const auto& kept : manifest.files) {
        files.push_back({{"name", kept.name}, {"file", to_json(kept.file)}});
    }
    Json body{{"format", format_version},
              {"id", manifest.id},
              {"number", manifest.number},
              {"at", base::to_micros(manifest.at)},
              {"time", base::to_rfc3339(manifest.at)},
              {"portal", manifest.version},
              {"together", manifest.together},
              {"stores", std::move(stores)},
              {"files", std::move(files)}};
    auto sum = digest(body.dump());
    return Json{{"backup", std::move(body)}, {"sha256", std::move(sum)}}.dump(1) + '\n';
}

base::Result<Manifest> manifest_from_json(const std::string& written, Digest digest) {
    auto whole = Json::parse(written, nullptr, false);
    bool is_one = whole.is_object() && whole.contains("backup") && whole.contains("sha256");
    if (!is_one) return damaged("it is no manifest of a backup");
    try {
        const auto& body = whole.at("backup");
        if (text(whole, "sha256") != digest(body.dump())) {
            return damaged("it is not what was written: its checksum does not fit");
        }
        if (number(body, "format") > format_version) {
            return damaged("it was made by a newer portal: use the newer binary");
        }
        Manifest manifest;
        manifest.id = name_from(body.at("id"));
        manifest.number = number(body, "number");
        manifest.at = base::from_micros(number(body, "at"));
        manifest.version = text(body, "portal");
        manifest.together = body.at("together").get<bool>();
        for (const auto& store : body.at("stores")) manifest.stores.push_back(store_from(store));
        for (const auto& kept : body.at("files")) {
            manifest.files.push_back({place_from(kept.at("name")), file_from(kept.at("file"))});
        }
        return manifest;
    } catch (const Json::exception& wrong) {
        return damaged("it has not the form of a manifest (" + std::string(wrong.what()) + ")");
    }
}

}  // namespace backup
