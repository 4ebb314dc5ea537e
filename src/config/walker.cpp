#include "walker.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <limits>
#include <optional>
#include <string_view>

#include "base/text.hpp"
#include "config/nearest.hpp"
#include "json_builder.hpp"

namespace config {

namespace {

using nlohmann::json;
using Kind = Key::Kind;

/// What somebody wrote, short enough for one line.
std::string shown(const json& value) {
    auto text = value.dump(-1, ' ', false, json::error_handler_t::replace);
    constexpr std::size_t most = 60;
    if (text.size() <= most) return text;
    text.resize(most);
    while (!base::count_code_points(text)) text.pop_back();
    return text + "…";
}

std::string describe(Range allowed) {
    bool open = allowed.most == std::numeric_limits<std::int64_t>::max();
    if (open) return std::to_string(allowed.least) + " or more";
    return std::to_string(allowed.least) + " to " + std::to_string(allowed.most);
}

/// What no setting has a use for: it would break a log line, a header or a terminal.
bool has_controls(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto c = static_cast<unsigned char>(text[i]);
        if (c < 0x20 || c == 0x7f) return true;
        // U+0080 to U+009F, in UTF-8.
        if (c == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0)
            return true;
    }
    return false;
}

std::string joined(const std::vector<std::string>& words, const std::string& between) {
    std::string out;
    for (const auto& word : words) {
        if (!out.empty()) out += between;
        out += word;
    }
    return out;
}

/// Either a value, or (by the text) what was expected instead of the given one.
template <class Value>
struct Read {
    std::optional<Value> value{};
    std::string expected{};
};

/// A text from the environment or the command line, as the JSON that a file would have held.
std::optional<json> to_json(const std::string& text, Kind kind) {
    switch (kind) {
        case Kind::text:
        case Kind::choice:
            if (!base::count_code_points(text)) return std::nullopt;
            return json(text);
        case Kind::boolean:
            if (text == "true" || text == "false") return json(text == "true");
            return std::nullopt;
        case Kind::integer: {
            std::string_view digits = text;
            bool negative = !digits.empty() && digits.front() == '-';
            if (negative) digits.remove_prefix(1);
            auto number = base::parse_number(digits, std::numeric_limits<std::int64_t>::max());
            if (!number) return std::nullopt;
            return json(negative ? -*number : *number);
        }
        case Kind::list:
        case Kind::table:
        case Kind::section:
            break;
    }
    auto parsed = parse_json(text, JsonLimits{}, Repeated::refuse);
    if (parsed.failure) return std::nullopt;
    return std::move(parsed.value);
}

bool all_text(const json& container) {
    return std::all_of(container.begin(), container.end(),
                       [](const json& element) { return element.is_string(); });
}

/// Of a list or table of texts, the names of a table too.
bool any_controls(const json& container) {
    const auto& members = container.items();
    return std::any_of(members.begin(), members.end(), [](const auto& member) {
        return has_controls(member.key()) ||
               has_controls(member.value().template get_ref<const std::string&>());
    });
}

constexpr const char* texts_without_controls = "texts without control characters";

Read<std::string> read_text(const json& given) {
    if (!given.is_string()) return {std::nullopt, "text"};
    const auto& text = given.get_ref<const std::string&>();
    if (!base::count_code_points(text)) return {std::nullopt, "text in UTF-8"};
    if (has_controls(text)) return {std::nullopt, "text without control characters"};
    return {text, {}};
}

/// JSON that is read back with the same meaning, whatever bytes a text holds.
std::string as_json(const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string as_json(const std::vector<std::string>& list) {
    std::vector<std::string> elements;
    for (const auto& text : list) elements.push_back(as_json(json(text)));
    return '[' + joined(elements, ", ") + ']';
}

std::string as_json(const std::map<std::string, std::string>& table) {
    std::vector<std::string> members;
    for (const auto& [name, text] : table) {
        members.push_back(as_json(json(name)) + ": " + as_json(json(text)));
    }
    return '{' + joined(members, ", ") + '}';
}

/// On one line, as an element of a list.
std::string as_json(const Key& section) {
    std::vector<std::string> members;
    for (const auto& key : section.keys) {
        bool object = key->kind == Kind::section;
        members.push_back(as_json(json(key->name)) + ": " + (object ? as_json(*key) : key->value));
    }
    return '{' + joined(members, ", ") + '}';
}

}  // namespace

std::string Walker::path_of(const std::string& key) const {
    return path_.empty() ? key : path_ + '.' + key;
}

void Walker::problem(const std::string& path, const std::string& message) {
    input_->problems.push_back({path, message});
}

template <class Value, class FromJson>
void Walker::fill(const std::string& key, Value& value, Kind kind, const FromJson& from_json) {
    if (!input_) return;
    if (file_ && file_->contains(key)) take(key, value, file_->at(key), "", from_json);
    fill_from_text(key, value, kind, from_json);
}

template <class Value, class FromJson>
void Walker::take(const std::string& key, Value& value, const nlohmann::json& given,
                  const std::string& source, const FromJson& from_json) {
    Read<Value> read = from_json(given);
    if (read.value) {
        value = std::move(*read.value);
    } else {
        problem(path_of(key), "expected " + read.expected + ", got " + shown(given) + source + '.');
    }
}

template <class Value, class FromJson>
void Walker::fill_from_text(const std::string& key, Value& value, Key::Kind kind,
                            const FromJson& from_json) {
    auto path = path_of(key);
    auto take_text = [&](const std::map<std::string, TextValue>& texts, const std::string& name) {
        auto found = texts.find(name);
        if (found == texts.end()) return;
        const auto& [source, text] = found->second;
        auto given = to_json(text, kind);
        // What cannot be read at all is passed on as the text it is: no list, number … is a text.
        take(key, value, given ? *given : json(text), " (from " + source + ')', from_json);
    };
    take_text(input_->environment, path);
    take_text(input_->overrides, path);
}

void Walker::integer(const std::string& key, std::int64_t& value, Range allowed,
                     const std::string& meaning) {
    auto& seen = seen_.add(Kind::integer, key, meaning);
    seen.allowed = describe(allowed);
    seen.value = std::to_string(value);
    fill(key, value, Kind::integer, [&](const json& given) -> Read<std::int64_t> {
        Read<std::int64_t> refused{std::nullopt, "a whole number (" + describe(allowed) + ')'};
        if (!given.is_number_integer()) return refused;
        // A number above int64 is unsigned to the parser, and would turn negative here.
        if (given.is_number_unsigned() &&
            given.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max()) {
            return refused;
        }
        auto number = given.get<std::int64_t>();
        if (number < allowed.least || number > allowed.most) return refused;
        return {number, {}};
    });
}

void Walker::boolean(const std::string& key, bool& value, const std::string& meaning) {
    auto& seen = seen_.add(Kind::boolean, key, meaning);
    seen.allowed = "true | false";
    seen.value = value ? "true" : "false";
    fill(key, value, Kind::boolean, [](const json& given) -> Read<bool> {
        if (!given.is_boolean()) return {std::nullopt, "true or false"};
        return {given.get<bool>(), {}};
    });
}

void Walker::text(const std::string& key, std::string& value, const std::string& meaning) {
    seen_.add(Kind::text, key, meaning).value = as_json(json(value));
    fill(key, value, Kind::text, read_text);
}

void Walker::path(const std::string& key, std::string& value, const std::string& meaning,
                  std::string* in_file) {
    seen_.add(Kind::text, key, meaning).value = as_json(json(value));
    if (!input_) return;
    auto written = value;
    if (file_ && file_->contains(key)) take(key, written, file_->at(key), "", read_text);
    auto path = path_of(key);
    bool overridden = input_->environment.contains(path) || input_->overrides.contains(path);
    value = written;
    fill_from_text(key, value, Kind::text, read_text);
    if (in_file) *in_file = overridden ? "" : written;
    // Without a file nothing is known that a default could be relative to.
    if (value.empty() || (!overridden && !input_->has_file)) return;
    std::error_code unknown;
    std::filesystem::path named(value);
    auto whole = std::filesystem::absolute(overridden ? named : input_->folder / named, unknown);
    if (!unknown) value = whole.lexically_normal().string();
}

void Walker::choice(const std::string& key, std::string& value,
                    const std::vector<std::string>& allowed, const std::string& meaning) {
    auto& seen = seen_.add(Kind::choice, key, meaning);
    seen.allowed = joined(allowed, " | ");
    seen.value = as_json(json(value));
    fill(key, value, Kind::choice, [&](const json& given) -> Read<std::string> {
        const auto* word = given.get_ptr<const std::string*>();
        bool known = word && std::find(allowed.begin(), allowed.end(), *word) != allowed.end();
        if (!known) return {std::nullopt, "one of " + joined(allowed, ", ")};
        return {*word, {}};
    });
}

void Walker::list(const std::string& key, std::vector<std::string>& value,
                  const std::string& meaning) {
    seen_.add(Kind::list, key, meaning).value = as_json(value);
    fill(key, value, Kind::list, [](const json& given) -> Read<std::vector<std::string>> {
        if (!given.is_array() || !all_text(given)) {
            return {std::nullopt, "a JSON list of texts (as [\"a\", \"b\"])"};
        }
        if (any_controls(given)) return {std::nullopt, texts_without_controls};
        return {given.get<std::vector<std::string>>(), {}};
    });
}

void Walker::table(const std::string& key, std::map<std::string, std::string>& value,
                   const std::string& meaning) {
    using Table = std::map<std::string, std::string>;
    seen_.add(Kind::table, key, meaning).value = as_json(value);
    fill(key, value, Kind::table, [](const json& given) -> Read<Table> {
        if (!given.is_object() || !all_text(given)) {
            return {std::nullopt, "a JSON object whose members are texts (as {\"a\": \"b\"})"};
        }
        if (any_controls(given)) return {std::nullopt, texts_without_controls};
        return {given.get<Table>(), {}};
    });
}

Section& Walker::section(const std::string& key, const std::string& meaning) {
    auto path = path_of(key);
    const json* object = nullptr;
    if (file_ && file_->contains(key)) {
        object = &file_->at(key);
        if (!object->is_object()) {
            // Two modules may open one section; the problem is one all the same.
            bool first = !seen_.find(key);
            if (first) problem(path, "expected a JSON object, got " + shown(*object) + '.');
            object = nullptr;
        }
    }
    auto& seen = seen_.section(key, meaning);
    below_.reset(new Walker(seen, input_, object, std::move(path)));
    return *below_;
}

const json* Walker::objects_of(const std::string& key, json& from_text) {
    constexpr const char* expected = "a JSON list of objects";
    auto is_one = [](const json& given) {
        return given.is_array() && std::all_of(given.begin(), given.end(), [](const json& element) {
                   return element.is_object();
               });
    };
    const json* found = nullptr;
    if (file_ && file_->contains(key)) {
        found = &file_->at(key);
        if (!is_one(*found)) {
            problem(path_of(key),
                    std::string("expected ") + expected + ", got " + shown(*found) + '.');
            found = nullptr;
        }
    }
    json given;
    bool in_text = false;
    fill_from_text(key, given, Kind::list, [&](const json& text) -> Read<json> {
        if (!is_one(text)) return {std::nullopt, expected};
        in_text = true;
        return {text, {}};
    });
    if (!in_text) return found;
    from_text = std::move(given);
    return &from_text;
}

void Walker::each_object(const std::string& key, std::size_t count, const std::string& meaning,
                         const std::function<void(std::size_t)>& resize,
                         const std::function<void(Section&, std::size_t)>& describe) {
    auto& seen = seen_.add(Kind::list, key, meaning);
    std::string printed;
    auto print = [&](std::size_t number) {
        Key keys(Kind::section, "", "");
        Walker element(keys, nullptr);
        describe(element, number);
        printed += (printed.empty() ? "" : ", ") + as_json(keys);
    };
    for (std::size_t number = 0; number < count; ++number) print(number);
    seen.value = '[' + printed + ']';
    if (!input_) return;
    json from_text;
    const auto* objects = objects_of(key, from_text);
    if (!objects) return;
    resize(objects->size());
    for (std::size_t number = 0; number < objects->size(); ++number) {
        Key keys(Kind::section, "", "");
        auto path = path_of(key) + '.' + std::to_string(number);
        Walker element(keys, input_, &objects->at(number), path);
        describe(element, number);
        refuse_unknown(objects->at(number), keys, path + '.', input_->problems);
    }
}

void Walker::refuse(const std::string& path, const std::string& message) {
    if (input_) problem(path_of(path), message);
}

void refuse_unknown(const json& object, const Key& section, const std::string& prefix,
                    std::vector<Problem>& problems) {
    std::vector<std::string> names;
    for (const auto& key : section.keys) names.push_back(key->name);
    for (const auto& [name, value] : object.items()) {
        const auto* key = section.find(name);
        if (!key) {
            problems.push_back({prefix + name, "there is no such key." + suggestion(name, names)});
        } else if (key->kind == Key::Kind::section && value.is_object()) {
            refuse_unknown(value, *key, prefix + name + '.', problems);
        }
    }
}

}  // namespace config
