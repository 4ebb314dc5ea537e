#include "shape_json.hpp"

#include <algorithm>

namespace legacy {

namespace {

/// Makes a shape of its description.
class ShapeReader {
public:
    ShapeReader(const ShapeGround& ground, JsonProblems& problems)
        : problems_(problems),
          typed_(problems),
          zones_(ground.zones),
          style_(ground.style),
          types_(ground.types) {}

    Shape read(const JsonPlace& place) {
        Shape shape;
        auto pieces = pieces_of(place, false);
        shape.pieces = std::move(pieces);
        return shape;
    }

private:
    using Value = ShapePiece::Value;

    /// The pieces so far, and the text that comes before the next.
    struct Builder {
        std::vector<ShapePiece> pieces;
        std::string text;

        void add(ShapePiece piece) {
            piece.before = std::exchange(text, {});
            pieces.push_back(std::move(piece));
        }
    };

    std::vector<ShapePiece> pieces_of(const JsonPlace& place, bool of_tag) {
        Builder builder;
        add(place, of_tag, builder);
        if (!builder.text.empty()) builder.add({});
        return std::move(builder.pieces);
    }

    void add(const JsonPlace& place, bool of_tag, Builder& builder) {
        if (place.value.is_string()) {
            add_member(place, of_tag, builder);
        } else if (place.value.is_array()) {
            add_list(place, builder);
        } else if (!place.value.is_object()) {
            problems_.add(place.path,
                          "must be a member's name, an object or a list; what is always the same "
                          "is written as {\"constant\": …}.");
        } else if (place.has("value") && place.has("map")) {
            add_mapped(place, builder);
        } else if (place.has("value")) {
            add_formatted(place, builder);
        } else if (place.has("link")) {
            add_link(place, builder);
        } else if (place.has("constant")) {
            if (typed_.object(place, {"constant"}))
                builder.text += place.at("constant").value.dump();
        } else if (place.has("object")) {
            // For an object that has a member of one of these names itself.
            if (typed_.object(place, {"object"}) && typed_.object(place.at("object"))) {
                add_object(place.at("object"), of_tag, builder);
            }
        } else {
            add_object(place, of_tag, builder);
        }
    }

    void add_object(const JsonPlace& place, bool of_tag, Builder& builder) {
        char separator = '{';
        for (const auto& [name, value] : place.value.items()) {
            builder.text += std::exchange(separator, ',');
            builder.text += Json(name).dump() + ":";
            add(place.at(name), of_tag, builder);
        }
        builder.text += separator == '{' ? "{}" : "}";
    }

    void add_member(const JsonPlace& place, bool of_tag, Builder& builder) {
        ShapePiece piece;
        if (of_tag && place.value == ".") {
            piece.value = Value::tag;
            builder.add(std::move(piece));
            return;
        }
        auto member = member_of(place);
        if (!member) return;
        piece.member = *member;
        if (*member == Member::extra) {
            piece.path = extra_path(place.value.get<std::string>()).value_or(piece.path);
        }
        piece.value = is_time(*member) ? Value::time : Value::member;
        piece.time = style_;
        builder.add(std::move(piece));
    }

    std::optional<Member> member_of(const JsonPlace& place) {
        auto name = typed_.text(place);
        if (!name) return std::nullopt;
        auto member = parse_member(*name);
        if (member) return member;
        problems_.add(place.path, "names " + in_quotes(*name) +
                                      ", which news does not have; it has " + member_names() + ".");
        return std::nullopt;
    }

    void add_list(const JsonPlace& place, Builder& builder) {
        if (place.value.size() != 2) {
            problems_.add(place.path,
                          "must have two elements: a member that is a list, and the "
                          "shape of each of its elements, in which \".\" is it.");
            return;
        }
        auto member = member_of(place.at(std::size_t{0}));
        if (member && *member != Member::tags) {
            problems_.add(place.at(std::size_t{0}).path, "is no list; the one that is, is tags.");
        }
        ShapePiece piece;
        piece.value = Value::tags;
        piece.each = pieces_of(place.at(std::size_t{1}), true);
        builder.add(std::move(piece));
    }

