#include "telemetry/metrics.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

namespace telemetry {

namespace {

/// In a label's value a quote is escaped too, in the help text of the classic form it must not be.
std::string escaped(std::string_view text, bool quote) {
    std::string out;
    for (char c : text) {
        if (c == '\n') {
            out += "\\n";
            continue;
        }
        if (c == '\\' || (quote && c == '"')) out += '\\';
        out += c;
    }
    return out;
}

/// `a="1",b="2"`, which is also the key under which a metric is kept.
std::string label_text(Labels labels) {
    std::sort(labels.begin(), labels.end());
    std::string out;
    for (const auto& [name, value] : labels) {
        if (!out.empty()) out += ',';
        out += name + "=\"" + escaped(value, true) + '"';
    }
    return out;
}

std::string number(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    // People look for the bucket 0.0001, not 1e-04.
    auto magnitude = std::abs(value);
    bool plain = magnitude == 0 || (magnitude >= 1e-6 && magnitude < 1e15);
    auto format = plain ? std::chars_format::fixed : std::chars_format::general;
    std::array<char, 32> digits{};
    auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, format).ptr;
    return std::string(digits.data(), end);
}

/// Comments of OpenMetrics name a counter without the ending that its samples have.
std::string family_name(const std::string& name, const std::string& type, MetricsForm form) {
    constexpr std::string_view ending = "_total";
    if (form == MetricsForm::classic || type != "counter" || !name.ends_with(ending)) return name;
    return name.substr(0, name.size() - ending.size());
}

void append_sample(std::string& out, const std::string& name, const std::string& labels,
                   const std::string& value, const std::string& behind = {}) {
    out += name;
    if (!labels.empty()) out += '{' + labels + '}';
    out += ' ' + value + behind + '\n';
}

std::size_t bucket_of(double seconds) {
    const auto& bounds = Histogram::bounds_seconds;
    auto bound = std::lower_bound(bounds.begin(), bounds.end(), seconds);
    return static_cast<std::size_t>(bound - bounds.begin());
}

/// Behind a sample, as OpenMetrics has it.
std::string exemplar_text(const base::Trace& trace, double seconds, base::Time at) {
    auto micros = std::to_string(base::to_micros(at));
    auto moment = micros.size() > 6 ? micros.insert(micros.size() - 6, ".") : std::string("0");
    return " # {trace_id=\"" + base::trace_id(trace) + "\"} " + number(seconds) + ' ' + moment;
}

}  // namespace

void Histogram::observe(double seconds) {
    counts_[bucket_of(seconds)].fetch_add(1, std::memory_order_relaxed);
    auto nanos = seconds > 0 ? static_cast<std::uint64_t>(std::llround(seconds * 1e9)) : 0;
    sum_nanos_.fetch_add(nanos, std::memory_order_relaxed);
}

void Histogram::observe(double seconds, const base::Trace& trace) {
    observe(seconds);
    if (!trace.sampled) return;
    std::lock_guard lock(exemplars_mutex_);
    if (!exemplars_) exemplars_ = std::make_unique<Exemplars>();
    (*exemplars_)[bucket_of(seconds)] = {trace, seconds, base::SystemClock().now()};
}

void Histogram::append_to(std::string& out, const std::string& name, const std::string& labels,
                          MetricsForm form) const {
    std::string separator = labels.empty() ? "" : ",";
    std::uint64_t count = 0;
    std::optional<Exemplars> shown;
    if (form == MetricsForm::open) {
        std::lock_guard lock(exemplars_mutex_);
        if (exemplars_) shown = *exemplars_;
    }
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        count += counts_[i].load(std::memory_order_relaxed);
        auto bound = i < bounds_seconds.size() ? number(bounds_seconds[i]) : "+Inf";
        std::string behind;
        if (shown && (*shown)[i].trace) {
            const auto& exemplar = (*shown)[i];
            behind = exemplar_text(exemplar.trace, exemplar.seconds, exemplar.at);
        }
        append_sample(out, name + "_bucket", labels + separator + "le=\"" + bound + '"',
                      std::to_string(count), behind);
    }
    auto sum = static_cast<double>(sum_nanos_.load(std::memory_order_relaxed)) / 1e9;
    append_sample(out, name + "_sum", labels, number(sum));
    append_sample(out, name + "_count", labels, std::to_string(count));
}

Metrics::Family& Metrics::family(const std::string& name, const std::string& help,
                                 const char* type) {
    auto& found = families_.try_emplace(name, Family{help, type, {}, {}, {}}).first->second;
    assert(found.type == type && "one name is one kind of metric");
    return found;
}

Counter& Metrics::counter(const std::string& name, const std::string& help, Labels labels) {
    auto key = label_text(std::move(labels));
    std::lock_guard lock(mutex_);
    auto& held = family(name, help, "counter").counters[key];
    if (!held) held = std::make_unique<Counter>();
    return *held;
}

Histogram& Metrics::histogram(const std::string& name, const std::string& help, Labels labels) {
    auto key = label_text(std::move(labels));
    std::lock_guard lock(mutex_);
    auto& held = family(name, help, "histogram").histograms[key];
    if (!held) held = std::make_unique<Histogram>();
    return *held;
}

Metrics::Registration Metrics::gauge(const std::string& name, const std::string& help,
                                     Labels labels, std::function<double()> read) {
    auto gauge = std::make_shared<Gauge>();
    gauge->read = std::move(read);
    auto key = label_text(std::move(labels));
    {
        std::lock_guard lock(mutex_);
        auto& gauges = family(name, help, "gauge").gauges;
        std::erase_if(gauges, [](const auto& entry) { return entry.second.expired(); });
        gauges[key] = gauge;
    }
    // The lock makes the end of a registration wait for a read that is under way.
    auto forget = [gauge](void*) {
        std::lock_guard lock(gauge->mutex);
        gauge->read = nullptr;
    };
    return Registration(std::shared_ptr<void>(gauge.get(), std::move(forget)));
}

std::string Metrics::text(MetricsForm form) const {
    bool open = form == MetricsForm::open;
    std::string out;
    std::lock_guard lock(mutex_);
    for (const auto& [name, family] : families_) {
        std::string samples;
        for (const auto& [labels, counter] : family.counters) {
            append_sample(samples, name, labels, std::to_string(counter->value()));
        }
        for (const auto& [labels, histogram] : family.histograms) {
            histogram->append_to(samples, name, labels, form);
        }
        for (const auto& [labels, held] : family.gauges) {
            auto gauge = held.lock();
            if (!gauge) continue;
            std::lock_guard reading(gauge->mutex);
            if (gauge->read) append_sample(samples, name, labels, number(gauge->read()));
        }
        if (samples.empty()) continue;
        auto said = family_name(name, family.type, form);
        out += "# HELP " + said + ' ' + escaped(family.help, open) + '\n';
        out += "# TYPE " + said + ' ' + family.type + '\n' + samples;
    }
    if (open) out += "# EOF\n";
    return out;
}

}  // namespace telemetry
