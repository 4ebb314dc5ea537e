#include "suggestion_json.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "names.hpp"

namespace django {

namespace {

using Json = nlohmann::ordered_json;
using Names = std::vector<std::string>;

// What sites call these things, the likeliest first.
const Names titles = {"title", "headline", "title_en"};
const Names bodies = {"body", "content", "post_text", "text", "story", "body_html"};
const Names descriptions = {
    "subtitle",          "description", "summary",  "intro",      "lead",
    "introduction",      "lead_in",     "abstract", "excerpt",    "summary_text",
    "short_description", "snippet",     "teaser",   "standfirst", "dek"};
const Names dates = {
    "published_at",    "pub_date",           "publish_date",   "publication_date",
    "publishing_date", "published",          "date_published", "date_available",
    "publish_from",    "first_published_at", "date",           "publication_datetime"};
const Names flags = {"is_published", "live", "publish", "published", "is_visible"};
const Names statuses = {"status", "pub_status", "state"};
const Names sections = {"section", "category", "categories", "topic", "channel", "rubric"};
const Names authors = {"byline", "author", "authors", "user", "owner", "writer"};
const Names tag_fields = {"tags", "topics", "keywords", "labels"};
const Names created = {"created_at", "created", "date_created", "created_on", "creation_date"};
const Names updated = {"updated_at",
                       "modified",
                       "updated",
                       "last_modified",
                       "date_modified",
                       "last_update",
                       "latest_revision_created_at"};
const Names images = {"image",      "featured_image", "main_image", "header_image",
                      "lead_image", "primary_image",  "photo",      "cover_image"};
const Names extras = {"kicker", "dateline", "source", "source_url", "location", "subtitle"};

const FieldFacts* field_of(const ModelFacts& model, const std::string& name) {
    auto found = std::find_if(model.fields.begin(), model.fields.end(),
                              [&](const auto& field) { return field.name == name; });
    return found == model.fields.end() ? nullptr : &*found;
}

/// The first of these names that the model has, filled in at least one row if any is.
const FieldFacts* one_of(const ModelFacts& model, const Names& names) {
    const FieldFacts* empty = nullptr;
    for (const auto& name : names) {
        const auto* field = field_of(model, name);
        if (!field) continue;
        if (field->filled > 0) return field;
        if (!empty) empty = field;
    }
    return empty;
}

/// What names a row of a model to readers.
std::string shown_field(const std::vector<ModelFacts>& models, const std::string& name) {
    for (const auto& model : models) {
        if (model.name != name) continue;
        for (const char* field : {"slug", "name", "title", "tag", "label", "username"}) {
            if (field_of(model, field)) return field;
        }
    }
    return "";
}

bool is_unclear_byline(const ModelFacts& model, const FieldFacts& field) {
    return field.is_guess && one_of(model, authors) == &field;
}

class Suggestion {
public:
    explicit Suggestion(const std::vector<ModelFacts>& models) : models_(models) {}

    std::vector<std::string> unclear_bylines() const {
        std::vector<std::string> notes;
        for (const auto& model : models_) {
            const auto* author = is_article(model) ? one_of(model, authors) : nullptr;
            if (!author || !is_unclear_byline(model, *author)) continue;
            auto maybe = author->points_to;
            for (const auto& other : models_) {
                bool alike = other.name != maybe && other.name != model.name &&
                             class_of(other.name).find(lower(author->name)) != std::string::npos;
                if (alike) maybe += ", or " + other.name;
            }
            notes.push_back("No byline is proposed for " + model.name +
                            ": nothing tells which model its `" + author->name + "` points to (" +
                            maybe +
                            "?). Say it under `relations` and write `author`, or inspect the "
                            "SQLite file, which tells.");
        }
        return notes;
    }

    std::string write() {
        Json out;
        out["source"] = {{"time_zone", "UTC"}, {"media_url", "/media/"}, {"byline", "Newsroom"}};
        Json relations = Json::object();
        Json users = Json::array();
        Json news = Json::array();
        for (const auto& model : models_) {
            if (is_user_model(model)) {
                users.push_back(user_rule(model));
            }
            if (is_article(model)) {
                news.push_back(item_rule(model));
                for (const auto& field : model.fields) {
                    if (field.points_to.empty() || is_unclear_byline(model, field)) continue;
                    relations[model.name + "." + field.name] = field.points_to;
                }
            }
        }
        if (!relations.empty()) out["relations"] = relations;
        if (!users.empty()) out["users"] = users;
        if (!news.empty()) out["news"] = news;
        if (has("redirects.redirect")) {
            out["redirects"] = {
                {"model", "redirects.redirect"}, {"from", "old_path"}, {"to", "new_path"}};
        }
        return "// Proposed from the names of models and fields. Look through it: above all what "
               "is\n"
               "// published (whatever no name says it of is a draft: add the numbers and letters "
               "of\n"
               "// your own states), and which news type each row belongs to.\n" +
               out.dump(2) + "\n";
    }

private:
    bool has(const std::string& name) const {
        return std::any_of(models_.begin(), models_.end(),
                           [&](const auto& model) { return model.name == name; });
    }

