#include "site.hpp"

#include <cstdlib>

#include "commands.hpp"
#include "exit_code.hpp"
#include "telemetry/log.hpp"

namespace portal {

base::Result<std::unique_ptr<Site>> Site::open(const Settings& settings, std::size_t io_threads,
                                               bool scheduled) {
    std::unique_ptr<Site> site(new Site);
    auto lineage = database::Lineage::open(settings.data.folder,
                                           stores_of(*settings.modules, settings.data.folder),
                                           settings.data.accept_older);
    if (!lineage) return lineage.error();
    site->lineage_ = std::move(*lineage);
    host::Host::Options options;
    options.folder = settings.data.folder;
    options.io_threads = io_threads;
    options.scheduled = scheduled;
    options.accept_older_data = settings.data.accept_older;
    options.open_mode = settings.security.mode == "open";
    options.version = PORTAL_VERSION;
    options.restarts = {settings.operations.restart_wait_min_ms,
                        settings.operations.restart_wait_max_ms};
    if (settings.data.on_sync_failure == "read_only") {
        options.if_sync_fails = database::IfSyncFails::read_only;
    }
    site->host_ = std::make_unique<host::Host>(std::move(options), site->clock_);
    auto opened = open_modules(*settings.modules, *site->host_, site->public_side_);
    if (!opened) return opened.error();
    try {
        site->lineage_->started();
    } catch (const std::exception& failure) {
        return base::Error{base::Reason::unavailable, "cannot_open",
                           std::string("The start cannot be noted: ") + failure.what() + "."};
    }
    return site;
}

void stop_or_exit(host::Host& host, const Settings& settings) {
    auto stopped = host.stop(base::Deadline::in(settings.operations.stop_timeout_ms));
    if (stopped) return;
    telemetry::stop_log();
    complain(
        "what goes on in the background did not end within operations.stop_timeout_ms, so it is "
        "left; what was acknowledged is safe.",
        failed);
    std::_Exit(failed);
}

Site::~Site() {
    host_.reset();
    if (!lineage_) return;
    try {
        lineage_->stopping();
    } catch (const std::exception& failure) {
        telemetry::log(telemetry::Level::warning, "main", "the end of this run is not noted",
                       {{"error", failure.what()}});
    }
}

}  // namespace portal
