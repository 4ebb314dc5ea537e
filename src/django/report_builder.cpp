#include "report_builder.hpp"

#include "item_rules.hpp"
#include "names.hpp"

namespace django {

namespace {

constexpr std::size_t warning_kinds_max = 100;
constexpr std::size_t lacks_max = 100;
constexpr std::size_t models_told_max = 2000;
constexpr std::size_t sentence_bytes_max = 500;

}  // namespace

ModelReport& ReportBuilder::model(const std::string& name) {
    bool fits = report_.models.contains(name) || report_.models.size() < models_told_max;
    return report_.models[fits ? name : ""];
}

void ReportBuilder::lack(const std::string& sentence) {
    if (++lacks_ <= lacks_max) report_.lacks.push_back(shortened(sentence, sentence_bytes_max));
}

void ReportBuilder::hear(const Warnings& warnings, const Row& row) {
    for (const auto& warning : warnings) {
        auto known = report_.warnings.find(warning.kind);
        if (known == report_.warnings.end() && report_.warnings.size() == warning_kinds_max) {
            continue;
        }
        auto& one = report_.warnings[warning.kind];
        if (one.count++ > 0) continue;
        one.example = shortened(legacy_id_of(row) + ": " + warning.text, sentence_bytes_max);
    }
}

void ReportBuilder::count(const Reject& reject) {
    ++report_.rejected;
    ++report_.reasons[reject.code];
    rejects_.add(reject);
}

base::Result<ImportReport> ReportBuilder::finish() {
    if (!rejects_.is_good()) {
        return base::Error{base::Reason::unavailable, "cannot_write",
                           "The file " + rejects_.path().string() + " cannot be written."};
    }
    if (report_.rejected > 0) report_.rejected_file = rejects_.path();
    if (lacks_ > lacks_max) {
        report_.lacks.push_back("And " + std::to_string(lacks_ - lacks_max) + " more.");
    }
    return std::move(report_);
}

}  // namespace django
