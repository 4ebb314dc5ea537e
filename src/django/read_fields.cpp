#include "read_fields.hpp"

namespace django {

namespace {

class Reader {
public:
    explicit Reader(ReadFields& found) : found_(found) {}

    void add(const Path& path) { found_.names.insert(path.steps.begin(), path.steps.end()); }
    void add(const Condition& condition) {
        for (const auto& test : condition) add(test.path);
    }
    void add(const Rows& rows) {
        for (const auto& path : rows.paths) add(path);
        if (rows.reverse) found_.models.insert(rows.reverse->model);
        add(rows.where);
        found_.names.insert(rows.by);
    }
    void add(const Expression& rule) {
        add(rule.path);
        for (const auto& part : rule.parts) add(part.path);
        for (const auto& inner : rule.inner) add(inner);
        add(rule.rows);
        for (const auto& branch : rule.branches) {
            add(branch.condition);
            if (branch.then) add(*branch.then);
        }
        found_.names.insert(rule.tree_field);
        add(rule.plugins.placeholder);
    }
    void add(const ItemRules& rules) {
        add(rules.where);
        for (const auto* rule : {&rules.id,
                                 &rules.type,
                                 &rules.title,
                                 &rules.description,
                                 &rules.content,
                                 &rules.content_format,
                                 &rules.author,
                                 &rules.owner,
                                 &rules.authors,
                                 &rules.tags,
                                 &rules.published_at,
                                 &rules.created_at,
                                 &rules.updated_at,
                                 &rules.slug,
                                 &rules.language,
                                 &rules.canonical_url,
                                 &rules.expires_at,
                                 &rules.related,
                                 &rules.url,
                                 &rules.image.source,
                                 &rules.image.alt,
                                 &rules.image.caption,
                                 &rules.image.credit,
                                 &rules.corrections.kind,
                                 &rules.corrections.text,
                                 &rules.corrections.at,
                                 &rules.history.at,
                                 &rules.history.by}) {
            add(*rule);
        }
        for (const auto& [name, rule] : rules.extra) add(rule);
        add(rules.state.published);
        if (rules.state.status) add(*rules.state.status);
        add(rules.corrections.rows);
        for (const auto& rows : rules.history.rows) add(rows);
    }

private:
    ReadFields& found_;
};

}  // namespace

ReadFields read_for_articles(const Mapping& mapping) {
    ReadFields found;
    Reader reader(found);
    for (const auto& rules : mapping.items) reader.add(rules);
    return found;
}

std::set<std::string> read_by(const Condition& condition) {
    ReadFields found;
    Reader(found).add(condition);
    return found.names;
}

}  // namespace django
