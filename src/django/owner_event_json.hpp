#pragma once

#include <string>

#include "bus/event.hpp"
#include "owner.hpp"

namespace django {

/// `model_owner_changed.v1`
struct ModelOwnerChanged {
    std::string model;
    Owner before = Owner::django;
    Owner after = Owner::django;
};

std::string to_json(const ModelOwnerChanged& event);
/// Throws std::runtime_error for what no version of this program has written.
ModelOwnerChanged owner_event(const bus::Event& event);

/// `{"models": [{"model", "owner", "changed_at", "changed_by"}]}`, and one of these.
std::string to_json(const ModelOwners& owners);
std::string to_json(const std::string& model, const ModelOwner& owner);

}  // namespace django
