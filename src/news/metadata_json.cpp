#include "metadata_json.hpp"

#include <stdexcept>

#include "base/stored_json.hpp"

namespace news {

namespace {

using base::JsonWriter;
using base::Problem;
using Stored = nlohmann::ordered_json;

constexpr const char* lead = "lead";
constexpr const char* inline_role = "inline";
/// More than enough to see what is wrong with a list.
constexpr std::size_t problems_max = 50;

void write(JsonWriter& json, const std::string& text) {
    json.value(text);
}
void write(JsonWriter& json, std::int64_t id) {
    json.value(id);
}

void write(JsonWriter& json, const Image& image) {
    json.open('{').member("media", image.media);
    if (!image.alt.empty()) json.member("alt", image.alt);
    if (!image.caption.empty()) json.member("caption", image.caption);
    if (!image.credit.empty()) json.member("credit", image.credit);
    json.member("role", image.is_lead ? lead : inline_role).close('}');
}

void write(JsonWriter& json, const Reference& article) {
    json.open('{').member("type", article.type).member("id", article.id).close('}');
}

void write(JsonWriter& json, const Translation& translation) {
    json.open('{')
        .member("language", translation.language)
        .member("type", translation.article.type)
        .member("id", translation.article.id)
        .close('}');
}

template <class Entry>
void write(JsonWriter& json, const std::vector<Entry>& entries) {
    json.open('[');
    for (const auto& entry : entries) write(json, entry);
    json.close(']');
}

template <class Value>
void write_if_full(JsonWriter& json, const char* name, const Value& value) {
    if (value.empty()) return;
    json.name(name);
    write(json, value);
}

template <class Value>
void write_if_said(JsonWriter& json, const char* name, const std::optional<Value>& value) {
    if (!value) return;
    json.name(name);
    write(json, *value);
}

// What is stored.

std::string text_or_none(const Stored& object, const char* name) {
    return object.contains(name) ? object.at(name).get<std::string>() : std::string();
}

std::int64_t id_in(const Stored& value) {
    if (!value.is_number_integer())
        throw std::runtime_error("a stored event has an id that is none");
    return value.get<std::int64_t>();
}

void get(const Stored& value, std::string& text) {
    text = value.get<std::string>();
}
void get(const Stored& value, std::int64_t& id) {
    id = id_in(value);
}
void get(const Stored& value, Image& image) {
    auto role = value.at("role").get<std::string>();
    if (role != lead && role != inline_role) {
        throw std::runtime_error("a stored event has an image of a role that is none");
    }
    image = {id_in(value.at("media")), text_or_none(value, "alt"), text_or_none(value, "caption"),
             text_or_none(value, "credit"), role == lead};
}
void get(const Stored& value, Reference& article) {
    article = {value.at("type").get<std::string>(), id_in(value.at("id"))};
}
void get(const Stored& value, Translation& translation) {
    translation.language = value.at("language").get<std::string>();
    get(value, translation.article);
}
template <class Entry>
void get(const Stored& value, std::vector<Entry>& entries) {
    if (!value.is_array()) throw std::runtime_error("a stored event has a list that is none");
    for (const auto& one : value) get(one, entries.emplace_back());
}

template <class Value>
void get_if_said(const Stored& body, const char* name, std::optional<Value>& value) {
    auto found = body.find(name);
    if (found != body.end()) get(*found, value.emplace());
}

// What others say.

/// Reads members of one body, and collects what is wrong with them.
class Reader {
public:
    Reader(const nlohmann::json& body, std::vector<Problem>& problems)
        : body_(body), problems_(problems) {}

    template <class Value>
    void read(const char* name, std::optional<Value>& value) {
        auto found = body_.find(name);
        if (found == body_.end()) return;
        value.emplace();
        if (!found->is_null()) take(*found, name, *value);
    }

    bool any_wrong() const { return any_wrong_; }

private:
    using Json = nlohmann::json;