    bool is_page(const ModelFacts& model) const {
        return !field_of(model, "title") && has("wagtailcore.page") && field_of(model, "body");
    }
    bool is_article(const ModelFacts& model) const {
        if (model.rows == 0 || !meaning_of(model.name).empty()) return false;
        bool dated = one_of(model, dates) || one_of(model, flags) || one_of(model, statuses);
        return is_page(model) || (one_of(model, titles) && one_of(model, bodies) && dated);
    }

    static Json user_rule(const ModelFacts& model) {
        Json rule = {{"model", model.name}, {"login", "username"}, {"password", "password"}};
        if (field_of(model, "email")) rule["email"] = "email";
        if (field_of(model, "first_name")) rule["name"] = {"first_name", "last_name"};
        if (field_of(model, "is_active")) rule["active"] = "is_active";
        if (field_of(model, "date_joined")) rule["registered"] = "date_joined";
        if (field_of(model, "is_superuser")) {
            rule["role"] = {{{"if", {{"is_superuser", true}}}, {"then", "admin"}},
                            {{"if", {{"is_staff", true}}}, {"then", "editor"}},
                            {{"then", "reader"}}};
        }
        return rule;
    }

    Json item_rule(const ModelFacts& model) const {
        Json rule = {{"model", model.name}};
        bool page = is_page(model);
        if (page) rule["parent"] = "wagtailcore.page";
        rule["type"] = type_rule(model);
        const auto* title = one_of(model, titles);
        rule["title"] = title ? title->name : "title";
        const auto* description = one_of(model, descriptions);
        if (description) rule["description"] = {{"plain", description->name}};
        rule["content"] = content_rule(*one_of(model, bodies), page);
        const auto* author = one_of(model, authors);
        if (author && !is_unclear_byline(model, *author)) rule["author"] = author_rule(*author);
        if (has_tags(model.name)) {
            rule["tags"] = {{"each", "taggit.taggeditem[content_type,object_id]"},
                            {"as", "{tag__name}"}};
        } else if (const auto* tags = one_of(model, tag_fields)) {
            auto shown = shown_field(models_, tags->points_to);
            if (tags->points_to.empty()) {
                rule["tags"] = {{"path", tags->name}, {"split", "tagging"}};
            } else {
                rule["tags"] = {{"each", tags->name}, {"as", "{" + shown + "}"}};
            }
        }
        state_rule(model, page, rule);
        if (const auto* field = one_of(model, created)) rule["created_at"] = field->name;
        if (const auto* field = one_of(model, updated)) rule["updated_at"] = field->name;
        if (page) rule["updated_at"] = "latest_revision_created_at";
        if (page || field_of(model, "slug")) rule["slug"] = "slug";
        if (page) rule["url"] = {{"page_url", "pk"}};
        if (const auto* image = one_of(model, images)) {
            if (is_stream(*image)) {
                rule["image"] = {{"image_url", image->name + "__value__image"}};
            } else if (image->points_to.empty()) {
                rule["image"] = {{"file", image->name}};
            } else {
                rule["image"] = {{"file", image->name + "__file"}};
            }
        }
        Json kept = Json::array();
        for (const auto& name : extras) {
            bool used = description && description->name == name;
            if (field_of(model, name) && !used) kept.push_back(name);
        }
        if (!kept.empty()) rule["extra"] = kept;
        if (page && has("wagtailcore.revision")) rule["history"] = "wagtail";
        if (!page && has("reversion.version")) rule["history"] = "reversion";
        return rule;
    }

    bool has_tags(const std::string&) const { return has("taggit.taggeditem"); }

    Json type_rule(const ModelFacts& model) const {
        const auto* section = one_of(model, sections);
        auto shown = section ? shown_field(models_, section->points_to) : "";
        if (shown.empty()) return {{"text", "news"}};
        return {{"path", section->name + "__" + shown}, {"else", "news"}};
    }

    static bool is_stream(const FieldFacts& field) {
        return field.kind == "list" || field.sample.starts_with("[{\"") || field.sample == "[]";
    }

