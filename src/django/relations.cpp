#include "relations.hpp"

#include <algorithm>

#include "names.hpp"

namespace django {

namespace {

/// What fields of these names point to in nearly every site.
const std::map<std::string, std::vector<std::string>>& customs() {
    static const std::map<std::string, std::vector<std::string>> known = {
        {"user", {"auth.user", "users.user", "accounts.user"}},
        {"owner", {"auth.user", "users.user", "accounts.user"}},
        {"created_by", {"auth.user", "users.user", "accounts.user"}},
        {"modified_by", {"auth.user", "users.user", "accounts.user"}},
        {"author", {"auth.user", "users.user", "accounts.user"}},
        {"authors", {"auth.user", "users.user", "accounts.user"}},
        {"groups", {"auth.group"}},
        {"content_type", {"contenttypes.contenttype"}},
        {"base_content_type", {"contenttypes.contenttype"}},
        {"site", {"sites.site", "wagtailcore.site"}},
        {"sites", {"sites.site"}},
        {"image", {"wagtailimages.image"}},
        {"keyword", {"generic.keyword"}},
        {"tag", {"taggit.tag"}},
        {"tags", {"taggit.tag"}},
        {"page", {"wagtailcore.page"}},
        {"locale", {"wagtailcore.locale"}},
        {"revision", {"reversion.revision", "wagtailcore.revision"}},
        {"root_page", {"wagtailcore.page"}},
        {"placeholder", {"cms.placeholder"}},
    };
    return known;
}

std::string without_number(std::string name) {
    auto last = name.find_last_not_of("0123456789");
    if (last == std::string::npos) return name;
    name.resize(last + 1);
    if (name.size() > 1 && name.back() == '_') name.pop_back();
    return name;
}

std::vector<std::string> singulars(const std::string& name) {
    std::vector<std::string> all = {name};
    if (name.ends_with("ies")) all.push_back(name.substr(0, name.size() - 3) + "y");
    if (name.ends_with("es")) all.push_back(name.substr(0, name.size() - 2));
    if (name.ends_with("s")) all.push_back(name.substr(0, name.size() - 1));
    return all;
}

std::string without_underscores(std::string name) {
    std::erase(name, '_');
    return name;
}

}  // namespace

bool Relations::has(const std::string& model) const {
    return std::find(models_.begin(), models_.end(), model) != models_.end();
}

std::string Relations::by_class(const std::string& name, const std::string& near) const {
    auto beside = std::string(app_of(near)) + "." + name;
    if (has(beside)) return beside;
    std::string found;
    for (const auto& model : models_) {
        if (class_of(model) != name) continue;
        if (!found.empty()) return "";
        found = model;
    }
    return found;
}

Relations::Found Relations::find(const std::string& model, const std::string& field) const {
    auto told = told_.find(model + "." + field);
    if (told != told_.end()) return {told->second};
    if (field == "parent" || field == "related" || field == "related_posts") return {model};
    auto plain = without_number(lower(field));
    // `main_topic` is a topic, if there is nothing nearer.
    std::vector<std::string> candidates = {plain};
    if (auto last = plain.rfind('_'); last != std::string::npos) {
        candidates.push_back(plain.substr(last + 1));
    }
    for (const auto& candidate : candidates) {
        for (const auto& name : singulars(without_underscores(candidate))) {
            auto found = by_class(name, model);
            if (!found.empty()) return {std::move(found)};
        }
        auto custom = customs().find(candidate);
        if (custom == customs().end()) continue;
        for (const auto& known : custom->second) {
            if (has(known)) return {known, true};
        }
    }
    return {};
}

}  // namespace django
