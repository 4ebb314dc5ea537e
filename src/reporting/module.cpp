#include "reporting/module.hpp"

#include <deque>

#include "base/ids.hpp"
#include "breakdown_json.hpp"
#include "crash_files.hpp"
#include "host/task_group.hpp"
#include "sender_service.hpp"
#include "span_json.hpp"
#include "telemetry/breakdowns.hpp"
#include "telemetry/log.hpp"
#include "telemetry/spans.hpp"

namespace reporting {

namespace {

using Client = std::shared_ptr<http::Client>;

constexpr const char* spans_name = "spans";
constexpr const char* breakdowns_name = "breakdowns";

std::string make_id() {
    auto high = base::random_bits();
    auto low = base::random_bits();
    return base::span_id(high) + base::span_id(low);
}

Subject spans_to(const Destination& destination, const Config& config, const std::string& version) {
    Subject subject;
    subject.name = spans_name;
    subject.destination = destination;
    subject.fields = {{"Content-Type", "application/json"}};
    subject.next = [speaker = Speaker{config.service, version, make_id()},
                    most = static_cast<std::size_t>(
                        config.traces.spans_per_batch_max)]() -> std::optional<Message> {
        auto spans = telemetry::take_spans(most);
        if (spans.empty()) return std::nullopt;
        return Message{to_json(speaker, spans), spans.size()};
    };
    subject.dropped = telemetry::spans_dropped;
    subject.rejected = rejected_spans;
    return subject;
}

/// Those of earlier runs, until somebody is told of them.
struct Crashes {
    std::filesystem::path folder;
    std::size_t kept = 1;
    std::deque<FoundCrash> found{};

    void put_all_aside() {
        for (const auto& crash : found) put_aside(folder, crash.file, kept);
        found.clear();
    }
};

/// Crashes first: one message each, as an envelope has one event. One that is not taken is told
/// after the next start.
Subject breakdowns_to(const SentryProject& project, const Installation& installation,
                      Crashes crashes, const std::string& version, const base::Clock& clock) {
    Subject subject;
    subject.name = breakdowns_name;
    subject.destination = project.destination;
    subject.fields = {{"Content-Type", "application/x-sentry-envelope"},
                      {"X-Sentry-Auth", "Sentry sentry_version=7, sentry_client=portal/" + version +
                                            ", sentry_key=" + project.key}};
    subject.next = [installation, waiting = std::move(crashes),
                    &clock]() mutable -> std::optional<Message> {
        if (!waiting.found.empty()) {
            auto crash = std::move(waiting.found.front());
            waiting.found.pop_front();
            auto told = [folder = waiting.folder, kept = waiting.kept, file = crash.file] {
                put_aside(folder, file, kept);
            };
            auto envelope = envelope_of(installation, crash.record, make_id(), clock.now());
            return Message{std::move(envelope), 1, std::move(told)};
        }
        auto taken = telemetry::take_breakdowns(1);
        if (taken.empty()) return std::nullopt;
        return Message{envelope_of(installation, taken.front(), make_id(), clock.now())};
    };
    subject.dropped = telemetry::breakdowns_dropped;
    return subject;
}

void log_crash(const FoundCrash& crash) {
    const auto& record = crash.record;
    auto when = record.at ? base::to_rfc3339(*record.at) : std::string("an unknown moment");
    auto signal = record.signal.empty() ? std::string("an unknown signal") : record.signal;
    telemetry::log(telemetry::Level::error, "reporting", "an earlier run ended by a crash",
                   {{"signal", signal},
                    {"at", when},
                    {"version", record.version},
                    {"thread", record.thread},
                    {"record", crash.file}},
                   record.last_request);
}

struct Opened {
    std::optional<Destination> collector{};
    std::optional<SentryProject> sentry{};
    Client client{};
};

class RunningModule final : public Module {
public:
    RunningModule(const Config& config, const host::Environment& environment, const Opened& opened,
                  Crashes crashes)
        : clock_(environment.clock),
          shown_(config.crash_shown_h),
          tasks_("reporting", environment),
          newest_crash_(newest_crash(environment.folder)) {
        for (const char* name : {spans_name, breakdowns_name}) {
            SenderService::make_counters(environment.metrics, name);
        }
        if (opened.collector) {
            start_traces(config.traces);
            senders_.push_back(std::make_unique<SenderService>(
                spans_to(*opened.collector, config, environment.version), config.send,
                opened.client, environment));
        }
        if (!opened.sentry) {
            crashes.put_all_aside();
            return;
        }
        start_breakdowns(config.errors);
        Installation installation{opened.sentry->dsn, "portal@" + environment.version,
                                  config.errors.environment};
        senders_.push_back(std::make_unique<SenderService>(
            breakdowns_to(*opened.sentry, installation, std::move(crashes), environment.version,
                          environment.clock),
            config.send, opened.client, environment));
    }
    ~RunningModule() override {
        telemetry::stop_traces();
        telemetry::stop_breakdowns();
    }

