#pragma once

#include <cstddef>
#include <string>

#include "django/import_types.hpp"
#include "evaluation.hpp"
#include "reject_file.hpp"

namespace django {

/// The report of an import, as it comes together, within bounds: a site with more kinds of warnings
/// or models has a damaged source, and its report would be no report.
class ReportBuilder {
public:
    explicit ReportBuilder(std::filesystem::path rejected) : rejects_(std::move(rejected)) {}

    /// Before the first reject is counted. Refused with `cannot_write`.
    base::Result<void> begin() { return rejects_.begin(); }

    ImportReport& report() { return report_; }
    /// Rows of damaged sources may each have a model of their own.
    ModelReport& model(const std::string& name);
    /// What the source does not have, in a sentence.
    void lack(const std::string& sentence);
    void hear(const Warnings& warnings, const Row& row);
    void count(const Reject& reject);

    /// The report as it goes out. Refused with `cannot_write`.
    base::Result<ImportReport> finish();

private:
    RejectFile rejects_;
    ImportReport report_;
    std::size_t lacks_ = 0;  ///< also those that the report has no room for
};

}  // namespace django