    void take(const Json& value, const std::string& field, std::string& text) {
        if (!value.is_string()) return wrong(field, "must be text");
        text = value.get<std::string>();
    }
    void take(const Json& value, const std::string& field, std::int64_t& id) {
        constexpr auto most = (std::uint64_t{1} << 53) - 1;
        bool good = value.is_number_unsigned() && value.get<std::uint64_t>() >= 1 &&
                    value.get<std::uint64_t>() <= most;
        if (!good) return wrong(field, "must be a whole number from 1 to 2^53 - 1");
        id = value.get<std::int64_t>();
    }
    void take(const Json& value, const std::string& field, Image& image) {
        if (!value.is_object()) return wrong(field, "must be an object");
        take_needed(value, field, "media", image.media);
        take_other(value, field, "alt", image.alt);
        take_other(value, field, "caption", image.caption);
        take_other(value, field, "credit", image.credit);
        std::string role;
        take_other(value, field, "role", role);
        image.is_lead = role == lead;
        if (!role.empty() && !image.is_lead && role != inline_role) {
            broken(field + ".role", "must be lead or inline");
        }
    }
    void take(const Json& value, const std::string& field, Reference& article) {
        if (!value.is_object()) return wrong(field, "must be an object");
        take_needed(value, field, "type", article.type);
        take_needed(value, field, "id", article.id);
    }
    void take(const Json& value, const std::string& field, Translation& translation) {
        if (!value.is_object()) return wrong(field, "must be an object");
        take_needed(value, field, "language", translation.language);
        take(value, field, translation.article);
    }
    template <class Entry>
    void take(const Json& value, const std::string& field, std::vector<Entry>& entries) {
        if (!value.is_array()) return wrong(field, "must be a list");
        for (std::size_t i = 0; i < value.size(); ++i) {
            take(value[i], field + "[" + std::to_string(i) + "]", entries.emplace_back());
        }
    }

    template <class Value>
    void take_needed(const Json& object, const std::string& field, const char* name, Value& value) {
        auto found = object.find(name);
        if (found == object.end()) return wrong(field + "." + name, "is missing");
        take(*found, field + "." + name, value);
    }
    void take_other(const Json& object, const std::string& field, const char* name,
                    std::string& text) {
        auto found = object.find(name);
        if (found != object.end() && !found->is_null()) take(*found, field + "." + name, text);
    }

    void wrong(std::string field, const char* message) {
        any_wrong_ = true;
        broken(std::move(field), message);
    }
    void broken(std::string field, const char* message) {
        if (problems_.size() < problems_max) problems_.push_back({std::move(field), message});
    }

    const Json& body_;
    std::vector<Problem>& problems_;
    bool any_wrong_ = false;
};

}  // namespace

void write_metadata(JsonWriter& json, const Metadata& metadata) {
    write_if_full(json, "authors", metadata.authors);
    write_if_full(json, "images", metadata.images);
    write_if_full(json, "language", metadata.language);
    write_if_full(json, "translations", metadata.translations);
    write_if_full(json, "related", metadata.related);
    write_if_full(json, "canonical_url", metadata.canonical_url);
}

void write_metadata(JsonWriter& json, const MetadataChanges& changes) {
    write_if_said(json, "authors", changes.authors);
    write_if_said(json, "images", changes.images);
    write_if_said(json, "language", changes.language);
    write_if_said(json, "translations", changes.translations);
    write_if_said(json, "related", changes.related);
    write_if_said(json, "canonical_url", changes.canonical_url);
}

MetadataChanges metadata_changes_in(const Stored& body) {
    MetadataChanges changes;
    get_if_said(body, "authors", changes.authors);
    get_if_said(body, "images", changes.images);
    get_if_said(body, "language", changes.language);
    get_if_said(body, "translations", changes.translations);
    get_if_said(body, "related", changes.related);
    get_if_said(body, "canonical_url", changes.canonical_url);
    return changes;
}

Metadata metadata_in(const Stored& body) {
    auto said = metadata_changes_in(body);
    return {std::move(said.authors).value_or(std::vector<std::int64_t>()),
            std::move(said.images).value_or(std::vector<Image>()),
            std::move(said.language).value_or(""),
            std::move(said.translations).value_or(std::vector<Translation>()),
            std::move(said.related).value_or(std::vector<Reference>()),
            std::move(said.canonical_url).value_or("")};
}

std::string metadata_to_json(const Metadata& metadata) {
    std::string text;
    JsonWriter json(text);
    json.open('{');
    write_metadata(json, metadata);
    json.close('}');
    return text == "{}" ? std::string() : text;
}

Metadata metadata_from_json(std::string_view text) {
    return text.empty() ? Metadata() : metadata_in(base::read_stored_json(text));
}

bool read_metadata(const nlohmann::json& body, MetadataChanges& changes,
                   std::vector<Problem>& problems) {
    Reader reader(body, problems);
    reader.read("authors", changes.authors);
    reader.read("images", changes.images);
    reader.read("language", changes.language);
    reader.read("translations", changes.translations);
    reader.read("related", changes.related);
    reader.read("canonical_url", changes.canonical_url);
    return reader.any_wrong();
}

}  // namespace news
