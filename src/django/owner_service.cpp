#include "owner_service.hpp"

#include <algorithm>

namespace django {

namespace {

using base::Error;
using base::Reason;

template <class Rules>
bool has_rules(const std::vector<Rules>& all, const std::string& model) {
    return std::any_of(all.begin(), all.end(),
                       [&](const Rules& rules) { return rules.model == model; });
}

Error no_mapping() {
    return {Reason::conflict, "no_mapping",
            "django.mapping in the configuration names no mapping, so no model is known."};
}

}  // namespace

base::Result<ModelOwners> OwnerService::owners() const {
    if (!mapping_) return no_mapping();
    auto usable = store_->usable();
    if (!usable) return usable.error();
    auto known = store_->owners();
    ModelOwners owners;
    auto add = [&](const auto& all) {
        for (const auto& rules : all) {
            auto found = known->find(rules.model);
            owners[rules.model] = found == known->end() ? ModelOwner() : found->second;
        }
    };
    add(mapping_->users);
    add(mapping_->items);
    add(mapping_->redirects);
    return owners;
}

base::Task<ModelOwner> OwnerService::set(std::string model, Owner owner, base::Context context) {
    auto known = owners();
    if (!known) co_return known.error();
    if (!known->contains(model)) {
        co_return Error{Reason::not_found, "model_not_found", "The mapping names no such model."};
    }
    if (owner == Owner::portal && !has_rules(mapping_->items, model)) {
        co_return Error{Reason::conflict, "not_to_be_owned",
                        "Only models that articles are made of can be portal's: the feed tells "
                        "Django of nothing else."};
    }
    co_return co_await store_->set(std::move(model), owner, std::move(context));
}

ModelOwner OwnerService::owner_of(const std::string& model) const {
    // It may have been said under another mapping.
    if (!mapping_ || !has_rules(mapping_->items, model)) return {};
    auto known = store_->owners();
    auto found = known->find(model);
    return found == known->end() ? ModelOwner() : found->second;
}

bool OwnerService::is_portals(const std::string& model) const {
    return owner_of(model).owner == Owner::portal;
}

bool OwnerService::is_told(const std::string& model, base::Time changed_at) const {
    auto now = owner_of(model);
    // Who has it since a time has it from the other.
    return now.owner == Owner::portal || (now.changed_at && changed_at <= *now.changed_at);
}

std::vector<std::string> OwnerService::left_to_django() const {
    std::vector<std::string> left;
    if (!mapping_) return left;
    for (const auto& rules : mapping_->items) {
        bool told = std::find(left.begin(), left.end(), rules.model) != left.end();
        if (!told && !is_portals(rules.model)) left.push_back(rules.model);
    }
    return left;
}

base::Result<void> OwnerService::may_change(const std::string& legacy_id) const {
    auto model = legacy_id.substr(0, legacy_id.find(':'));
    bool is_theirs = mapping_ && has_rules(mapping_->items, model) && !is_portals(model);
    if (!is_theirs) return {};
    auto known = store_->usable();
    if (!known) return known.error();
    return Error{Reason::conflict, "owned_by_django",
                 "This article is changed in the Django site, which owns " + model +
                     ". PUT /v1/migration/models/" + model + " changes that."};
}

}  // namespace django