    static Json content_rule(const FieldFacts& body, bool page) {
        if (is_stream(body)) {
            return {{"stream",
                     {{"section", {{"heading", "h2"}, {"content", "stream"}}},
                      {"paragraph", "html"},
                      {"rich_text", "html"},
                      {"heading", "h2"},
                      {"image", "figure(image, caption)"},
                      {"quote", "blockquote(text, attribution)"},
                      {"*", "warn"}}},
                    {"path", body.name}};
        }
        if (page) return {{"rich_text", "wagtail"}, {"path", body.name}};
        bool html = body.sample.find('<') != std::string::npos;
        return html ? Json{{"html", body.name}} : Json(body.name);
    }

    Json author_rule(const FieldFacts& author) const {
        if (author.points_to.empty()) return author.name;
        for (const auto& model : models_) {
            if (model.name != author.points_to) continue;
            Json as = "{pk}";
            if (field_of(model, "username")) {
                as = {{"first", {"get_full_name", "username"}}};
            } else if (field_of(model, "first_names") && field_of(model, "last_name")) {
                as = "{first_names} {last_name}";
            } else if (field_of(model, "first_name") && field_of(model, "last_name")) {
                as = "{first_name} {last_name}";
            } else if (auto shown = one_of(model, {"name", "full_name", "title", "slug"})) {
                as = "{" + shown->name + "}";
            }
            return {{"each", author.name}, {"as", as}, {"join", ", "}};
        }
        return author.name;
    }

    static void state_rule(const ModelFacts& model, bool page, Json& rule) {
        if (page) {
            rule["published"] = {{"if", {{"live", true}}}};
            const auto* own = one_of(model, dates);
            Json first = Json::array();
            if (own) first.push_back(own->name);
            first.push_back("first_published_at");
            rule["published_at"] = {{"first", first}};
            rule["expires_at"] = "expire_at";
            return;
        }
        const auto* date = one_of(model, dates);
        const auto* flag = one_of(model, flags);
        const auto* status = one_of(model, statuses);
        if (flag && flag->kind == "boolean") {
            rule["published"] = {{"if", {{flag->name, true}}}};
        } else if (status) {
            rule["status"] = {
                {"path", status->name},
                {"map", {{"published", "published"}, {"public", "published"}, {"draft", "draft"}}},
                {"else", "draft"}};
        } else {
            // A date alone is one of writing as often as one of publication.
            rule["status"] = {{"text", "draft"}};
        }
        if (date && date->kind != "boolean") rule["published_at"] = date->name;
    }

    const std::vector<ModelFacts>& models_;
};

}  // namespace

std::vector<std::string> unclear_bylines(const std::vector<ModelFacts>& models) {
    return Suggestion(models).unclear_bylines();
}

bool is_user_model(const ModelFacts& model) {
    return field_of(model, "password") && field_of(model, "username");
}

std::string meaning_of(const std::string& model) {
    static const std::map<std::string, std::string> models = {
        {"auth.user", "an account"},
        {"auth.group", "a group of accounts"},
        {"sites.site", "a site"},
        {"redirects.redirect", "an old address"},
        {"flatpages.flatpage", "a page by its address"},
        {"contenttypes.contenttype", "the list of the models"},
        {"taggit.tag", "a tag of taggit"},
        {"taggit.taggeditem", "which tags a row has, in taggit"},
        {"wagtailcore.page", "a page of Wagtail"},
        {"wagtailcore.revision", "an older state, in Wagtail"},
        {"wagtailcore.pagerevision", "an older state, in Wagtail before 4"},
        {"wagtailcore.pagelogentry", "who did what to a page, in Wagtail"},
        {"wagtailcore.site", "a site of Wagtail"},
        {"wagtailimages.image", "a picture of Wagtail"},
        {"wagtaildocs.document", "a file of Wagtail"},
        {"reversion.version", "an older state, in reversion"},
        {"reversion.revision", "when older states were made, in reversion"},
        {"cms.cmsplugin", "a plugin of django CMS"}};
    auto found = models.find(model);
    if (found != models.end()) return found->second;
    static const std::map<std::string, std::string> apps = {{"admin", "of Django's admin"},
                                                            {"auth", "of Django's accounts"},
                                                            {"sessions", "a login"},
                                                            {"wagtailcore", "of Wagtail itself"},
                                                            {"wagtailsearch", "of Wagtail itself"},
                                                            {"wagtailimages", "of Wagtail itself"},
                                                            {"wagtailusers", "of Wagtail itself"},
                                                            {"wagtaildocs", "of Wagtail itself"},
                                                            {"cms", "of django CMS itself"},
                                                            {"taggit", "of taggit"}};
    auto app = apps.find(std::string(app_of(model)));
    return app == apps.end() ? "" : app->second;
}

std::string suggested_mapping(const std::vector<ModelFacts>& models) {
    return Suggestion(models).write();
}

}  // namespace django
