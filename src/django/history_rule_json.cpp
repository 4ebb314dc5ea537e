#include "history_rule_json.hpp"

namespace django {

namespace {

HistoryRule from_rows(const RulePlace& place, RuleReader& rules) {
    HistoryRule out;
    if (!rules.object(place, {"each", "where", "by", "limit", "at", "user", "fields"})) return out;
    if (!place.has("each") || !place.has("at")) {
        rules.complain(place.path, "needs `each` and `at`");
        return out;
    }
    out.form = place.has("fields") ? HistoryRule::Form::json : HistoryRule::Form::fields;
    out.rows.push_back(rules.rows(place));
    if (place.has("fields")) out.contents = {rules.path(place.at("fields"))};
    out.at = rules.expression(place.at("at"));
    if (place.has("user")) out.by = rules.expression(place.at("user"));
    return out;
}

}  // namespace

HistoryRule history_rule(const RulePlace& place, RuleReader& rules) {
    if (!place.value.is_string()) return from_rows(place, rules);
    HistoryRule out;
    auto word = rules.text(place);
    auto rows = [&](const char* model, std::vector<std::string> fields, const char* by) {
        Rows one;
        one.reverse = Reverse{model, std::move(fields)};
        one.by = by;
        rules.reverses().push_back(*one.reverse);
        out.rows.push_back(std::move(one));
    };
    if (word == "wagtail") {
        out.form = HistoryRule::Form::json;
        rows("wagtailcore.revision", {"content_type", "object_id"}, "created_at");
        rows("wagtailcore.pagerevision", {"page"}, "created_at");
        out.contents = {Path{{"content"}}, Path{{"content_json"}}};
        out.at = path_expression({"created_at"});
        out.by = path_expression({"user"});
        out.has_drafts = true;
    } else if (word == "reversion") {
        out.form = HistoryRule::Form::serialized;
        rows("reversion.version", {"content_type", "object_id"}, "pk");
        out.contents = {Path{{"serialized_data"}}};
        out.at = path_expression({"revision", "date_created"});
        out.by = path_expression({"revision", "user"});
    } else {
        rules.complain(place.path, "must be wagtail, reversion, or an object with `each`");
    }
    return out;
}

}  // namespace django
