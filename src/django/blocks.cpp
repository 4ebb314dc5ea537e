#include "blocks.hpp"

#include <algorithm>

#include "html_text.hpp"

namespace django {

namespace {

constexpr int depth_max = 16;

std::string element(const std::string& name, const std::string& content) {
    if (content.empty()) return "";
    return "<" + name + ">" + content + "</" + name + ">\n";
}

std::string link_to(const std::string& address, const std::string& text) {
    if (address.empty()) return "";
    return "<a href=\"" + escaped(address) + "\">" + escaped(text) + "</a>";
}

Value keyed(const std::string& text) {
    bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
    return digits ? Value::number(text) : Value(text);
}

}  // namespace

std::string Blocks::page_address(const Value& key) const {
    auto row = evaluation_.lookup().find("wagtailcore.page", key);
    const auto* path = row ? row->fields.find("url_path") : nullptr;
    if (!path) return "";
    // `/home/news/a/` is `/news/a/` to readers.
    auto second = path->text.find('/', 1);
    bool leads = second != std::string::npos && evaluation_.spend(path->text.size());
    return leads ? path->text.substr(second) : "";
}

std::string Blocks::file_of(const std::string& model, const Value& key) const {
    Expression file;
    file.kind = Expression::Kind::file;
    Expression path;
    path.kind = Expression::Kind::path;
    path.path.steps = {"file"};
    file.inner.push_back(std::move(path));
    auto row = evaluation_.lookup().find(model, key);
    if (!row) {
        evaluation_.warn("dangling_key",
                         "a text names a row of " + model + " that is not there: " + key.text);
        return "";
    }
    return evaluation_.text(file, {row, {}});
}

std::string Blocks::image_address(const Value& key) const {
    if (key.is_empty()) return "";
    return file_of(evaluation_.images(), key);
}

std::string Blocks::picture(const Value& key, std::string alt, const std::string& caption) const {
    bool is_address = key.text.starts_with("http") || key.text.find('/') != std::string::npos;
    auto source = is_address ? key.text : image_address(key);
    if (source.empty()) return "";
    if (alt.empty() && !is_address) {
        auto row = evaluation_.lookup().find(evaluation_.images(), key);
        if (const auto* title = row->fields.find("title")) alt = title->text;
    }
    if (!evaluation_.spend(source.size() + alt.size() + caption.size())) return "";
    auto out = "<figure><img src=\"" + escaped(source) + "\" alt=\"" + escaped(alt) + "\">";
    if (!caption.empty()) out += "<figcaption>" + escaped(caption) + "</figcaption>";
    return out + "</figure>\n";
}

std::string Blocks::rich_text(std::string_view html) const {
    return replace_tags(html, [&](const Tag& tag, std::string& out) {
        auto attribute = [&](const char* name) {
            auto found = tag.attributes.find(name);
            return found == tag.attributes.end() ? std::string() : found->second;
        };
        if (tag.name == "a" && !tag.closes && tag.attributes.contains("linktype")) {
            auto key = keyed(attribute("id"));
            auto address = attribute("linktype") == "page" ? page_address(key)
                           : attribute("linktype") == "document"
                               ? file_of("wagtaildocs.document", key)
                               : std::string();
            if (address.empty()) {
                evaluation_.warn("dead_link", "a link to " + attribute("linktype") + " " +
                                                  key.text + " leads nowhere");
            }
            out += address.empty() ? "<a>" : "<a href=\"" + escaped(address) + "\">";
            return true;
        }
        if (tag.name != "embed") return false;
        if (tag.closes) return true;
        if (attribute("embedtype") == "image") {
            out += picture(keyed(attribute("id")), attribute("alt"), "");
        } else {
            auto link = link_to(attribute("url"), attribute("url"));
            if (!link.empty()) out += "<p>" + link + "</p>";
        }
        return true;
    });
}

std::string Blocks::stream(const Value& blocks, int depth) const {
    if (depth > depth_max) {
        evaluation_.warn("too_deep", "blocks are nested too deep and were left out");
        return "";
    }
    std::string out;
    for (const auto& one : blocks.items) {
        const auto* type = one.find("type");
        const auto* value = one.find("value");
        if (!type || !value) {
            evaluation_.warn("unknown_block", "a block has no type or no value");
            continue;
        }
        auto rule = rules_.find(type->text);
        if (rule == rules_.end()) rule = rules_.find("*");
        out += block(rule == rules_.end() ? BlockRule{} : rule->second, *value, type->text, depth);
    }
    return out;
}

std::string Blocks::block(const BlockRule& rule, const Value& value, const std::string& type,
                          int depth) const {
    using Kind = BlockRule::Kind;
    switch (rule.kind) {
        case Kind::html:
            return rich_text(value.text) + (value.text.empty() ? "" : "\n");
        case Kind::raw:
            return value.text + "\n";
        case Kind::wrapped:
            return element(rule.element, escaped(value.text));
        case Kind::list:
            return list(rule, value);
        case Kind::figure:
            return figure(rule, value);
        case Kind::blockquote:
            return quote(rule, value);
        case Kind::link:
            return link(rule, value);
        case Kind::rows:
            return rows(rule, value);
        case Kind::embed:
            return element("p", link_to(value.text, value.text));
        case Kind::stream:
            return stream(value, depth + 1);
        case Kind::members:
            return members(rule, value, depth + 1);
        case Kind::skip:
            return "";
        case Kind::warn:
            break;
    }
    evaluation_.warn("unknown_block", "a block of type " + type + " has no rule and was left out");
    return "";
}

std::string Blocks::members(const BlockRule& rule, const Value& value, int depth) const {
    if (depth > depth_max) {
        evaluation_.warn("too_deep", "blocks are nested too deep and were left out");
        return "";
    }
    // A ListBlock of structs: the rule is that of each.
    if (value.is_list()) {
        std::string out;
        for (const auto& item : value.items) {
            const auto* inner = item.find("value");
            out += members(rule, inner ? *inner : item, depth + 1);
        }
        return out;
    }
    std::string out;
    for (const auto& [name, inner] : rule.members) {
        const auto* member = value.find(name);
        if (member && !member->is_empty()) out += block(inner, *member, name, depth);
    }
    return out;
}

std::string Blocks::list(const BlockRule& rule, const Value& value) const {
    std::string items;
    for (const auto& item : value.items) {
        const auto* inner = item.find("value");
        items += element("li", rich_text((inner ? *inner : item).text));
    }
    return element(rule.element, items.empty() ? "" : "\n" + items);
}

std::string Blocks::argument(const BlockRule& rule, std::size_t number, const Value& value) const {
    if (number >= rule.arguments.size()) return "";
    auto found = evaluation_.follow(rule.arguments[number], {nullptr, value}, false);
    return found.empty() ? "" : found.front().value.text;
}

std::string Blocks::figure(const BlockRule& rule, const Value& value) const {
    if (rule.arguments.empty()) return picture(keyed(value.text), "", "");
    auto path = rule.arguments.front();
    // `image.file` of a struct that has the key of the picture is that picture.
    if (path.steps.size() == 2 && path.steps.back() == "file") path.steps.pop_back();
    auto found = evaluation_.follow(path, {nullptr, value}, false);
    if (found.empty()) return "";
    return picture(keyed(found.front().value.text), argument(rule, 2, value),
                   argument(rule, 1, value));
}

std::string Blocks::quote(const BlockRule& rule, const Value& value) const {
    if (rule.arguments.empty()) return element("blockquote", element("p", escaped(value.text)));
    auto content = element("p", escaped(plain_text(argument(rule, 0, value))));
    content += element("p", escaped(argument(rule, 1, value)));
    return element("blockquote", content);
}

std::string Blocks::link(const BlockRule& rule, const Value& value) const {
    auto address = argument(rule, 0, value);
    auto text = argument(rule, 1, value);
    auto key = keyed(address);
    if (key.is_number()) {
        address = page_address(key);
        auto page = evaluation_.lookup().find("wagtailcore.page", key);
        const auto* title = page ? page->fields.find("title") : nullptr;
        if (text.empty() && title) text = title->text;
        if (address.empty()) {
            evaluation_.warn("dead_link", "a link to page " + key.text + " leads nowhere");
            return element("p", escaped(text));
        }
    }
    return element("p", link_to(address, text.empty() ? address : text));
}

/// Rows that have no page of their own, as snippets of Wagtail.
std::string Blocks::rows(const BlockRule& rule, const Value& value) const {
    std::string items;
    auto take = [&](const Value& key) {
        auto row = evaluation_.lookup().find(rule.model, key);
        if (!row) {
            evaluation_.warn("dangling_key", "a block names a row of " + rule.model +
                                                 " that is not there: " + key.text);
            return;
        }
        std::string text;
        for (const auto& path : rule.arguments) {
            for (const auto& one : evaluation_.follow(path, {row, {}}, false)) {
                if (!one.value.is_scalar() || one.value.text.empty()) continue;
                text += (text.empty() ? "" : " ") + one.value.text;
            }
        }
        if (evaluation_.spend(text.size())) items += element("li", escaped(text));
    };
    if (!value.is_list()) take(value);
    for (const auto& item : value.items) {
        if (!value.is_list()) break;
        const auto* inner = item.find("value");
        take(inner ? *inner : item);
    }
    return element("ul", items.empty() ? "" : "\n" + items);
}

std::string Blocks::plugins(const PluginRules& rules, const Scope& scope) const {
    auto placeholders = evaluation_.follow(rules.placeholder, scope, false);
    if (placeholders.empty()) return "";
    std::string out;
    // A plugin within another stands in the text of that one.
    auto found = evaluation_.lookup().pointing({"cms.cmsplugin", {"placeholder"}},
                                               "cms.placeholder", placeholders.front().value);
    std::vector<std::pair<std::int64_t, RowPointer>> ordered;
    for (const auto& row : found) {
        const auto* parent = row->fields.find("parent");
        const auto* language = row->fields.find("language");
        if (parent && !parent->is_null()) continue;
        bool other = language && !rules.language.empty() && language->text != rules.language;
        if (other) continue;
        const auto* position = row->fields.find("position");
        auto text = position ? position->text : "0";
        bool digits = !text.empty() && text.size() < 10 &&
                      text.find_first_not_of("0123456789") == std::string::npos;
        ordered.emplace_back(digits ? std::stoll(text) : 0, row);
    }
    std::stable_sort(ordered.begin(), ordered.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [position, row] : ordered) {
        bool known = false;
        for (const auto& [model, path] : rules.models) {
            auto plugin = evaluation_.lookup().find(model, row->key);
            if (!plugin) continue;
            known = true;
            for (const auto& one : evaluation_.follow(path, {plugin, {}}, false)) {
                out += one.value.text + "\n";
            }
        }
        if (known) continue;
        const auto* type = row->fields.find("plugin_type");
        evaluation_.warn("unknown_block", "a plugin " + (type ? type->text : std::string()) +
                                              " has no rule and was left out");
    }
    return out;
}

}  // namespace django
