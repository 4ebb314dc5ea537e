#include "portal_reader_service.hpp"

namespace django {

namespace {

constexpr std::int64_t events_at_once = 500;
constexpr std::int64_t people_at_once = 500;

/// Another refusal than that there is none.
bool is_failure(const base::Error& error) {
    return error.reason != base::Reason::not_found;
}

base::Error view_behind() {
    return {base::Reason::unavailable, "view_behind",
            "An article changed, or its view does not show it yet. Run the export again."};
}

}  // namespace

base::Context reading_context() {
    base::Context context;
    context.actor.role = base::Role::admin;
    context.request_id = "export";
    return context;
}

base::Result<std::vector<bool>> PortalReader::known(const std::vector<std::string>& legacy_ids) {
    std::vector<bool> out(legacy_ids.size());
    for (const auto& [type, instance] : exported_.types) {
        auto known = base::run(instance->importer().imported(legacy_ids, reading_context()));
        if (!known) return known.error();
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = out[i] || (*known)[i].has_value();
    }
    return out;
}

base::Result<std::vector<PortalArticle>> PortalReader::articles(
    const std::vector<std::string>& legacy_ids) {
    std::vector<PortalArticle> out(legacy_ids.size());
    for (const auto& [type, instance] : exported_.types) {
        auto known = base::run(instance->importer().imported(legacy_ids, reading_context()));
        if (!known) return known.error();
        for (std::size_t i = 0; i < out.size(); ++i) {
            const auto& one = (*known)[i];
            if (!one || out[i].kind == PortalArticle::Kind::here) continue;
            out[i].kind = PortalArticle::Kind::removed;
            if (one->removed) continue;
            auto article = base::run(instance->queries().article(one->id, reading_context()));
            if (!article) return is_failure(article.error()) ? article.error() : view_behind();
            out[i] = {PortalArticle::Kind::here, std::move(*article)};
        }
    }
    return out;
}

base::Result<std::vector<bool>> PortalReader::removed(const std::vector<std::string>& legacy_ids) {
    std::vector<bool> here(legacy_ids.size()), gone(legacy_ids.size());
    for (const auto& [type, instance] : exported_.types) {
        auto known = base::run(instance->importer().imported(legacy_ids, reading_context()));
        if (!known) return known.error();
        for (std::size_t i = 0; i < legacy_ids.size(); ++i) {
            if (!(*known)[i]) continue;
            ((*known)[i]->removed ? gone : here)[i] = true;
        }
    }
    for (std::size_t i = 0; i < legacy_ids.size(); ++i) gone[i] = gone[i] && !here[i];
    return gone;
}

base::Result<std::vector<PortalPerson>> PortalReader::named(
    std::vector<identity::ExportedAccount> accounts) {
    std::vector<identity::UserId> ids;
    for (const auto& one : accounts) ids.push_back(one.account.id);
    auto profiles = base::run(exported_.people.profiles(ids, false, reading_context()));
    if (!profiles) return profiles.error();
    std::map<identity::UserId, std::string> names;
    for (auto& profile : *profiles) names[profile.id] = std::move(profile.name);
    std::vector<PortalPerson> out;
    for (auto& one : accounts) {
        auto& person = out.emplace_back();
        auto name = names.find(one.account.id);
        if (name != names.end()) person.name = name->second;
        person.account = std::move(one);
    }
    return out;
}

base::Result<std::vector<PortalAccount>> PortalReader::accounts(
    const std::vector<std::string>& legacy_ids) {
    auto found = base::run(exported_.accounts.of_sources(legacy_ids, reading_context()));
    if (!found) return found.error();
    std::vector<PortalAccount> out(legacy_ids.size());
    std::vector<identity::ExportedAccount> here;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i].erased = (*found)[i].erased;
        if (!(*found)[i].account) continue;
        here.push_back(std::move(*(*found)[i].account));
        places.push_back(i);
    }
    auto people = named(std::move(here));
    if (!people) return people.error();
    for (std::size_t i = 0; i < places.size(); ++i) {
        out[places[i]].person = std::move((*people)[i]);
    }
    return out;
}

base::Result<std::optional<std::vector<news::Article>>> PortalReader::new_articles(
    const std::string& type, std::int64_t& position) {
    using Found = std::optional<std::vector<news::Article>>;
    auto& instance = *exported_.types.at(type);
    auto events = base::run(instance.feed().after(position, events_at_once, {}));
    if (!events) return events.error();
    if (events->empty()) return Found();
    std::vector<news::Article> out;
    for (const auto& event : *events) {
        position = event.position;
        // Drafts are in no list, but each article begins with one such event.
        if (!event.type.starts_with("article_created")) continue;
        const auto& queries = instance.queries();
        auto article = base::run(queries.article(event.stream, reading_context()));
        if (!article && is_failure(article.error())) return article.error();
        if (article && article->legacy_id.empty()) out.push_back(std::move(*article));
    }
    return Found(std::move(out));
}

base::Result<std::vector<PortalPerson>> PortalReader::new_people(std::int64_t& after,
                                                                 bool& at_end) {
    auto accounts =
        base::run(exported_.accounts.accounts(after, people_at_once, reading_context()));
    if (!accounts) return accounts.error();
    at_end = accounts->empty();
    if (at_end) return std::vector<PortalPerson>();
    after = accounts->back().account.id;
    std::erase_if(*accounts, [](const auto& one) { return !one.account.source.empty(); });
    auto people = named(std::move(*accounts));
    if (!people) return people;
    for (auto& person : *people) {
        auto profile =
            base::run(exported_.people.user(person.account.account.id, reading_context()));
        if (!profile && is_failure(profile.error())) return profile.error();
        if (profile) person.registered_at = profile->created_at;
    }
    return people;
}

}  // namespace django
