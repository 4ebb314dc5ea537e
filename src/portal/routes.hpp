#pragma once

#include <memory>

#include "http/router.hpp"
#include "modules.hpp"
#include "orchestrator/module.hpp"

namespace portal {

/// Everything that the public listener answers, with who may call it. `orchestrator` and `modules`
/// must outlive the router.
std::shared_ptr<http::Router> public_router(const Settings& settings,
                                            orchestrator::Orchestrator& orchestrator,
                                            Modules& modules);

}  // namespace portal
