// What a site has, read once from its beginning to its end.
#include <algorithm>
#include <map>

#include "django/inspect.hpp"
#include "names.hpp"
#include "open_store.hpp"
#include "privacy.hpp"
#include "relations.hpp"
#include "suggestion_json.hpp"

namespace django {

namespace {

constexpr std::size_t models_max = 2000;
constexpr std::size_t fields_max = 500;
constexpr std::size_t all_fields_max = 50'000;
constexpr std::size_t name_bytes_max = 200;
constexpr std::int64_t rows_per_report = 1000;
constexpr std::size_t sample_bytes = 60;

std::string kind_of(const Value& value) {
    switch (value.kind) {
        case Value::Kind::null:
            return "empty";
        case Value::Kind::boolean:
            return "boolean";
        case Value::Kind::number:
            return "number";
        case Value::Kind::text:
            return value.text.empty() ? "empty" : "text";
        case Value::Kind::list:
            return "list";
        case Value::Kind::object:
            return "object";
    }
    return "empty";
}

std::string sample_of(const std::string& name, const Value& value) {
    auto text = value.is_scalar() ? value.text : to_json(value);
    if (is_private_field(name) || is_private_value(text)) return "(not shown)";
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < ' ') c = ' ';
    }
    return shortened(text, sample_bytes);
}

/// `fields`: how many all models have so far.
void look_at(const Record& record, ModelFacts& facts, std::size_t& fields) {
    ++facts.rows;
    for (std::size_t i = 0; i < record.fields.names.size(); ++i) {
        const auto& name = record.fields.names[i];
        const auto& value = record.fields.items[i];
        auto found = std::find_if(facts.fields.begin(), facts.fields.end(),
                                  [&](const auto& field) { return field.name == name; });
        if (found == facts.fields.end()) {
            bool fits = facts.fields.size() < fields_max && fields < all_fields_max &&
                        name.size() <= name_bytes_max;
            if (!fits) continue;
            ++fields;
            facts.fields.push_back({name, "empty"});
            found = std::prev(facts.fields.end());
        }
        auto kind = kind_of(value);
        if (kind == "empty" || value.is_empty()) continue;
        ++found->filled;
        if (found->kind == "empty") {
            found->kind = kind;
            found->sample = sample_of(name, value);
        } else if (found->kind != kind) {
            found->kind = "mixed";
        }
    }
}

void note_what_is_missing(const std::map<std::string, ModelFacts>& models, Inspection& out) {
    bool generic =
        models.contains("taggit.taggeditem") || models.contains("generic.assignedkeyword");
    if (generic && !models.contains("contenttypes.contenttype")) {
        out.notes.emplace_back(
            "Tags point to their articles by content types, and the dump has none: make it without "
            "--exclude contenttypes, or with --natural-foreign.");
    }
    bool people = std::any_of(models.begin(), models.end(),
                              [](const auto& one) { return is_user_model(one.second); });
    if (!people) {
        out.notes.emplace_back(
            "No model has logins and passwords, as auth.user has: nobody's account can come along "
            "from here.");
    }
}

}  // namespace

base::Result<Inspection> inspect_site(const std::filesystem::path& source,
                                      std::int64_t row_bytes_max,
                                      const InspectionProgress& progress,
                                      const std::atomic<bool>* stop) {
    auto opened = open_source(source, row_bytes_max);
    if (!opened) return opened.error();
    std::map<std::string, ModelFacts> models;
    Inspection out;
    out.notes = opened->notes;
    std::int64_t rejected = 0;
    bool cut_off = false;
    std::size_t fields = 0;
    for (std::int64_t rows = 1;; ++rows) {
        if (rows % rows_per_report == 0) {
            if (stop && stop->load()) {
                return base::Error{base::Reason::unavailable, "stopped",
                                   "The inspection was stopped."};
            }
            if (progress) progress(opened->bytes_read(), opened->bytes, rows);
        }
        auto item = opened->source->next();
        if (const auto* end = std::get_if<SourceEnd>(&item)) {
            cut_off = end->cut_off;
            break;
        }
        const auto* record = std::get_if<Record>(&item);
        if (!record || (models.size() == models_max && !models.contains(record->model))) {
            ++rejected;
            continue;
        }
        auto& facts = models[record->model];
        facts.name = record->model;
        look_at(*record, facts, fields);
    }
    if (rejected > 0) {
        out.notes.push_back(std::to_string(rejected) +
                            " rows cannot be read; `import django --dry-run` says which.");
    }
    if (cut_off) out.notes.emplace_back("The source ends in the middle: it is not whole.");
    note_what_is_missing(models, out);
    std::vector<std::string> names;
    for (const auto& [name, facts] : models) names.push_back(name);
    Relations relations(opened->source->relations(), names);
    for (auto& [name, facts] : models) {
        facts.meaning = meaning_of(name);
        for (auto& field : facts.fields) {
            bool key = field.kind == "number" || field.kind == "list" || field.kind == "empty";
            if (!key) continue;
            auto found = relations.find(name, field.name);
            field.points_to = std::move(found.model);
            field.is_guess = found.is_guess;
        }
        out.models.push_back(std::move(facts));
    }
    for (auto& note : unclear_bylines(out.models)) out.notes.push_back(std::move(note));
    out.mapping = suggested_mapping(out.models);
    return out;
}

}  // namespace django
