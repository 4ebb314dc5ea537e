#include "django/module.hpp"

#include "jobs.hpp"

namespace django {

std::vector<operations::NamedJob> Module::jobs() {
    return {inspect_job(config_), import_job(config_, clock_, neighbours_),
            export_job(config_, clock_, exported_)};
}

base::Task<void> Module::start() {
    co_return base::Result<void>();
}

base::Task<void> Module::stop(base::Deadline) {
    co_return base::Result<void>();
}

}  // namespace django