    void add_mapped(const JsonPlace& place, Builder& builder) {
        if (!typed_.object(place, {"value", "map"})) return;
        auto member = member_of(place.at("value"));
        if (member && *member != Member::news_type) {
            problems_.add(place.at("value").path,
                          "has no map; the member that has one is news_type.");
        }
        auto map = place.at("map");
        if (!typed_.object(map)) return;
        ShapePiece piece;
        piece.value = Value::mapped;
        for (const auto& [type, value] : map.value.items()) {
            if (std::find(types_.begin(), types_.end(), type) == types_.end()) {
                problems_.add(map.at(type).path, in_quotes(type) + " is no news type; there are " +
                                                     joined({types_.begin(), types_.end()}) + ".");
            }
            piece.map[type] = value.dump();
        }
        builder.add(std::move(piece));
    }

    void add_formatted(const JsonPlace& place, Builder& builder) {
        if (!typed_.object(place, {"value", "format", "time_zone", "precision"})) return;
        auto member = member_of(place.at("value"));
        ShapePiece piece;
        piece.time = style_;
        piece.value = Value::time;
        std::optional<std::string> format;
        if (place.has("format")) format = typed_.text(place.at("format"));
        bool as_text = format == "text";
        if (format && !as_text) {
            auto known = parse_time_format(*format);
            if (known) piece.time.format = *known;
            if (!known) {
                problems_.add(place.at("format").path,
                              "must be django, iso, date, timestamp or text.");
            }
        }
        style_from_json(place, "precision", zones_, problems_, piece.time);
        if (!member) return;
        piece.member = *member;
        if (as_text && !is_number(*member)) {
            problems_.add(place.at("format").path,
                          "\"text\" is for numbers: id, version and legacy_id.");
        }
        if (!as_text && !is_time(*member)) {
            problems_.add(place.at("value").path,
                          "is no time: it has no format; write its name alone.");
        }
        if (as_text) piece.value = Value::as_text;
        builder.add(std::move(piece));
    }

    void add_link(const JsonPlace& place, Builder& builder) {
        if (!typed_.object(place, {"link"})) return;
        auto where = place.at("link");
        auto text = typed_.text(where);
        if (!text) return;
        if (!text->starts_with("/")) {
            problems_.add(where.path, "must begin with a slash: the site comes before it.");
        }
        ShapePiece piece;
        piece.value = Value::link;
        std::string_view rest = *text;
        while (!rest.empty()) {
            auto open = rest.find('{');
            auto close = open == rest.npos ? rest.npos : rest.find('}', open);
            ShapePiece::LinkPart part{std::string(rest.substr(0, open))};
            if (open != rest.npos) {
                if (close == rest.npos) {
                    problems_.add(where.path, "has a brace that is never closed.");
                    return;
                }
                part.member = link_member(where, rest.substr(open + 1, close - open - 1));
            }
            piece.link.push_back(std::move(part));
            rest.remove_prefix(close == rest.npos ? rest.size() : close + 1);
        }
        builder.add(std::move(piece));
    }

    std::optional<Member> link_member(const JsonPlace& where, std::string_view name) {
        auto member = parse_member(name);
        bool fits =
            member && !is_time(*member) && *member != Member::tags && *member != Member::extra;
        if (fits) return member;
        problems_.add(where.path,
                      "names {" + std::string(name) +
                          "}; a link is made of text and of members of news that are one text or "
                          "number.");
        return std::nullopt;
    }

    JsonProblems& problems_;
    TypedJson typed_;
    Zones& zones_;
    TimeStyle style_;
    const std::vector<std::string>& types_;
};

}  // namespace

std::shared_ptr<const base::TimeZone> Zones::find(const std::string& name,
                                                  const std::string& path) {
    auto known = zones_.find(name);
    if (known != zones_.end()) return known->second;
    auto loaded = base::TimeZone::load(name);
    if (!loaded) {
        problems_.add(path, loaded.error().message);
        return nullptr;
    }
    return zones_[name] = *loaded;
}

void style_from_json(const JsonPlace& place, const char* precision_key, Zones& zones,
                     JsonProblems& problems, TimeStyle& style) {
    TypedJson typed(problems);
    if (place.has("time_zone")) {
        auto name = typed.text(place.at("time_zone"));
        auto zone = name ? zones.find(*name, place.at("time_zone").path) : nullptr;
        if (zone) style.zone = std::move(zone);
    }
    if (place.has(precision_key)) {
        auto word = typed.text(place.at(precision_key));
        auto precision = word ? parse_time_precision(*word) : std::nullopt;
        if (precision) style.precision = *precision;
        if (word && !precision) problems.add(place.at(precision_key).path, "must be us, ms or s.");
    }
}

Shape shape_from_json(const JsonPlace& place, const ShapeGround& ground, JsonProblems& problems) {
    return ShapeReader(ground, problems).read(place);
}

}  // namespace legacy