    std::string name() const override { return "reporting"; }
    std::vector<operations::Check> checks() override {
        return {{"crash", [] { return std::string(); }, [this] { return warning(); }}};
    }
    base::Task<void> start() override {
        for (auto& sender : senders_) {
            tasks_.spawn("send-" + sender->name(), sender->name() + " are not sent",
                         [&sender] { return sender->run(); });
        }
        co_return base::Result<void>();
    }
    base::Task<void> stop(base::Deadline deadline) override {
        for (auto& sender : senders_) sender->stop();
        co_return co_await tasks_.ended(deadline);
    }

private:
    static void start_traces(const TraceConfig& config) {
        telemetry::TraceRules rules;
        if (config.sample_one_in > 0) rules.share = 1.0 / static_cast<double>(config.sample_one_in);
        rules.follow_caller = config.follow_caller;
        rules.spans_max = static_cast<std::size_t>(config.spans_max);
        rules.remembered_max = static_cast<std::size_t>(config.requests_remembered_max);
        telemetry::start_traces(rules);
    }
    static void start_breakdowns(const ErrorConfig& config) {
        telemetry::start_breakdowns(
            {static_cast<std::size_t>(config.queued_max), config.per_minute_max, config.repeat});
    }
    std::string warning() const {
        if (!newest_crash_ || clock_.now() - *newest_crash_ > shown_) return "";
        return "a run ended by a crash at " + base::to_rfc3339(*newest_crash_) +
               "; its record is in the data folder";
    }

    const base::Clock& clock_;
    const std::chrono::hours shown_;
    host::TaskGroup tasks_;
    const std::optional<base::Time> newest_crash_;
    std::vector<std::unique_ptr<SenderService>> senders_;
};

base::Error named(const char* code, const std::string& setting, const base::Error& error) {
    return {base::Reason::invalid, code, "reporting." + setting + ": " + error.message};
}

base::Result<Opened> open_ways(const Config& config, const host::Environment& environment) {
    Opened opened;
    if (!environment.scheduled) return opened;
    if (!config.traces.endpoint.empty()) {
        auto collector = parse_endpoint(config.traces.endpoint, "/v1/traces");
        if (!collector) {
            return named("reporting_endpoint", "traces.endpoint", collector.error());
        }
        opened.collector = *collector;
    }
    if (!config.errors.sentry_dsn_file.empty()) {
        auto project = read_dsn(config.errors.sentry_dsn_file);
        if (!project) {
            return named("sentry_dsn_unusable", "errors.sentry_dsn_file", project.error());
        }
        opened.sentry = *project;
    }
    if (!opened.collector && !opened.sentry) return opened;
    http::ClientConfig asking;
    asking.first_byte_timeout = config.send.timeout;
    asking.ca_file = config.send.ca_file;
    auto client = http::make_client(asking, environment.metrics);
    if (!client) return named("ca_unusable", "send.ca_file", client.error());
    opened.client = std::move(*client);
    return opened;
}

}  // namespace

base::Result<std::unique_ptr<Module>> Module::open(const Config& config,
                                                   const host::Environment& environment) {
    auto opened = open_ways(config, environment);
    if (!opened) return opened.error();
    Crashes crashes{environment.folder, static_cast<std::size_t>(config.crashes_kept_max)};
    if (environment.scheduled) {
        for (auto& crash : find_crashes(crashes.folder, crashes.kept)) {
            log_crash(crash);
            crashes.found.push_back(std::move(crash));
        }
    }
    return {boost::system::in_place_value,
            std::make_unique<RunningModule>(config, environment, *opened, std::move(crashes))};
}

}  // namespace reporting
