#include "site_rows_service.hpp"

#include "erased_rows_service.hpp"
#include "restriction_service.hpp"

namespace django {

namespace {

/// The first rule of the model that makes something of the row, else the first of the model.
template <class Rules, class Reads>
std::size_t rule_for(const std::vector<Rules>& all, const Row& row, const Reads& reads) {
    std::size_t any = all.size();
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].rules().model != row.model) continue;
        if (any == all.size()) any = i;
        if (reads(all[i])) return i;
    }
    return any;
}

}  // namespace

SiteRows::SiteRows(const Parts& parts)
    : mapping_(parts.mapping),
      staging_(parts.staging),
      now_(parts.now),
      evaluation_(parts.mapping, parts.staging, parts.zone, parts.naive_is_utc),
      survey_(parts.passes),
      finder_(parts.staging, evaluation_, parts.passes, survey_),
      naive_zone_(parts.naive_is_utc ? base::TimeZone() : parts.zone),
      reversal_(parts.mapping, parts.staging, evaluation_, naive_zone_, finder_),
      new_rows_(parts.mapping, parts.staging, parts.passes, survey_, parts.own_pks,
                parts.is_taken) {
    auto restricted = restricted_pages(parts.staging);
    evaluation_.restrict(restricted.value_or(std::vector<std::string>{""}));
    for (const auto& rules : parts.mapping.users) {
        people_.emplace_back(rules, evaluation_, reversal_);
    }
    for (const auto& rules : parts.mapping.items) {
        articles_.emplace_back(rules, parts.mapping, evaluation_, reversal_, parts.embeds, now_,
                               parts.scheduled_is_draft);
    }
}

std::size_t SiteRows::rule_of_article(const RowPointer& row) const {
    auto reads = [&](const ArticleRules& rules) { return rules.read(row).has_value(); };
    return rule_for(articles_, *row, reads);
}

std::size_t SiteRows::rule_of_person(const RowPointer& row) const {
    auto reads = [&](const PersonRules& rules) { return rules.read(row).has_value(); };
    return rule_for(people_, *row, reads);
}

SiteRows::Outcome SiteRows::changed(const RowPointer& row, const news::Article& article) const {
    Outcome out;
    out.rule = rule_of_article(row);
    const auto& rules = articles_[out.rule];
    auto wanted = rules.stand(article, row);
    auto changed = rewritten(row, wanted, rules.of(article), out.left);
    out.row = changed == row ? row : rules.dated(changed, article);
    auto said = rules.read(changed);
    out.stays_public =
        !rules.is_public(article) && !(said && said->at("publication").text == "draft");
    return out;
}

SiteRows::Outcome SiteRows::changed(const RowPointer& row, const PortalPerson& person) const {
    Outcome out;
    out.rule = rule_of_person(row);
    const auto& rules = people_[out.rule];
    auto wanted = rules.stand(person, row);
    out.row = rewritten(row, wanted, rules.of(wanted), out.left);
    return out;
}

RowPointer SiteRows::emptied(const RowPointer& row) {
    const auto& rules = people_[rule_of_person(row)];
    auto kept = read_by(rules.rules().where);
    return rules.emptied(bared(row, kept, mapping_, staging_, survey_));
}

SiteRows::Outcome SiteRows::made(const PortalPerson& person) {
    Outcome out;
    const auto& rules = people_.front();
    auto wanted = rules.stand(person, nullptr);
    out.row = new_rows_.make(
        rules.rules().model, person.account.account.id,
        {"where", "login", "email", "name", "password", "active", "role", "registered"},
        {"login", "email", "password", "active"}, wanted, rules.of(wanted, person.registered_at),
        std::nullopt, out.left);
    return out;
}

SiteRows::Outcome SiteRows::made(const news::Article& article, const std::optional<Given>& given) {
    std::optional<Outcome> first;
    auto key = given ? std::optional(given->key) : std::nullopt;
    for (std::size_t i = 0; i < articles_.size(); ++i) {
        const auto& rules = articles_[i];
        if (given && rules.rules().model != given->model) continue;
        Outcome out;
        out.rule = i;
        out.row = new_rows_.make(rules.rules().model, article.id,
                                 {"where", "type", "title", "content", "description", "author",
                                  "tags", "slug", "publication", "created_at", "updated_at"},
                                 {"type", "title", "content", "content_format", "publication"},
                                 rules.stand(article, nullptr), rules.of(article), key, out.left);
        if (std::holds_alternative<RowPointer>(out.row)) return out;
        if (!first) first = std::move(out);
    }
    if (!first) first.emplace().row = "the mapping has no rules for it";
    first->left.clear();
    return std::move(*first);
}

}  // namespace django
